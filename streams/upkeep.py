"""What every process does for its own sake: receipts, how it is, and that timers fire."""

from collections.abc import Callable
from pathlib import Path

from dispatch import jumps
from dispatch.auditor import Auditor
from dispatch.database import Database
from dispatch.log import Event
from streams import renewal
from streams.background import Task, every
from streams.receipts import DoorWriter, Receipts
from streams.vitals import Vitals
from streams.writing import Writing

COUNTS_S = 1.0


class Upkeep:
    """The upkeep of one process. kind: web, worker, ...; var: the installation's folder."""

    def __init__(self, kind: str, database: Database, var: Path) -> None:
        self._database = database
        self.vitals = Vitals(kind)
        self.receipts = Receipts(var / "receipts", self.vitals.name)
        self.writing = Writing(lambda: self.vitals.touch(database))
        self.vitals.show("receipts_waiting", lambda: self.receipts.waiting)

    def writer(self, rang: Callable[[list[Event]], None]) -> DoorWriter:
        """The process's writer, whose queue its figures show."""
        made = DoorWriter(self._database, rang, self.receipts, jumps.Guard())
        made.refused = self.writing.refused
        self.writing.stands = lambda: made.stands_s
        self.vitals.show("writer_waiting", lambda: made.depth)
        return made

    def tasks(self, count: Callable[[], object] | None = None) -> list[Task]:
        """What must run beside the doors until the process ends.

        count: writes what the process's sources said since the last time.
        """
        counting = [every(COUNTS_S, count, "counting sources")] if count is not None else []
        own = [*self.vitals.tasks(self._database), *self.receipts.tasks(self._database)]
        return [*own, *counting, Auditor(self._database).run, renewal.watch(self._database)]
