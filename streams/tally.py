"""Counts what each source said, and writes the counts together now and then."""

import threading
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.database import Database
from dispatch.models import source_seen
from dispatch.vocabulary import REAL


@dataclass
class Count:
    last_at: int = 0
    accepted: int = 0
    refused: int = 0
    gaps: int = 0


class Tally:
    """What was heard since the last writing, by source.

    gaps: numbers that are missing in a sender's own count.
    """

    def __init__(self, database: Database, realm: str = REAL) -> None:
        self._database, self._realm = database, realm
        self._counts: dict[str, Count] = {}
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def heard(self, source: str, now: int, accepted: int = 0, refused: int = 0) -> None:
        """The source said something just now."""
        with self._lock:
            count = self._counts.setdefault(source, Count())
            count.last_at = max(count.last_at, now)
            count.accepted += accepted
            count.refused += refused

    def numbered(self, source: str, number: int | None) -> None:
        """The sender counts its messages: a hole shows what was lost on the way."""
        if number is None:
            return
        with self._lock:
            last = self._numbers.get(source)
            if last is not None and number > last + 1:
                self._counts.setdefault(source, Count()).gaps += number - last - 1
            self._numbers[source] = number

    def write(self) -> None:
        """Add the counts to the store's; what cannot be written now is written next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            self._database.write(lambda connection: self._add(connection, counts))
        except Exception:
            with self._lock:
                for source, count in counts.items():
                    _merge(self._counts.setdefault(source, Count()), count)
            raise

    def _add(self, connection: Connection, counts: dict[str, Count]) -> None:
        rows = [
            {"realm": self._realm, "source": source, **vars(count)}
            for source, count in counts.items()
        ]
        make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        asked: Any = make(source_seen).values(rows)
        new, old = asked.excluded, source_seen.c
        sums = {name: old[name] + new[name] for name in ("accepted", "refused", "gaps")}
        later = case((new.last_at > old.last_at, new.last_at), else_=old.last_at)
        connection.execute(
            asked.on_conflict_do_update(
                index_elements=["realm", "source"], set_={**sums, "last_at": later}
            )
        )


def _merge(into: Count, more: Count) -> None:
    into.last_at = max(into.last_at, more.last_at)
    into.accepted += more.accepted
    into.refused += more.refused
    into.gaps += more.gaps
