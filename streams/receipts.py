"""Receipts: what the doors told their callers is on disk, counted apart from the store.

Before a door says yes, it writes down which events it says yes to, in a file of its own process
beside the store and not in it. A second later the receipts are copied into the store, where
those of all processes are held against the log: an event without a receipt was written but its
sender was not told (it asks again, with the same key); a receipt without an event is a loss. A
file outlives its process, so whoever starts next copies what is missing; and it outlives the
store, so after a restore the receipts of what the backup did not hold name it.
"""

import fcntl
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.errors import Busy
from dispatch.log import Answer, Event, Request, Row
from dispatch.models import event, idem, receipt
from dispatch.timers import ACTOR as SYSTEM
from dispatch.turns import Outcome
from dispatch.writer import Clock, Writer
from streams.background import Task, every

log = logging.getLogger(__name__)

SHIP_S = 1.0
COLLECT_S = 2.0
BORN_S = 1.0  # a file so young may not be locked yet
BATCH = 500  # receipts a transaction: orders are not kept waiting
SHOWN = 128  # characters of a key that the log keeps
LONGEST = 1_000  # events before a command's last one that may be its own
FORGET_S, FORGET_ROWS = 60.0, 5_000  # a little at a time
FORGET_MS = 8 * 86_400_000  # no account reaches back further
KEPT_S = 2 * 86_400  # how long a copied file is kept, for a restore
UNTAKEN = "store_unavailable"  # the writer's word for a commit that failed
AGAIN = "again"
DONE = ".copied"
Line = list[Any]
"""[seq, at, type, subject, realm, answered_at], or ["again", actor, key, answered_at]."""


@dataclass(frozen=True)
class Told:
    """A request and the answer that its caller is about to get."""

    request: Request
    answer: Answer


within: ContextVar[list[Told] | None] = ContextVar("within", default=None)
"""While a door has more to say before its answer counts: what was carried out so far."""


class DoorWriter(Writer):
    """A writer that gives a receipt for each command of which its caller learns.

    refused: to be set; called when the store did not take commands, and must not block.
    """

    def __init__(
        self,
        database: Database,
        rang: Callable[[list[Event]], None],
        receipts: "Receipts",
        clock: Clock | None = None,
    ) -> None:
        super().__init__(database, rang, clock)
        self.receipts = receipts
        self.refused: Callable[[], None] = lambda: None

    def commands(self, requests: Sequence[Request]) -> list[Outcome]:
        """As of every writer; outside of a door's request the receipts are given at once."""
        outcomes = super().commands(requests)
        if any(isinstance(one, Busy) and one.code == UNTAKEN for one in outcomes):
            self.refused()
        told = [
            Told(request, outcome)
            for request, outcome in zip(requests, outcomes, strict=True)
            if isinstance(outcome, Answer) and request.actor != SYSTEM
        ]
        heard = within.get()
        if heard is None:
            self.receipts.give(told)
        else:
            heard.extend(told)
        return outcomes


class Receipts:
    """The receipts of one process. folder: shared by the processes of one machine."""

    def __init__(self, folder: Path, process: str, now: Callable[[], int] = now_ms) -> None:
        self._folder, self._process, self._now = folder, process, now
        self._waiting: deque[Line] = deque()
        self._file: int | None = None
        self._day = -1
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many are not in the store yet."""
        return len(self._waiting)

    def give(self, told: Iterable[Told]) -> None:
        """Write down what is answered; a disk that is full keeps nobody from being answered."""
        at = self._now()
        lines = [line for one in told for line in _lines(one, at)]
        if not lines:
            return
        self._waiting.extend(lines)
        text = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        try:
            with self._lock:
                os.write(self._open(at), text)
        except OSError as error:
            log.error("receipts could not be written down: %s", error)

    def tasks(self, database: Database) -> list[Task]:
        """What must run beside the doors until the process ends."""

        return [
            every(SHIP_S, lambda: self.ship(database), "copying receipts"),
            every(COLLECT_S, lambda: collect_left(database, self._folder), "collecting receipts"),
            every(FORGET_S, lambda: forget(database, self._now()), "forgetting receipts"),
        ]

    def ship(self, database: Database) -> None:
        """Copy what was given into the store."""
        while self._waiting:
            lines = [self._waiting[n] for n in range(min(BATCH, len(self._waiting)))]
            database.write(partial(_put, lines, self._process))
            for _ in lines:
                self._waiting.popleft()

    def _open(self, at: int) -> int:
        """The file of this process and day; while we live it is locked, and nobody else's."""
        if self._file is None or self._day != at // 86_400_000:
            if self._file is not None:
                os.close(self._file)
            self._day = at // 86_400_000
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = self._folder / f"{self._process}.{self._day}.jsonl"
            self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_SH)
        return self._file


def collect_left(database: Database, folder: Path) -> int:
    """Copy the receipts of processes that have ended; how many there were."""
    found, now = 0, time.time()
    for file in sorted(folder.glob("*.jsonl")):
        if file.stat().st_mtime > now - BORN_S:
            continue
        with file.open("rb") as lines:
            try:
                fcntl.flock(lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # its process lives
                continue
            process = file.name.rsplit(".", 2)[0]
            for some in _batches(lines):
                database.write(partial(_put, some, process))
                found += len(some)
            file.rename(file.with_name(file.name + DONE))
    for file in folder.glob(f"*{DONE}"):
        if file.stat().st_mtime < now - KEPT_S:
            file.unlink()
    return found


def forget(database: Database, now: int) -> None:
    """Delete some of the receipts that no account needs any more, if there are any."""

    def delete_some(connection: Connection) -> None:
        first = connection.execute(select(func.min(receipt.c.seq))).scalar()
        if first is not None:
            old = receipt.c.answered_at < now - FORGET_MS
            connection.execute(delete(receipt).where(receipt.c.seq < first + FORGET_ROWS, old))

    database.write(delete_some)


def reopen(folder: Path) -> int:
    """After a restore: let every receipt be copied anew; how many files there are."""
    files = list(folder.glob(f"*{DONE}"))
    for file in files:
        file.rename(file.with_name(file.name.removesuffix(DONE)))
    return len(files)


def _lines(told: Told, at: int) -> Iterator[Line]:
    if told.answer.fresh:
        for one in told.answer.events:
            yield [one.seq, one.at, one.type, one.subject, one.realm, at]
    else:
        yield [AGAIN, told.request.actor, told.request.key, at]


def _batches(lines: Iterable[bytes]) -> Iterator[list[Line]]:
    """The receipts of a file; a line that was cut off when its process died is left out."""
    some: list[Line] = []
    for text in lines:
        try:
            some.append(orjson.loads(text))
        except orjson.JSONDecodeError:
            log.warning("a receipt was cut off")
        if len(some) >= BATCH:
            yield some
            some = []
    if some:
        yield some


def _put(lines: list[Line], process: str, connection: Connection) -> None:
    rows = [_row(line, process) for line in lines if line[0] != AGAIN]
    for line in lines:
        if line[0] == AGAIN:
            rows += _of_known(connection, line, process)
    if rows:
        make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(make(receipt).on_conflict_do_nothing(), rows)


def _row(line: Line, process: str) -> Row:
    seq, at, type, subject, realm, answered_at = line
    own = {"realm": realm, "process": process, "answered_at": answered_at}
    return {**own, "seq": seq, "at": at, "type": type, "subject": subject}


def _of_known(connection: Connection, line: Line, process: str) -> list[Row]:
    """A request was answered that had been carried out before: its events, if there were any."""
    _, actor, key, answered_at = line
    asked = select(idem.c.seq).where(idem.c.actor == actor, idem.c.key == key)
    last = connection.execute(asked).scalar()
    if last is None:
        return []
    query = select(event).where(
        event.c.seq.between(last - LONGEST, last),
        event.c.key == key[:SHOWN],
        event.c.actor == actor,
    )
    rows = connection.execute(query).mappings()
    own = {"process": process, "answered_at": answered_at}
    return [
        {**{name: row[name] for name in ("realm", "seq", "at", "type", "subject")}, **own}
        for row in rows
    ]
