"""Whether the store takes what is written, so that a screen that can only read says so.

Reads, and with them every picture, go on when a disk is full or another program holds the store;
without this only the button that was pressed would look broken.
"""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

EVERY_S = 1.0
PATIENCE_S = 1.0  # what takes longer will be written late or never, nobody knows
HELD_S = 2.0  # so long a refused command counts: who sent it tries again sooner
STANDS_S = 2.0  # a writer that moved nothing for so long may never move again
STILL_S = 0.5  # who looks several times a second and did not for longer, stood still itself
NEVER = float("-inf")


class Writing:
    """What one process knows of it: the newest try tells, and whatever else is seen to be written.

    put: writes a row for real; it may block for as long as the store keeps it waiting. stands: to
    be set; for how many seconds the writer of this process has moved nothing that it was given.
    """

    def __init__(
        self, put: Callable[[], object], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._put, self._now = put, now
        self.stands: Callable[[], float] = lambda: 0.0
        self._under_way: float | None = None
        self._head, self._said = -1, True
        self._went_on = self._written = self._failed = self._refused = NEVER
        self._looked: float | None = None
        self._excused = 0.0

    @property
    def works(self) -> bool:
        """Whether it can be believed that the next command is recorded."""
        refuses = self._failed > self._written or self._turned_away
        return not (refuses or self._late or self.stands() > STANDS_S)

    @property
    def _turned_away(self) -> bool:
        """A row may find room where a whole command did not: only a command proves that it has."""
        return self._refused > self._went_on and self._now() - self._refused < HELD_S

    @property
    def _late(self) -> bool:
        """A try that waits behind others who are written is not late.

        Nor does it count for how long this process stood still: a busy machine is no deaf store.
        """
        began = self._under_way
        if began is None:
            return False
        took = self._now() - max(began, self._written)
        return took - self._excused - self._stands_still > PATIENCE_S

    @property
    def _stands_still(self) -> float:
        """For how many seconds too long nobody has looked."""
        gap = 0.0 if self._looked is None else self._now() - self._looked
        return gap if gap > STILL_S else 0.0

    def turned(self) -> bool:
        """Whether it is otherwise than when this was last asked, several times a second."""
        self._excused += self._stands_still
        self._looked = self._now()
        before, self._said = self._said, self.works
        return before != self._said

    def refused(self) -> None:
        """The store did not take commands of this process."""
        self._refused = self._now()

    def heard(self, head: int) -> None:
        """The log has come to this number: somebody could write."""
        if head > self._head:
            self._head = head
            self._went_on = self._written = self._now()
            self._excused = 0.0

    def run(self, stop: threading.Event) -> None:
        """Try once a second until `stop`."""
        while not stop.wait(EVERY_S):
            self.attempt()

    def attempt(self) -> None:
        """Write the row, however long it takes."""
        failing = self._failed > self._written
        self._excused, self._under_way = 0.0, self._now()
        try:
            self._put()
            self._written = self._now()
        except (SQLAlchemyError, OSError) as error:
            self._failed = self._now()
            if not failing:
                log.error("the store takes nothing that is written: %s", error)
        finally:
            self._under_way = None
