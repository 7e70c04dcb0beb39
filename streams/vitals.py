"""How each process is: what it says of itself every few seconds, for whoever asks any of them."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch import canonical
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import process_seen
from dispatch.vocabulary import REAL
from streams.background import Task, every

EVERY_S = 5.0
LOOP_S = 0.5
GONE_MS = 16_000  # three reports missed: it has died, or hangs
FORGOTTEN_MS = 3_600_000
CHANGING = ("seen_at", "figures_json")

Figure = Callable[[], float]


@dataclass(frozen=True)
class Process:
    """A process as it last reported. figures: name -> value; names are those of the metrics."""

    name: str
    kind: str
    started_at: int
    seen_at: int
    figures: Mapping[str, float]


class Vitals:
    """The figures of this process. kind: web, worker, ...; its name is the same until it ends."""

    def __init__(self, kind: str, now: Callable[[], int] = now_ms) -> None:
        self.kind, self._now = kind, now
        self.started_at = now()
        self.name = f"{kind}:{socket.gethostname()}:{os.getpid()}:{self.started_at}"[-80:]
        self._process = psutil.Process()
        self._figures: dict[str, Figure] = {
            "memory_bytes": lambda: self._process.memory_info().rss,
            "threads": self._process.num_threads,
            "open_files": self._process.num_fds,
        }
        self._late_s = 0.0

    def show(self, name: str, figure: Figure) -> None:
        """From now on this figure is reported too."""
        self._figures[name] = figure

    def report(self) -> Process:
        """How this process is now; a figure that cannot be taken is left out."""
        taken = {name: _taken(figure) for name, figure in self._figures.items()}
        figures = {name: value for name, value in taken.items() if value is not None}
        return Process(self.name, self.kind, self.started_at, self._now(), figures)

    def write(self, database: Database) -> None:
        """Put the report into the store, in the place of the last one."""
        report = self.report()
        database.write(lambda connection: put(connection, report))

    def touch(self, database: Database) -> None:
        """Write the least that can be written: that this process is here now."""
        seen = Process(self.name, self.kind, self.started_at, self._now(), {})
        database.write(lambda connection: put(connection, seen, ("seen_at",)))

    def tasks(self, database: Database) -> list[Task]:
        """What must run beside the doors until the process ends."""
        self.show("loop_late_seconds", lambda: self._late_s)
        return [every(EVERY_S, lambda: self.write(database), "reporting figures"), self._turn]

    def _turn(self, stop: threading.Event) -> None:
        """See how late a short wait ends: what everything else waits too. The worst of 10 s."""
        lates = [0.0] * 20
        while True:
            began = time.monotonic()
            if stop.wait(LOOP_S):
                return
            lates = [*lates[1:], max(0.0, time.monotonic() - began - LOOP_S)]
            self._late_s = max(lates)


def put(connection: Connection, report: Process, changing: Sequence[str] = CHANGING) -> None:
    """Keep a process's report; those of processes that ended long ago go.

    changing: the columns in which it takes the place of the last one.
    """
    row = {
        "process": report.name,
        "kind": report.kind,
        "started_at": report.started_at,
        "seen_at": report.seen_at,
        "figures_json": canonical.dumps(dict(report.figures)),
        "realm": REAL,
    }
    make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    asked = make(process_seen).values(row)
    new = {name: asked.excluded[name] for name in changing}
    connection.execute(asked.on_conflict_do_update(index_elements=["process"], set_=new))
    old = process_seen.c.seen_at < report.seen_at - FORGOTTEN_MS
    connection.execute(delete(process_seen).where(old))


def alive(connection: Connection, now: int) -> list[Process]:
    """Every process that reported lately, by kind and age."""
    query = (
        select(process_seen)
        .where(process_seen.c.seen_at > now - GONE_MS)
        .order_by(process_seen.c.kind, process_seen.c.started_at, process_seen.c.process)
    )
    return [
        Process(
            row["process"],
            row["kind"],
            row["started_at"],
            row["seen_at"],
            canonical.loads(row["figures_json"]),
        )
        for row in connection.execute(query).mappings()
    ]


def _taken(figure: Figure) -> float | None:
    try:
        return float(figure())
    except (ArithmeticError, LookupError, OSError, RuntimeError, psutil.Error):
        return None
