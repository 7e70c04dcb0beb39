"""Sees, from another process than the one that fires, that every timer fires in time."""

import logging
import threading
import time
from collections.abc import Callable

from dispatch import timers
from dispatch.clock import now_ms
from dispatch.database import Database

log = logging.getLogger(__name__)

AUDIT_S = 10.0


class Auditor:
    """Asks every ten seconds what is overdue."""

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
