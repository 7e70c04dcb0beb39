"""Another store was put in the place of ours: this process ends, and starts anew with it.

What a process has read of the old store is worth nothing then. Whoever keeps the process up
starts it again, with a new boot id, and every screen asks for everything again.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from dispatch.database import Database
from dispatch.models import stream

log = logging.getLogger(__name__)

RESTORED = "restored"
"""The row of `stream` that counts how often a backup was put in the store's place."""
LOOK_S = 1.0


def times(connection: Connection) -> int:
    """How often this store was restored."""
    query = select(stream.c.seq).where(stream.c.name == RESTORED)
    return int(connection.execute(query).scalar() or 0)


def end_self() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def watch(
    database: Database, end: Callable[[], None] = end_self
) -> Callable[[threading.Event], None]:
    """The task that ends this process when the store is another one."""

    def look(stop: threading.Event) -> None:
        known: int | None = None
        while not stop.wait(LOOK_S):
            try:
                found = database.read(times)
            except SQLAlchemyError:  # others say that the store is away
                continue
            known = found if known is None else known
            if found != known:
                log.warning("the store was restored from a backup: this process starts anew")
                end()
                return

    return look
