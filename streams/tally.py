"""Counts what each source said, and writes the counts together now and then.

Several processes may hear a source, so its own count of messages is held in the store.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DataError

from dispatch import canonical
from dispatch.database import Database
from dispatch.models import source_seen
from dispatch.vocabulary import REAL
from streams import numbers

log = logging.getLogger(__name__)


@dataclass
class Count:
    """numbered: the sender's own numbers, as they came, each with its time."""

    last_at: int = 0
    accepted: int = 0
    refused: int = 0
    numbered: list[tuple[int, int]] = field(default_factory=list)


class Tally:
    """What was heard since the last writing, by source.

    known: the sources of the city; of others nothing is counted, whatever they call themselves.
    """

    def __init__(self, database: Database, known: Iterable[str], realm: str = REAL) -> None:
        self._database, self._known, self._realm = database, frozenset(known), realm
        self._counts: dict[str, Count] = {}
        self._lock = threading.Lock()

    def heard(self, source: str, now: int, accepted: int = 0, refused: int = 0) -> None:
        """The source said something just now."""
        if source not in self._known:
            return
        with self._lock:
            count = self._counts.setdefault(source, Count())
            count.last_at = max(count.last_at, now)
            count.accepted += accepted
            count.refused += refused

    def numbered(self, source: str, number: object, now: int) -> None:
        """The sender counts its messages, or does not: a hole shows what was lost on the way."""
        if source not in self._known:
            return
        if isinstance(number, int) and not isinstance(number, bool):
            with self._lock:
                self._counts.setdefault(source, Count()).numbered.append((number, now))

    def write(self) -> None:
        """Add the counts to the store's; what cannot be written now is written next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            self._database.write(lambda connection: self._add_all(connection, counts))
        except Exception:
            with self._lock:
                for source, count in counts.items():
                    self._counts[source] = _joined(count, self._counts.get(source, Count()))
            raise

    def _add_all(self, connection: Connection, counts: dict[str, Count]) -> None:
        for source in sorted(counts):  # in one order, so that two processes never wait crosswise
            savepoint = connection.begin_nested()
            try:
                self._add(connection, source, counts[source])
            except (DataError, OverflowError) as error:  # one source's; the others are counted
                savepoint.rollback()
                log.error("the counts of %s cannot be stored: %s", source, error)
            else:
                savepoint.commit()

    def _add(self, connection: Connection, source: str, count: Count) -> None:
        mine = (source_seen.c.realm == self._realm, source_seen.c.source == source)
        query = select(source_seen).where(*mine).with_for_update()
        old = connection.execute(query).mappings().first()
        values = _sum(dict(old) if old else {}, count)
        if old:
            connection.execute(update(source_seen).where(*mine).values(values))
        else:
            row = {"realm": self._realm, "source": source, **values}
            connection.execute(insert(source_seen), row)


def _sum(old: dict[str, Any], count: Count) -> dict[str, Any]:
    """A source's row with the count added."""
    own = numbers.read(canonical.loads(old["numbers_json"]) if old.get("numbers_json") else None)
    for number, at in count.numbered:
        own.hear(number, at)
    return {
        "last_at": max(old.get("last_at", 0), count.last_at),
        "accepted": old.get("accepted", 0) + count.accepted,
        "refused": old.get("refused", 0) + count.refused,
        "gaps": own.missing,
        "numbers_json": canonical.dumps(numbers.stored(own)),
    }


def _joined(first: Count, then: Count) -> Count:
    return Count(
        max(first.last_at, then.last_at),
        first.accepted + then.accepted,
        first.refused + then.refused,
        [*first.numbered, *then.numbered],
    )
