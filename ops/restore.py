"""Puts a backup in the place of the store: all of it or nothing, and never by accident."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dispatch import log
from dispatch.database import Database
from dispatch.models import RowId, api_key, metadata, session, stream
from dispatch.schema import config, migrate
from dispatch.vocabulary import REAL
from ops import files, keep
from ops.backup import SQLITE, Manifest, examine, pour, read_manifest
from ops.trouble import Trouble
from streams import receipts
from streams.renewal import RESTORED

OVERWRITE = "overwrite"
REVOKED = (session, api_key)  # what was taken back since the backup stays taken back


def restore(
    database: Database, file: Path, word: str, var: Path, kept: Sequence[files.Place] = ()
) -> Manifest:
    """Put the backup in the place of the store. word: `overwrite`, if there is one already.

    kept: what belongs to it beside the store; it is put back with it.

    Raises Trouble: the file is damaged, the product runs, or there is a store and no word.
    """
    told = read_manifest(file)
    with keep.alone(var, f"the product is running on {var}; end it first"):
        known = _present(database)
        if known and word != OVERWRITE:
            raise Trouble(
                f"the store holds {known} events; to put the backup in its place, say"
                f" `restore {file} {OVERWRITE}`"
            )
        files.check(file.parent, told.files)
        draft = var / f"restore-{int(time.time())}.db"
        try:
            _checked_copy(file, draft, told)
            _mark(draft, database)
            _put(draft, database)
        finally:
            for part in draft.parent.glob(draft.name + "*"):
                part.unlink()
        files.put_back(file.parent, told.files, kept, var)
        receipts.reopen(var / "receipts")
    return told


def _present(database: Database) -> int:
    """How many events the store holds, 0 if there is none."""
    if database.is_sqlite and not Path(database.url.removeprefix(SQLITE)).exists():
        return 0
    try:
        return database.read(log.head)
    except SQLAlchemyError:
        return 0


def _checked_copy(file: Path, draft: Path, told: Manifest) -> None:
    """A copy that is what the manifest says, brought to this version's tables. Raises Trouble."""
    shutil.copyfile(file, draft)
    draft.chmod(0o600)
    try:
        found = examine(draft)
    except (Trouble, SQLAlchemyError) as reason:
        raise Trouble(f"{file} is damaged ({_first_line(reason)}); use another backup") from None
    if (found.sha256, found.head, found.counts) != (told.sha256, told.head, told.counts):
        raise Trouble(f"{file} is not what its manifest says; use another backup")
    migrate(f"{SQLITE}{draft.resolve()}")


def _mark(draft: Path, database: Database) -> None:
    """Say in the copy that it was put back, and take back what was taken back since."""
    gone, times = _taken_back(database)
    store = Database(f"{SQLITE}{draft.resolve()}")

    def mark(connection: Connection) -> None:
        own = connection.execute(select(stream.c.seq).where(stream.c.name == RESTORED)).scalar()
        _, last_hash = log.lock_head(connection, lock=False)
        row = {"name": RESTORED, "realm": REAL, "seq": max(own or 0, times) + 1, "hash": last_hash}
        connection.execute(stream.delete().where(stream.c.name == RESTORED))
        connection.execute(insert(stream).values(**row))
        for table, rows in gone:
            for key, at in rows:
                mine = _key(table) == key
                connection.execute(update(table).where(mine).values(revoked_at=at))

    try:
        store.write(mark)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()


def _taken_back(database: Database) -> tuple[list[tuple[Any, list[Any]]], int]:
    """Sessions and keys that ended, and how often this store was restored before."""

    def read(connection: Connection) -> tuple[list[tuple[Any, list[Any]]], int]:
        gone = []
        for table in REVOKED:
            query = select(_key(table), table.c.revoked_at).where(table.c.revoked_at.is_not(None))
            gone.append((table, [tuple(row) for row in connection.execute(query)]))
        own = connection.execute(select(stream.c.seq).where(stream.c.name == RESTORED)).scalar()
        return gone, int(own or 0)

    if not _present(database):
        return [], 0
    return database.read(read)


def _key(table: Any) -> Any:
    return table.primary_key.columns.values()[0]


def _put(draft: Path, database: Database) -> None:
    if database.is_sqlite:
        _put_file(draft, database)
        return
    source = Database(f"{SQLITE}{draft.resolve()}")
    try:
        source.read(lambda rows: _put_rows(rows, database))
    except DBAPIError as error:
        raise Trouble(
            f"the store did not take it and is as it was ({_first_line(error)}):"
            " end every process that uses it, and try again"
        ) from None
    finally:
        source.close()


def _put_file(draft: Path, database: Database) -> None:
    """The file in its place at once; the store that was there is kept beside it."""
    database.close()
    store = Path(database.url.removeprefix(SQLITE))
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for end in ("-wal", "-shm", ""):  # its journal goes with it
        old = store.with_name(store.name + end)
        if old.exists():
            old.rename(old.with_name(f"{store.name}.replaced-{stamp}{end}"))
    draft.rename(store)


def _put_rows(source: Connection, database: Database) -> None:
    """Old tables away, new ones made and filled, in one transaction."""
    with database.writing() as target:
        target.execute(text("SET LOCAL statement_timeout = 0"))
        metadata.drop_all(target)
        target.execute(text("DROP TABLE IF EXISTS alembic_version"))
        target.execute(text("DROP FUNCTION IF EXISTS refuse_change CASCADE"))
        command.upgrade(config(target), "head")
        target.execute(stream.delete())
        pour(source, target)
        for table in metadata.sorted_tables:
            _go_on_counting(target, table)


def _go_on_counting(target: Connection, table: Any) -> None:
    """The next row of a table gets a number of its own."""
    row = table.c.get("row")
    if row is None or row.type is not RowId:
        return
    last = target.execute(select(func.max(row))).scalar()
    if last:
        named = func.pg_get_serial_sequence(table.name, "row")
        target.execute(select(func.setval(named, last)))


def _first_line(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
