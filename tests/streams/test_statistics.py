"""In a storm PostgreSQL's planner is told how many alerts there are."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from dispatch.database import Database
from streams import statistics
from streams.statistics import Statistics
from tests.dispatch.centre import Centre


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    yield opened
    opened.close()


def known(database: Database) -> int:
    """How many alerts the planner believes there are; -1 when it never looked."""
    asked = text("SELECT reltuples FROM pg_class WHERE oid = 'alert'::regclass")
    return int(database.read(lambda connection: connection.execute(asked).scalar_one()))


def test_the_tables_are_counted_when_the_log_has_doubled(
    centre: Centre, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "GROWN", 10)
    counts = Statistics(database)
    assert counts.renew() is False
    for _ in range(15):
        centre.hears()
    assert counts.renew() is True
    assert known(database) == 15
    for _ in range(5):
        centre.hears()
    assert counts.renew() is False, "it has not doubled"


def test_sqlite_needs_none_of_it(sqlite_url: str) -> None:
    store = Database(sqlite_url)
    assert Statistics(store).renew() is False
    store.close()
