"""Whether the product lives, can work, and how it is."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass, field

from flask import Flask, Response
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from callbacks import codec
from callbacks.services import Services
from dispatch import log
from streams import vitals, watch
from streams.writing import STANDS_S

LATE_MS = 3_000  # so old may a screen's picture be without saying so
PATIENCE_S = 0.5  # a store that takes longer to write a row is not ready for orders
ASK_EVERY_S = 1.0  # whoever asks in between gets the last answer: strangers may ask too


@dataclass(frozen=True)
class Ready:
    """What the last look found. why: the word for what is broken; degraded: what is only worse."""

    ready: bool
    why: str = ""
    head: int | None = None
    took_ms: int = 0
    degraded: list[str] = field(default_factory=list)


def install(server: Flask, services: Services) -> None:
    """/livez says that the process answers, /readyz that orders can be taken, /health more."""
    probe = Probe(services)
    server.extensions["probe"] = probe

    @server.get("/livez")
    def livez() -> Response:
        return _say({"live": True})

    @server.get("/readyz")
    def readyz() -> Response:
        found = probe.look()
        said = {"ready": found.ready, "why": found.why, "degraded": found.degraded}
        return _say({**said, "store_ms": found.took_ms}, 200 if found.ready else 503)

    @server.get("/health")
    def health() -> Response:
        head = _head(services)
        said = {"store": head is not None, "head": head, "now": services.now()}
        hub = {"boot": services.hub.boot, "cursor": services.hub.cursor}
        return _say({**said, **hub, "redis": services.doorbell.alive})


class Probe:
    """Looks whether the store takes a row and can be read, and whether the writer goes on.

    One look at a time.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._threads = ThreadPoolExecutor(1, "probe")
        self._under_way: Future[tuple[int, bool]] | None = None
        self._last = Ready(False, "starting")
        self._looked_at = -ASK_EVERY_S

    def look(self) -> Ready:
        """What is known now; the store is asked at most once a second."""
        if time.monotonic() - self._looked_at >= ASK_EVERY_S:
            self._looked_at = time.monotonic()
            self._last = self._ask()
        return self._last

    def _ask(self) -> Ready:
        began = time.monotonic()
        if self._under_way is None or self._under_way.done():
            self._under_way = self._threads.submit(self._touch)
        try:
            head, silent = self._under_way.result(PATIENCE_S)
        except TooLong:
            return Ready(False, "store_slow", took_ms=_since(began), degraded=self._degraded(False))
        except (SQLAlchemyError, OSError):
            return Ready(False, "store_fails", took_ms=_since(began))
        if self._services.writer.stands_s > STANDS_S:
            return Ready(False, "writer_stands", head, _since(began), self._degraded(silent))
        return Ready(True, "", head, _since(began), self._degraded(silent))

    def _touch(self) -> tuple[int, bool]:
        """Write a row, read the log's head and the watchdog's last word."""
        own = self._services
        now, report = own.now(), own.vitals.report()

        def write(connection: Connection) -> tuple[int, bool]:
            vitals.put(connection, report)
            return log.head(connection), watch.silent(connection, now)

        return own.database.write(write)

    def _degraded(self, silent: bool) -> list[str]:
        """What is worse than it should be and does not keep orders from being taken."""
        bell = self._services.doorbell
        said = [] if bell.alive else ["redis_silent" if bell.configured else "redis_none"]
        late = ["screens_late"] if self._services.hub.behind_ms > LATE_MS else []
        return [*said, *late, *(["watchdog_silent"] if silent else [])]


def _head(services: Services) -> int | None:
    try:
        return services.database.read(log.head)
    except SQLAlchemyError:
        return None


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _say(content: dict[str, object], status: int = 200) -> Response:
    return Response(codec.write(content), status, mimetype="application/json")
