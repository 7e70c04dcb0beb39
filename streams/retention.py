"""Forgets telemetry when it is old; what stands in the log is kept for ever."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Table, and_, delete

from dispatch.city import City
from dispatch.database import Database
from dispatch.models import metric_value, position, reading
from dispatch.vocabulary import REAL
from streams.daytime import DAY
from streams.indicators.registry import METRICS

POSITION_DAYS, READING_DAYS, VALUE_DAYS = 7, 31, 366
SERIES = 50  # series a transaction: the writer of alerts and orders is not kept waiting
Old = tuple[Table, ColumnElement[bool]]


def forget(database: Database, city: City, now: int, realm: str = REAL) -> int:
    """Delete what is too old, series by series along the tables' keys; how many rows."""
    old, gone = _old(city, now, realm), 0
    while some := list(islice(old, SERIES)):
        gone += database.write(partial(_delete, some))
    return gone


def _old(city: City, now: int, realm: str) -> Iterator[Old]:
    for unit in city.units:
        whose = and_(position.c.realm == realm, position.c.unit == unit.id)
        yield position, and_(whose, position.c.at < now - POSITION_DAYS * DAY)
    for sensor in city.sensors:
        whose = and_(reading.c.realm == realm, reading.c.sensor == sensor.id)
        yield reading, and_(whose, reading.c.at < now - READING_DAYS * DAY)
    for metric in METRICS:
        whose = and_(metric_value.c.realm == realm, metric_value.c.metric == metric)
        yield metric_value, and_(whose, metric_value.c.at < now - VALUE_DAYS * DAY)


def _delete(some: list[Old], connection: Connection) -> int:
    return sum(connection.execute(delete(table).where(old)).rowcount for table, old in some)
