"""Fires what is due: one process at a time, under the lease."""

import logging
import threading
import time
import uuid
from collections.abc import Callable

from dispatch import lease, timers
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.errors import Refused
from dispatch.writer import Writer

log = logging.getLogger(__name__)

TICK_S = 0.5  # an escalation is at most this late; the lease lives for six of them
AUDIT_S = 10.0


class Timekeeper:
    """Looks twice a second for timers that are due and fires each once."""

    def __init__(
        self, database: Database, writer: Writer, city: City, now: Callable[[], int] = now_ms
    ) -> None:
        self._database, self._writer, self._city, self._now = database, writer, city, now
        self._holder = uuid.uuid4().hex

    def run(self, stop: threading.Event) -> None:
        """Keep time until told to stop; then let another do it at once."""
        while not stop.wait(TICK_S):
            try:
                self.tick()
            except Exception:
                log.exception("the timers could not be looked at")
        lease.release(self._database, self._holder)

    def tick(self) -> int:
        """Fire all that is due now; gives how many fired. 0 while another holds the lease."""
        epoch = lease.take(self._database, self._holder, self._now())
        if epoch is None:
            return 0
        now = self._now()
        due = self._database.read(lambda connection: timers.due(connection, now))
        return sum(self._fire(timer, epoch) for timer in due)

    def _fire(self, timer: timers.Timer, epoch: int) -> bool:
        try:
            answer = timers.fire(self._writer, self._city, timer, self._now(), epoch)
        except Refused as refused:
            log.warning("timer %s of %s: %s", timer.id, timer.subject, refused.detail)
            return False
        return bool(answer.body["fired"])


class Auditor:
    """Proves, from another process than the one that fires, that what was due did fire."""

    def __init__(self, database: Database, now: Callable[[], int] = now_ms) -> None:
        self._database, self._now = database, now

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(AUDIT_S):
            try:
                self.look()
            except Exception:
                log.exception("the timers could not be audited")

    def look(self) -> list[timers.Timer]:
        """Timers that nobody fired in time; each is told to the administrator's log."""
        now = self._now()
        late = self._database.read(lambda connection: timers.overdue(connection, now))
        for timer in late:
            log.error("timer %s of %s was due at %s and has not fired", *_facts(timer))
        return late


def _facts(timer: timers.Timer) -> tuple[str, str, str]:
    at = time.strftime("%H:%M:%SZ", time.gmtime(timer.due_at / 1000))
    return timer.id, timer.subject, at
