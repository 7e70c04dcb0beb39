"""Tells PostgreSQL's planner that the store has grown many times over, as it does in a storm."""

from sqlalchemy import text

from dispatch import log
from dispatch.database import Database

GROWN = 1_000  # events; below, any plan is quick


class Statistics:
    """Counts the tables of alerts and events anew whenever the log has doubled.

    The server does so by itself, but only each minute. Until then it takes the tables for empty
    and reads all the alerts that wait once for every line of the queue. SQLite needs none of it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted = 0

    def renew(self) -> bool:
        """Whether it was time to count."""
        if self._database.is_sqlite:
            return False
        head = self._database.read(log.head)
        if head <= 2 * self._counted + GROWN:
            return False
        self._database.write(lambda connection: connection.execute(text("ANALYZE alert, event")))
        self._counted = head
        return True
