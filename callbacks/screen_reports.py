"""What screens report of themselves, written to the store together every two seconds."""

import logging
import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from callbacks.who import Who
from callbacks.wire import Report
from dispatch import canonical
from dispatch.database import Database
from dispatch.models import screen_seen

log = logging.getLogger(__name__)

EVERY_S = 2.0
HELD_MS = 60_000  # so long a screen's id belongs to who used it last
CHANGING = ("account", "role", "name", "scope_json", "epoch", "mode", "seen_at", "cursor")


@dataclass(frozen=True)
class Seen:
    """A screen as it reported at a time (ms, UTC). cursor: up to where it shows the log."""

    screen: str
    name: str
    who: Who
    epoch: int
    mode: str
    at: int
    cursor: int = 0


class ScreenReports:
    """Holds the last report of each screen until it is written."""

    def __init__(self, database: Database, realm: str) -> None:
        self._database = database
        self._realm = realm
        self._waiting: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def take(self, who: Who, name: str, report: Report, at: int, cursor: int = 0) -> None:
        seen = Seen(report.screen_id, name, who, report.epoch, report.mode, at, cursor)
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
        rows = [self._values(seen) for seen in waiting.values()]
        connection.execute(_statement(connection.dialect.name), rows)

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
            "epoch_at": seen.at,
            "seen_at": seen.at,
            "cursor": seen.cursor,
        }


def _statement(dialect: str) -> Any:
    """Put a screen's report in the place of its last one, many screens at once.

    The time of an epoch stays as long as the epoch does. A screen does not confirm for another
    person's: an id that somebody else holds is left alone.
    """
    make: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    asked = make(screen_seen)
    new, old = asked.excluded, screen_seen.c
    kept = case((old.epoch == new.epoch, old.epoch_at), else_=new.epoch_at)
    same = {name: new[name] for name in CHANGING}
    free = or_(old.account == new.account, old.seen_at < new.seen_at - HELD_MS)
    return asked.on_conflict_do_update(
        index_elements=["realm", "screen"], set_={**same, "epoch_at": kept}, where=free
    )
