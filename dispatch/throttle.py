"""Slows down who guesses passwords: each failure past the free ones doubles the wait."""

from sqlalchemy import Connection, delete, insert, select, update

from dispatch.database import Database
from dispatch.errors import TooMany
from dispatch.models import sign_in_failure

CAP_S = 300.0
FORGET_MS = 3_600_000


def check(database: Database, account: str, address: str, now: int) -> None:
    """Raise TooMany while this account, from this address or at all, has to wait."""
    wait = database.read(lambda connection: _wait_s(connection, account, address, now))
    if wait > 0:
        raise TooMany("too_many_attempts", wait)


def failed(database: Database, account: str, address: str, now: int) -> None:
    """Count one failure."""
    database.write(lambda connection: _count(connection, account, address, now))


def forget(database: Database, account: str, address: str) -> None:
    """The right password came: its failures do not count any more."""
    own = [name for name in _subjects(account, address) if not name.startswith("@")]
    gone = delete(sign_in_failure).where(sign_in_failure.c.subject.in_(own))
    database.write(lambda connection: connection.execute(gone))


def _subjects(account: str, address: str) -> dict[str, int]:
    """What is counted, and how many failures of each cost nothing."""
    name, place = account[:60], address[:60]
    return {f"{name}@{place}": 3, f"{name}@": 20, f"@{place}": 20}


def _wait_s(connection: Connection, account: str, address: str, now: int) -> float:
    free = _subjects(account, address)
    query = select(sign_in_failure).where(sign_in_failure.c.subject.in_(free))
    waits = [0.0]
    for row in connection.execute(query).mappings():
        past = row["count"] - free[row["subject"]]
        if past >= 0 and now - row["last_at"] < FORGET_MS:
            waits.append(row["last_at"] / 1000 + min(2.0 ** min(past, 20), CAP_S) - now / 1000)
    return max(waits)


def _count(connection: Connection, account: str, address: str, now: int) -> None:
    for name in _subjects(account, address):
        where = sign_in_failure.c.subject == name
        row = connection.execute(select(sign_in_failure).where(where)).mappings().first()
        if row is None:
            first = {"subject": name, "count": 1, "last_at": now}
            connection.execute(insert(sign_in_failure).values(**first))
            continue
        count = 1 if now - row["last_at"] >= FORGET_MS else row["count"] + 1
        connection.execute(update(sign_in_failure).where(where).values(count=count, last_at=now))
