"""Opens the store: SQLite (WAL, every commit on disk) or PostgreSQL, by URL."""

import _thread
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from dispatch import journal

Answer = TypeVar("Answer")
Offload = Callable[[Callable[[], Answer]], Answer]
"""Runs a blocking call; under gevent in its thread pool, elsewhere directly."""

IDLE = 8  # connections kept open
SQLITE = {"timeout": 5.0, "check_same_thread": False}  # used by one at a time, whoever it is
# PostgreSQL gives up instead of making every caller wait behind one that hangs.
PATIENCE = (
    "-c statement_timeout=5s -c lock_timeout=4s -c idle_in_transaction_session_timeout=10s"
    " -c timezone=UTC"
)

# A server that vanished without a word is given up after about as long (TCP only).
ALIVE = {
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}


def look_again(connection: Connection) -> None:
    """Go on reading after a statement that failed: PostgreSQL refuses all others until then.

    What is read from now on is of a later moment.
    """
    connection.rollback()
    _begin(connection)


def _begin(connection: Connection) -> None:
    """Begin to read: all that follows sees one moment."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def directly(call: Callable[[], Answer]) -> Answer:
    return call()


class Database:
    """The store and how to read it.

    offload: how blocking calls run in this process.
    """

    def __init__(self, url: str, offload: Callable[[Callable[[], Any]], Any] = directly) -> None:
        self.url = url
        self.engine = _engine(url)
        self.offload = offload
        self._idle: deque[Connection] = deque()
        self._first = _thread.RLock()
        self._met = False

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def read(self, query: Callable[[Connection], Answer]) -> Answer:
        """Run a query that sees one moment of the store."""

        def run() -> Answer:
            with self._connected() as connection:
                _begin(connection)
                return query(connection)

        answer: Answer = self.offload(run)
        return answer

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One writing transaction; it takes SQLite's write lock at once (BEGIN IMMEDIATE)."""
        with self._connected() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Write facts outside the numbered log (series, sessions) in one transaction."""

        def run() -> Answer:
            with self.writing() as connection:
                return work(connection)

        answer: Answer = self.offload(run)
        return answer

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self.engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of one's own; what was not committed is undone at the end.

        They are kept open: PostgreSQL's are costly to make, and the last one of SQLite's that
        closes writes the whole WAL back. They wait in a deque, whose ends are safe between threads
        and greenlets alike; a pool with locks would not be, because gevent's locks may leave a
        thread asleep that waits for one of another thread.
        """
        connection = self._taken()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _taken(self) -> Connection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._opened()
            if self.is_sqlite or self._answers(connection):
                return connection
            connection.invalidate()
            connection.close()

    def _opened(self) -> Connection:
        """A new connection; until one has stood, one thread at a time makes it.

        SQLAlchemy sets a store up at its first connection, under a lock that is gevent's in the web
        process: threads that came together were left asleep for good. Ours is the interpreter's
        own, of which gevent leaves only the RLock as it is.
        """
        if self._met:
            return self.engine.connect()
        with self._first:
            connection = self.engine.connect()
            self._met = True
            return connection

    def _answers(self, connection: Connection) -> bool:
        """Whether the server has not cut this line since it was last used."""
        line = connection.connection.dbapi_connection
        try:
            return line is not None and self.engine.dialect.do_ping(line)
        except (DBAPIError, self.engine.dialect.loaded_dbapi.Error):
            return False

    def _give_back(self, connection: Connection) -> None:
        try:
            connection.rollback()
        except DBAPIError:
            connection.invalidate()
        if not connection.invalidated and len(self._idle) < IDLE:
            self._idle.append(connection)
        else:
            connection.close()


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        return _sqlite(url)
    return create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,  # what people said and are called does not get into a log
        connect_args={"options": PATIENCE, "connect_timeout": 5, **ALIVE},
    )


def _sqlite(url: str) -> Engine:
    """SQLite whose transactions we begin ourselves, as SQLAlchemy's pysqlite notes advise."""
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool, connect_args=SQLITE, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA journal_size_limit={journal.MOST}")  # what grew shrinks again
        cursor.close()

    return engine
