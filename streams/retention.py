"""Forgets telemetry when it is old; what stands in the log is kept for ever."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Table, and_, delete

from dispatch.city import City
from dispatch.database import Database
from dispatch.models import metric_value, position, reading
from dispatch.vocabulary import REAL
from streams.daytime import DAY
from streams.indicators.registry import METRICS

SERIES = 50  # series a transaction: the writer of alerts and orders is not kept waiting
Old = tuple[Table, ColumnElement[bool]]


@dataclass(frozen=True)
class Days:
    """For how many days telemetry is kept; trends and replays of a day need two."""

    positions: int = 7
    readings: int = 31
    values: int = 366


def forget(
    database: Database, city: City, now: int, realm: str = REAL, days: Days | None = None
) -> int:
    """Delete what is too old, series by series along the tables' keys; how many rows."""
    old, gone = _old(city, now, realm, days or Days()), 0
    while some := list(islice(old, SERIES)):
        gone += database.write(partial(_delete, some))
    return gone


def _old(city: City, now: int, realm: str, days: Days) -> Iterator[Old]:
    for unit in city.units:
        whose = and_(position.c.realm == realm, position.c.unit == unit.id)
        yield position, and_(whose, position.c.at < now - days.positions * DAY)
    for sensor in city.sensors:
        whose = and_(reading.c.realm == realm, reading.c.sensor == sensor.id)
        yield reading, and_(whose, reading.c.at < now - days.readings * DAY)
    for metric in METRICS:
        whose = and_(metric_value.c.realm == realm, metric_value.c.metric == metric)
        yield metric_value, and_(whose, metric_value.c.at < now - days.values * DAY)


def _delete(some: list[Old], connection: Connection) -> int:
    return sum(connection.execute(delete(table).where(old)).rowcount for table, old in some)
