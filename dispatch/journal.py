"""SQLite's journal, the WAL: what was written and is not yet back in the store's own file.

It is written back in passing. Only a reader that never ends keeps it growing: a program that holds
the file open, as nothing of the product does for longer than a query.
"""

from pathlib import Path

from sqlalchemy import Connection

MOST = 64 * 2**20  # bytes; more, and somebody holds it up


def size(connection: Connection) -> int:
    """Its bytes on the disk; 0 where the store is PostgreSQL, which keeps its own."""
    if connection.dialect.name != "sqlite":
        return 0
    file = connection.exec_driver_sql("PRAGMA database_list").one()[2]
    try:
        return Path(f"{file}-wal").stat().st_size
    except OSError:  # a store in memory has none
        return 0
