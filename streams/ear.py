"""Listens to Redis channels and comes back whenever the connection is lost."""

import logging
import threading
from collections.abc import Callable, Mapping

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

RECONNECT_S = 0.2
POLL_S = 0.5  # how long one wait for a message lasts; so soon a stop is noticed
TIMEOUT_S = 0.25
Handler = Callable[[str, bytes], None]
"""Takes (channel, payload)."""


def client(url: str, timeout_s: float = TIMEOUT_S) -> redis.Redis:
    """A client that gives up at once: what Redis does not take now is not worth waiting for."""
    made: redis.Redis = redis.Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    return made


class Ear:
    """Hands each message of these channels to its handler; a name with `*` is a pattern."""

    def __init__(self, url: str, handlers: Mapping[str, Handler]) -> None:
        self._url, self._handlers = url, dict(handlers)
        self.hearing = False

    def listen(self, stop: threading.Event) -> None:
        """Listen until `stop`. Without an address there is nothing to hear."""
        while self._url and not stop.is_set():
            try:
                self._attend(stop)
            except (redis.RedisError, OSError) as error:
                if self.hearing:
                    log.warning("no longer heard: %s", error)
                self.hearing = False
                stop.wait(RECONNECT_S)
        self.hearing = False

    def _attend(self, stop: threading.Event) -> None:
        with client(self._url) as connection, connection.pubsub() as ears:
            exact = [name for name in self._handlers if "*" not in name]
            patterns = [name for name in self._handlers if "*" in name]
            if exact:
                ears.subscribe(*exact)
            if patterns:
                ears.psubscribe(*patterns)
            while not stop.is_set():
                message = ears.get_message(timeout=POLL_S)
                self.hearing = True
                if message and message["type"] in ("message", "pmessage"):
                    self._hand(message)

    def _hand(self, message: Mapping[str, object]) -> None:
        channel = text(message["channel"])
        handler = self._handlers[text(message["pattern"] or message["channel"])]
        data = message["data"]
        try:
            handler(channel, data if isinstance(data, bytes) else str(data).encode())
        except Exception:
            log.exception("a message on %s could not be handled", channel)


def text(name: object) -> str:
    """A name of Redis, which may be any bytes, as text that every store can hold."""
    said = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    return said.replace("\0", "\ufffd")
