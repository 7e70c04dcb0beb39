"""A lease: what only one process may do at a time, with a number that fences out the former."""

from sqlalchemy import ColumnElement, Connection, case, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from dispatch.database import Database
from dispatch.errors import Conflict
from dispatch.models import lease

TTL_MS = 1_200  # a holder that died is replaced after this: nothing fires 2 s late for it
SKEW_MS = 5_000  # as much may the clocks of two machines differ
TIMERS = "timers"


def take(
    database: Database, holder: str, now: int, name: str = TIMERS, ttl_ms: int = TTL_MS
) -> int | None:
    """Take or keep the lease; gives its epoch, or None while another holds it.

    The epoch grows whenever the holder changes.
    """
    return database.write(lambda connection: _take(connection, holder, now, name, ttl_ms))


def check(connection: Connection, name: str, epoch: int) -> None:
    """Raise Conflict if the lease has gone to another since `epoch`.

    On PostgreSQL nobody else can take it before the caller's transaction ends.
    """
    query = select(lease.c.epoch).where(lease.c.name == name).with_for_update(read=True)
    if connection.execute(query).scalar() != epoch:
        raise Conflict("lease_lost", detail=f"the lease {name} has gone to another process")


def release(database: Database, holder: str, name: str = TIMERS) -> None:
    """Give the lease back, so that another need not wait until it expires."""
    mine = update(lease).where(lease.c.name == name, lease.c.holder == holder)
    database.write(lambda connection: connection.execute(mine.values(expires_at=0)))


def _take(connection: Connection, holder: str, now: int, name: str, ttl_ms: int) -> int | None:
    mine = lease.c.holder == holder
    changed = connection.execute(
        update(lease)
        .where(lease.c.name == name, or_(mine, _over(now, ttl_ms)))
        .values(
            epoch=lease.c.epoch + case((mine, 0), else_=1),
            holder=holder,
            expires_at=now + ttl_ms,
        )
        .returning(lease.c.epoch)
    ).scalar()
    if changed is not None:
        return int(changed)
    known = connection.execute(select(lease.c.name).where(lease.c.name == name)).scalar()
    return None if known else _first(connection, holder, now, name, ttl_ms)


def _over(now: int, ttl_ms: int) -> ColumnElement[bool]:
    """It has expired; or it ends later than any lease of now could: the clock went back."""
    return or_(lease.c.expires_at < now, lease.c.expires_at > now + ttl_ms + SKEW_MS)


def _first(connection: Connection, holder: str, now: int, name: str, ttl_ms: int) -> int | None:
    row = {"name": name, "holder": holder, "epoch": 1, "expires_at": now + ttl_ms}
    savepoint = connection.begin_nested()
    try:
        connection.execute(insert(lease).values(**row))
    except IntegrityError:  # another was first
        savepoint.rollback()
        return None
    savepoint.commit()
    return 1
