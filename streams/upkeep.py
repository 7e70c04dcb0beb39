"""What every process does for its own sake: says how it is, and sees that timers fire."""

from collections.abc import Callable

from dispatch.auditor import Auditor
from dispatch.database import Database
from streams.background import Task, every
from streams.vitals import Vitals

COUNTS_S = 1.0


class Upkeep:
    """The upkeep of one process.

    kind: web, worker, ...; count: writes what its sources said since the last time.
    """

    def __init__(
        self, kind: str, database: Database, count: Callable[[], object] | None = None
    ) -> None:
        self._database, self._count = database, count
        self.vitals = Vitals(kind)

    def tasks(self) -> list[Task]:
        """What must run beside the doors until the process ends."""
        tasks = [*self.vitals.tasks(self._database), Auditor(self._database).run]
        if self._count is not None:
            tasks.append(every(COUNTS_S, self._count, "counting sources"))
        return tasks
