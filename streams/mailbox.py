"""The safe way in by Redis: streams, whose messages stay until they are on disk here.

Each source writes to a stream of its own, `alerts:<source>`. What is read is taken into the log,
then acknowledged and deleted. A worker that dies leaves what it had read to the others.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import redis

from dispatch.errors import Busy
from streams.ear import client, text
from streams.letters import Letter

log = logging.getLogger(__name__)

PREFIX = "alerts:"
FIELD = b"json"
GROUP = "yiping"
READ = 200  # messages at a time: one commit
BLOCK_MS = 500  # how long a read waits; so soon a stop is noticed
ABANDONED_MS = 10_000  # what another read and did not finish for so long is taken over
GONE_MS = 3_600_000  # a worker that lives asks twice a second
CLAIM_EVERY = 10  # reads that brought nothing, or as many full ones
TIMEOUT_S = 3.0
PAUSE_S = 0.2
Entry = tuple[bytes, dict[bytes, bytes]]


class Mailbox:
    """The streams of these sources, read by one of the group's consumers.

    name: this consumer's own; take: all are on disk when it is back, or it raises Busy.
    """

    def __init__(
        self,
        url: str,
        sources: Iterable[str],
        name: str,
        take: Callable[[Sequence[Letter]], None],
    ) -> None:
        self._url, self._name, self._take = url, name, take
        self._all = [f"{PREFIX}{source}" for source in sources]
        self._streams: list[str] = []
        self.reading = False

    def listen(self, stop: threading.Event) -> None:
        """Read until `stop`. Without an address there is nothing to read."""
        while self._url and self._all and not stop.is_set():
            try:
                self._attend(stop)
            except (redis.RedisError, OSError) as error:
                if self.reading:
                    log.warning("the mailbox is out of reach: %s", error)
                self.reading = False
            except Busy as reason:
                log.warning("the store takes no letters, they stay in the mailbox: %s", reason)
            stop.wait(PAUSE_S)
        self.reading = False

    def _attend(self, stop: threading.Event) -> None:
        with client(self._url, TIMEOUT_S) as line:
            self._open(line)
            self.reading = True
            self._tidy(line)
            self._finish(line)
            turns = 0
            while not stop.is_set():
                if turns % CLAIM_EVERY == 0:
                    self._open(line)
                    self._claim(line)
                turns += 1
                self._read(line)

    def _open(self, line: Any) -> None:
        """The group, from the first message on, where it is not there yet.

        A key of the name that is no stream is left out: it does not keep the others waiting.
        """
        self._streams = [stream for stream in self._all if self._opened(line, stream)]

    def _opened(self, line: Any, stream: str) -> bool:
        try:
            line.xgroup_create(stream, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "WRONGTYPE" in str(error):
                log.warning("%s is no stream: nothing can be read from it", stream)
                return False
            if "BUSYGROUP" not in str(error):
                raise
        return True

    def _tidy(self, line: Any) -> None:
        """Each worker has a name of its own: those long gone that hold nothing are forgotten."""
        for stream in self._streams:
            for one in line.xinfo_consumers(stream, GROUP):
                if one["pending"] == 0 and one["idle"] > GONE_MS:
                    line.xgroup_delconsumer(stream, GROUP, one["name"])

    def _finish(self, line: Any) -> None:
        """What this consumer read before and did not finish."""
        for stream in self._streams:
            while entries := _entries(line.xreadgroup(GROUP, self._name, {stream: "0"}, READ)):
                self._deliver(line, entries)

    def _claim(self, line: Any) -> None:
        """What others read and left."""
        for stream in self._streams:
            found = line.xautoclaim(stream, GROUP, self._name, ABANDONED_MS, "0-0", READ)
            mine = [one for one in found[1] if one[1] is not None]
            if mine:
                log.info("took over %d letters of %s that were left", len(mine), stream)
                self._deliver(line, [(stream, mine)])

    def _read(self, line: Any) -> None:
        unread = {stream: ">" for stream in self._streams}
        found = _entries(line.xreadgroup(GROUP, self._name, unread, READ, BLOCK_MS))
        if found:
            self._deliver(line, found)

    def _deliver(self, line: Any, found: list[tuple[str, list[Entry]]]) -> None:
        """Into the log first; then the mailbox need not keep them."""
        self._take([_letter(stream, entry) for stream, entries in found for entry in entries])
        with line.pipeline(transaction=True) as done:
            for stream, entries in found:
                ids = [id for id, _ in entries]
                done.xack(stream, GROUP, *ids)
                done.xdel(stream, *ids)
            done.execute()


def _entries(answer: Any) -> list[tuple[str, list[Entry]]]:
    """What XREADGROUP answered, without the streams that brought nothing."""
    pairs = answer.items() if isinstance(answer, dict) else answer or ()
    return [(text(stream), _flat(entries)) for stream, entries in pairs if _flat(entries)]


def _flat(entries: Any) -> list[Entry]:
    """Entries that are still there; some versions of the client wrap them once more."""
    flat = entries[0] if entries and isinstance(entries[0], list) else entries
    return [(id, fields if fields is not None else {}) for id, fields in flat]


def _letter(stream: str, entry: Entry) -> Letter:
    _, fields = entry
    said = fields[FIELD] if FIELD in fields else _otherwise(fields)
    return Letter("stream", stream, stream.removeprefix(PREFIX), said)


def _otherwise(fields: dict[bytes, bytes]) -> bytes:
    """What a sender put into other fields, for the desk to see: nobody understands it."""
    return b"; ".join([b"no field json", *(name + b"=" + value for name, value in fields.items())])
