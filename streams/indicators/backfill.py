"""Fills the past of a trend from readings that came late, where nothing was measured then."""

from sqlalchemy import Connection, func, select

from dispatch.database import Database
from dispatch.models import metric_value, reading
from dispatch.vocabulary import REAL
from streams.daytime import DAY
from streams.indicators import keep
from streams.indicators.facts import Facts
from streams.indicators.kept import BUCKET
from streams.indicators.metric import Metric
from streams.indicators.registry import METRICS
from streams.look import Board, Row
from streams.view import Moment


def fill(database: Database, board: Board, now: int, realm: str = REAL) -> int:
    """Measure the half hours of the last day that have readings but no value; how many rows."""

    def read(connection: Connection) -> list[Row]:
        made: list[Row] = []
        for bucket in sorted(_read(connection, now, realm) - _measured(connection, now, realm)):
            made += _then(board, connection, (bucket + 1) * BUCKET - 1, realm)
        return made

    rows = database.read(read)
    if rows:
        database.write(lambda connection: keep.insert_new(connection, metric_value, rows))
    return len(rows)


def _then(board: Board, connection: Connection, at: int, realm: str) -> list[Row]:
    facts = Facts(board.look(connection, Moment(0, at, realm)), hindsight=True)
    rows = [
        keep.row(metric, scope, metric.measure(facts, scope), at, realm)
        for metric in _by_sensors()
        for scope in keep.scopes(board)
    ]
    return [row for row in rows if row["value"] is not None]


def _by_sensors() -> list[Metric]:
    return [metric for metric in METRICS.values() if metric.sensor]


def _read(connection: Connection, now: int, realm: str) -> set[int]:
    """Numbers of the whole half hours in which something was read."""
    bucket = reading.c.at.op("/")(BUCKET)
    query = (
        select(bucket)
        .where(reading.c.realm == realm, reading.c.at.between(now - DAY, now - now % BUCKET - 1))
        .group_by(bucket)
    )
    return {int(row[0]) for row in connection.execute(query)}


def _measured(connection: Connection, now: int, realm: str) -> set[int]:
    """Numbers of the half hours for which a city's value of any of these indicators was kept."""
    values = metric_value.c
    bucket = values.at.op("/")(BUCKET)
    query = (
        select(bucket, func.count())
        .where(
            values.realm == realm,
            values.scope == "city",
            values.metric.in_([metric.id for metric in _by_sensors()]),
            values.at.between(now - DAY, now),
        )
        .group_by(bucket)
    )
    return {int(row[0]) for row in connection.execute(query)}
