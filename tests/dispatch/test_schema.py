"""The tables: what the migrations make is what the models say, on both stores."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from dispatch.database import Database
from dispatch.log import GENESIS, lock_head
from dispatch.models import event, metadata
from dispatch.schema import migrate

HAPPENED = {
    "seq": 1,
    "realm": "real",
    "at": 1,
    "type": "AlertReceived",
    "subject": "AL-1",
    "scope_json": "[]",
    "actor": "x",
    "key": "k",
    "body_json": "{}",
    "prev_hash": GENESIS,
    "hash": "h",
}


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    options = {"compare_type": True, "compare_server_default": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_a_table_that_no_migration_makes_is_noticed(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("ALTER TABLE alert ADD COLUMN forgotten INTEGER"))
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        connection.rollback()
    assert [one[0] for one in found] == ["remove_column"]


def test_a_second_migration_changes_nothing(database: Database) -> None:
    migrate(database.url)
    assert database.read(lock_head) == (0, GENESIS)


def test_the_store_itself_refuses_to_change_what_happened(database: Database) -> None:
    database.write(lambda connection: connection.execute(insert(event).values(**HAPPENED)))
    for change in (update(event).values(actor="another"), delete(event)):
        with pytest.raises(DBAPIError, match="append-only"):
            database.write(lambda connection, change=change: connection.execute(change))
