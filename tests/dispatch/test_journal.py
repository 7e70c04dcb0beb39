"""A reader without end holds SQLite's journal up; when it ends, the journal shrinks again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch import journal
from dispatch.database import Database

LARGE = b"x" * 2**20


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    opened.write(lambda c: c.exec_driver_sql("CREATE TABLE heap (thing BLOB)"))
    yield opened
    opened.close()


def size(store: Database) -> int:
    return store.read(journal.size)


def piles(store: Database, megabytes: int) -> None:
    for _ in range(megabytes):
        store.write(lambda c: c.exec_driver_sql("INSERT INTO heap VALUES (?)", (LARGE,)))


def test_what_a_reader_held_up_is_written_back_and_the_file_shrinks(
    store: Database, tmp_path: Path
) -> None:
    piles(store, 8)
    assert size(store) < 16 * 2**20
    with sqlite3.connect(tmp_path / "store.db", isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM heap").fetchall()
        piles(store, 68)
        assert size(store) > journal.MOST
    reader.close()
    piles(store, 2)
    assert size(store) <= journal.MOST
    assert store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM heap").scalar()) == 78


def test_postgresql_keeps_its_own(emptied_postgres_url: str) -> None:
    other = Database(emptied_postgres_url)
    assert size(other) == 0
    other.close()
