"""Computes the indicators and keeps their values, so that trends and replays are cheap."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.database import Database
from dispatch.models import event, metric_value
from dispatch.vocabulary import CITY, REAL
from streams.indicators.facts import Facts
from streams.indicators.metric import Measured, Metric, Scope
from streams.indicators.registry import METRICS
from streams.look import Board, Row
from streams.view import Moment


def scopes(board: Board) -> list[Scope]:
    """Every jurisdiction that somebody of the city looks at, and each district."""
    found: dict[Scope, None] = {(CITY,): None}
    found |= {(code,): None for code in board.city.codes}
    found |= {tuple(one.districts): None for one in board.city.people if one.districts}
    return list(found)


def name(scope: Scope) -> str:
    """A scope as the series is filed under."""
    return "+".join(scope)[:40]


def measure(
    board: Board, connection: Connection, now: int, metrics: Iterable[Metric], realm: str = REAL
) -> list[Row]:
    """The rows to keep: each indicator for each scope, as it was at `now`."""
    facts = Facts(board.look(connection, Moment(seq_at(connection, now), now, realm)))
    return [
        row(metric, scope, metric.measure(facts, scope), now, realm)
        for metric in metrics
        for scope in scopes(board)
    ]


def row(metric: Metric, scope: Scope, made: Measured, now: int, realm: str) -> Row:
    value = None if made.value is None else round(made.value, metric.digits)
    return {
        "realm": realm,
        "metric": metric.id,
        "scope": name(scope),
        "at": now,
        "value": value,
        "as_of": made.as_of,
        "rows": len(made.rows),
    }


def seq_at(connection: Connection, at: int) -> int:
    """The last number of the log that was written by this time."""
    query = select(event.c.seq).where(event.c.at <= at).order_by(event.c.seq.desc()).limit(1)
    return connection.execute(query).scalar() or 0


def keep(
    database: Database, board: Board, now: int, metrics: Iterable[Metric] | None = None
) -> int:
    """Measure the moment `now` and write; back with how many values were kept.

    The moment should be a second past, so that what was stamped by then is in the store.
    """
    wanted = list(METRICS.values() if metrics is None else metrics)
    rows = database.read(lambda connection: measure(board, connection, now, wanted))
    database.write(lambda connection: insert_new(connection, metric_value, rows))
    return len(rows)


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert many rows at once and leave those alone that are there already; how many were new."""
    if not rows:
        return 0
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = 0
    for start in range(0, len(rows), 500):
        some = rows[start : start + 500]
        new += connection.execute(make(table).values(some).on_conflict_do_nothing()).rowcount
    return new
