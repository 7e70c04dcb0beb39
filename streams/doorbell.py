"""The doorbell: tells everybody that the log went on. It may fail, lie or be silent.

Nothing is ever learned from the bell but that it is time to look: what happened stands in the
store. Redis carries number, type, realm and scope of each event, so outside systems may listen.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping

import redis

from dispatch import canonical
from dispatch.log import Event
from streams.ear import Ear, Handler, client

log = logging.getLogger(__name__)

CHANNEL = "yiping.bell"
WAITING = 10_000  # bells that wait for Redis; more are not worth keeping
PING_S = 1.0
BREATH_S = 0.004  # the screens of this process come first, and bells of a burst go together


class Doorbell:
    """Rings the rooms of this process at once and those of others through Redis.

    url: "" for no Redis. rang: takes this process's own events. heard: takes the number that
    another process's bell names. also: further channels to listen to on the same connection.
    """

    def __init__(
        self,
        url: str,
        rang: Callable[[list[Event]], None] = lambda _events: None,
        heard: Callable[[int], None] = lambda _number: None,
        also: Mapping[str, Handler] | None = None,
    ) -> None:
        self._url, self._rang, self._heard = url, rang, heard
        self._ear = Ear(url, {CHANNEL: self._on_bell, **(also or {})})
        self._queue: queue.Queue[tuple[str, str]] = queue.Queue(WAITING)
        self._answered = -PING_S * 10

    @property
    def configured(self) -> bool:
        """Whether there is a Redis at all."""
        return bool(self._url)

    @property
    def alive(self) -> bool:
        """Whether Redis answered within the last three seconds and we hear it."""
        return self._ear.hearing and time.monotonic() - self._answered < 3 * PING_S

    def ring(self, events: list[Event]) -> None:
        """Say that these are committed; back at once, whatever Redis does."""
        self._rang(events)
        for event in events:
            self.say(CHANNEL, bell(event))

    def say(self, channel: str, text: str) -> None:
        """Put a message on its way to a channel; it may be lost."""
        if not self._url:
            return
        try:
            self._queue.put_nowait((channel, text))
        except queue.Full:
            log.debug("too many bells wait for Redis")

    def publish(self, stop: threading.Event) -> None:
        """Carry what is said to Redis until `stop`; what it does not take at once is dropped."""
        if not self._url:
            return
        with client(self._url) as connection:
            while not stop.is_set():
                try:
                    _send(connection, self._waiting())
                    self._answered = time.monotonic()
                except (redis.RedisError, OSError) as error:
                    log.debug("Redis did not take the bell: %s", error)
                    stop.wait(0.05)

    def listen(self, stop: threading.Event) -> None:
        """Hear the bells of other processes until `stop`."""
        self._ear.listen(stop)

    def _waiting(self) -> list[tuple[str, str]]:
        """What waits now; an empty list when nothing was said for a second."""
        try:
            found = [self._queue.get(timeout=PING_S)]
        except queue.Empty:
            return []
        time.sleep(BREATH_S)
        while len(found) < 500 and not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found

    def _on_bell(self, _channel: str, data: bytes) -> None:
        try:
            number = canonical.loads(data)["n"]
        except (canonical.JsonError, TypeError, KeyError):
            return
        if isinstance(number, int) and not isinstance(number, bool):
            self._heard(number)


def bell(event: Event) -> str:
    """What the bell says of an event."""
    return canonical.dumps(
        {"n": event.seq, "type": event.type, "realm": event.realm, "scope": list(event.scope)}
    )


def _send(connection: redis.Redis, messages: list[tuple[str, str]]) -> None:
    if not messages:
        connection.ping()
        return
    with connection.pipeline(transaction=False) as line:
        for channel, text in messages:
            line.publish(channel, text)
        line.execute()
