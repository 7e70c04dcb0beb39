"""Puts a backup in the place of the store: all of it or nothing, and never by accident."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dispatch import log
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import RowId, metadata, session, stream
from dispatch.schema import config, migrate
from dispatch.vocabulary import REAL
from ops import files, keep
from ops.backup import SQLITE, Manifest, examine, pour, read_manifest
from ops.present import Present, file_of, first_line, key_of, look, restored
from ops.trouble import Trouble
from streams import receipts
from streams.renewal import RESTORED

OVERWRITE = "overwrite"


def restore(
    database: Database,
    file: Path,
    word: str,
    var: Path,
    kept: Sequence[files.Place] = (),
    say: Callable[[str], object] = print,
) -> Manifest:
    """Put the backup in the place of the store. word: `overwrite`, if there is one already.

    kept: what belongs to it beside the store; it is put back with it. say: is told what of the
    store that was there could not be kept.

    Raises Trouble: the file is damaged, the product runs, or there is a store and no word.
    """
    told = read_manifest(file)
    with keep.alone(var, f"the product is running on {var}; end it first"):
        known = look(database)
        if known.events != 0 and word != OVERWRITE:
            raise Trouble(_in_the_way(known, file))
        files.check(file.parent, told.files)
        draft = _beside(database, var)
        try:
            _checked_copy(file, draft, told)
            _mark(draft, known)
            _put(draft, database)
        except OSError as error:
            raise Trouble(f"the backup was not put back, the store is as it was: {error}") from None
        finally:
            for part in draft.parent.glob(draft.name + "*"):
                part.unlink()
        if known.unread:
            say(
                f"of the store that was there {', '.join(known.unread)} could not be read: every"
                " session is ended; API keys that were taken back since the backup are valid"
                " again, so take them back once more"
            )
        files.put_back(file.parent, told.files, kept, var)
        receipts.reopen(var / "receipts")
    return told


def _in_the_way(known: Present, file: Path) -> str:
    order = f"to put the backup in its place, say `restore {file} {OVERWRITE}`"
    if known.events is not None:
        return f"the store holds {known.events} events; {order}"
    return (
        f"there is a store, and it cannot be read; {order}. Every session will be ended, because"
        " nobody can say which were ended since the backup, nor which API keys"
    )


def _beside(database: Database, var: Path) -> Path:
    """Where the copy is made ready: beside the store, because nothing can be renamed into another
    file system.
    """
    store = file_of(database) if database.is_sqlite else var / "store"
    store.parent.mkdir(parents=True, exist_ok=True)
    return store.with_name(f"restore-{int(time.time())}-{os.getpid()}.db")


def _checked_copy(file: Path, draft: Path, told: Manifest) -> None:
    """A copy that is what the manifest says, brought to this version's tables. Raises Trouble."""
    shutil.copyfile(file, draft)
    draft.chmod(0o600)
    try:
        found = examine(draft)
    except (Trouble, SQLAlchemyError) as reason:
        raise Trouble(f"{file} is damaged ({first_line(reason)}); use another backup") from None
    if (found.sha256, found.head, found.counts) != (told.sha256, told.head, told.counts):
        raise Trouble(f"{file} is not what its manifest says; use another backup")
    migrate(f"{SQLITE}{draft.resolve()}")


def _mark(draft: Path, known: Present) -> None:
    """Say in the copy that it was put back, and take back what was taken back since.

    If nobody can say what was, no session goes on.
    """
    store, now = Database(f"{SQLITE}{draft.resolve()}"), now_ms()

    def mark(connection: Connection) -> None:
        _, last_hash = log.lock_head(connection, lock=False)
        times = max(restored(connection), known.times) + 1
        row = {"name": RESTORED, "realm": REAL, "seq": times, "hash": last_hash}
        connection.execute(stream.delete().where(stream.c.name == RESTORED))
        connection.execute(insert(stream).values(**row))
        for table, rows in known.gone:
            for key, at in rows:
                mine = key_of(table) == key
                connection.execute(update(table).where(mine).values(revoked_at=at))
        if known.unread:
            going = update(session).where(session.c.revoked_at.is_(None))
            connection.execute(going.values(revoked_at=now))

    try:
        store.write(mark)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.close()


def _put(draft: Path, database: Database) -> None:
    if database.is_sqlite:
        _put_file(draft, database)
        return
    source = Database(f"{SQLITE}{draft.resolve()}")
    try:
        source.read(lambda rows: _put_rows(rows, database))
    except DBAPIError as error:
        raise Trouble(
            f"the store did not take it and is as it was ({first_line(error)}):"
            " end every process that uses it, and try again"
        ) from None
    finally:
        source.close()


def _put_file(draft: Path, database: Database) -> None:
    """The file in its place at once; the store that was there is kept beside it.

    Raises OSError: then all is as it was.
    """
    database.close()
    store = file_of(database)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    moved: list[tuple[Path, Path]] = []
    try:
        for end in ("-wal", "-shm", ""):  # its journal goes with it
            old = store.with_name(store.name + end)
            if old.exists():
                aside = old.with_name(f"{store.name}.replaced-{stamp}{end}")
                moved.append((old, old.rename(aside)))
        draft.rename(store)
    except OSError:
        for old, aside in reversed(moved):
            aside.rename(old)
        raise


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
