"""Figures that stand in the store and are the same whichever process is asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from dispatch import journal, log, timers
from dispatch.city import City
from dispatch.models import event, source_seen
from dispatch.vocabulary import REAL
from streams import vitals, watch
from streams.freshness import freshness
from streams.vitals import Process


@dataclass(frozen=True)
class Facts:
    """head: the log's last number; lag: events after `cursor`, lag_s: the age of the first.

    sources: freshness -> how many; messages: source -> accepted, refused, gaps.
    watch_age_s: -1 before anything came through.
    """

    head: int
    lag: int
    lag_s: float
    timers_late: int
    sources: Mapping[str, int]
    messages: Mapping[str, Mapping[str, int]]
    watch_age_s: float
    watch_silent: bool
    watch_took_s: float
    processes: list[Process]
    journal_bytes: int


def facts(connection: Connection, city: City, now: int, cursor: int) -> Facts:
    """All of it at one moment; cursor: what the asking process has shown."""
    head = log.head(connection)
    shown = max(cursor, 0)
    seen = watch.read(connection)
    last, messages = _sources(connection)
    fresh = Counter(freshness(last.get(one.id), one.period_s, now) for one in city.sources)
    return Facts(
        head,
        max(0, head - shown),
        _age_of_next(connection, shown, now),
        len(timers.overdue(connection, now)),
        {"ok": 0, "late": 0, "dead": 0, "none": 0, **fresh},
        messages,
        (now - seen.passed_at) / 1000 if seen.passed_at else -1,
        seen.silent(now),
        seen.took_ms / 1000,
        vitals.alive(connection, now),
        journal.size(connection),
    )


def _sources(connection: Connection) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """When each source last spoke, and its counters."""
    query = select(source_seen).where(source_seen.c.realm == REAL)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    kept = ("accepted", "refused", "gaps")
    messages = {row["source"]: {name: int(row[name]) for name in kept} for row in rows}
    return {row["source"]: row["last_at"] for row in rows}, messages


def _age_of_next(connection: Connection, cursor: int, now: int) -> float:
    """Seconds since the first event after the cursor happened, 0 if there is none."""
    query = select(func.min(event.c.at)).where(event.c.seq == cursor + 1)
    at = connection.execute(query).scalar()
    return max(0.0, (now - at) / 1000) if at is not None else 0.0
