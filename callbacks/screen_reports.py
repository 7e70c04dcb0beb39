"""What screens report of themselves, written to the store together every two seconds."""

import logging
import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from callbacks.who import Who
from callbacks.wire import Report
from dispatch import canonical
from dispatch.database import Database
from dispatch.models import screen_seen

log = logging.getLogger(__name__)

EVERY_S = 2.0


@dataclass(frozen=True)
class Seen:
    """A screen as it reported at a time (ms, UTC)."""

    screen: str
    name: str
    who: Who
    epoch: int
    mode: str
    at: int


class ScreenReports:
    """Holds the last report of each screen until it is written."""

    def __init__(self, database: Database, realm: str) -> None:
        self._database = database
        self._realm = realm
        self._waiting: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def take(self, who: Who, name: str, report: Report, at: int) -> None:
        seen = Seen(report.screen_id, name, who, report.epoch, report.mode, at)
        with self._lock:
            self._waiting[seen.screen] = seen

    def write(self) -> None:
        """Write what waits in one transaction; what fails is reported anew in two seconds."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            self._database.write(lambda connection: self._put_all(connection, waiting))
        except SQLAlchemyError:
            log.warning("screens' reports were not written", exc_info=True)

    def _put_all(self, connection: Connection, waiting: dict[str, Seen]) -> None:
        query = select(screen_seen).where(
            screen_seen.c.realm == self._realm, screen_seen.c.screen.in_(waiting)
        )
        known = {row["screen"]: row for row in connection.execute(query).mappings()}
        for seen in waiting.values():
            self._put(connection, seen, known.get(seen.screen))

    def _put(self, connection: Connection, seen: Seen, old: Any) -> None:
        values = self._values(seen)
        if old is None:
            connection.execute(insert(screen_seen).values(**values, epoch_at=seen.at))
            return
        if old["account"] != seen.who.actor.id and old["seen_at"] > seen.at - 60_000:
            return  # a screen does not confirm for another person's
        changed = {} if old["epoch"] == seen.epoch else {"epoch_at": seen.at}
        mine = (screen_seen.c.realm == self._realm, screen_seen.c.screen == seen.screen)
        connection.execute(update(screen_seen).where(*mine).values(**values, **changed))

    def _values(self, seen: Seen) -> dict[str, Any]:
        actor = seen.who.actor
        return {
            "realm": self._realm,
            "screen": seen.screen,
            "account": actor.id,
            "role": str(actor.role),
            "name": seen.name or seen.who.seat.get("zh") or actor.id,
            "scope_json": canonical.dumps(list(actor.scope)),
            "epoch": seen.epoch,
            "mode": seen.mode,
            "seen_at": seen.at,
        }
