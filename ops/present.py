"""What stands where a backup is to go, as far as it can be read: it may be damaged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from dispatch import log
from dispatch.database import Database
from dispatch.models import api_key, session, stream
from ops.backup import SQLITE
from ops.trouble import Trouble
from streams.renewal import RESTORED

REVOKED = (session, api_key)  # what was taken back since the backup stays taken back


@dataclass(frozen=True)
class Present:
    """What stands where the backup is to go.

    events: how many it holds, None if nobody can read that. gone: by table, what was taken back.
    unread: of what is needed here, what could not be read; times: how often it was restored.
    """

    events: int | None = 0
    gone: list[tuple[Any, list[Any]]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    times: int = 0


def look(database: Database) -> Present:
    """What there is. Raises Trouble when the store does not answer."""
    if database.is_sqlite and not file_of(database).exists():
        return Present()
    if _is_empty(database):
        return Present()
    found = Present(_read(database, log.head), times=_read(database, restored) or 0)
    if found.events is None:
        found.unread.append("the log")
    for table in REVOKED:
        rows = _read(database, partial(_ended, table=table))
        if rows is None:
            found.unread.append(f"the table {table.name}")
        else:
            found.gone.append((table, rows))
    return found


def _is_empty(database: Database) -> bool:
    """Whether it has no tables: a store that was only just made."""
    try:
        return not database.read(lambda connection: inspect(connection).get_table_names())
    except SQLAlchemyError as error:
        if database.is_sqlite:  # there is a file, and it is damaged
            return False
        raise Trouble(f"the store does not answer ({first_line(error)})") from None


def _read(database: Database, query: Callable[[Connection], Any]) -> Any:
    """What the query gives, or None when the store is too damaged for it."""
    try:
        return database.read(query)
    except SQLAlchemyError:
        return None


def _ended(connection: Connection, table: Any) -> list[Any]:
    """Sessions or keys that were taken back, and when."""
    query = select(key_of(table), table.c.revoked_at).where(table.c.revoked_at.is_not(None))
    return [tuple(row) for row in connection.execute(query)]


def restored(connection: Connection) -> int:
    """How often this store was put back."""
    own = connection.execute(select(stream.c.seq).where(stream.c.name == RESTORED)).scalar()
    return int(own or 0)


def file_of(database: Database) -> Path:
    """The file of an SQLite store itself, where a link may lead to it."""
    return Path(database.url.removeprefix(SQLITE)).resolve()


def key_of(table: Any) -> Any:
    """The column that tells one row from another."""
    return table.primary_key.columns.values()[0]


def first_line(error: Exception) -> str:
    """What a store said, in short."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
