"""Accounts: the city's people as the store knows them, and their passwords."""

import secrets
import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, insert, select, update

from dispatch import canonical
from dispatch.access import Actor
from dispatch.city import City
from dispatch.city_records import Person
from dispatch.database import Database
from dispatch.errors import Invalid, NotFound
from dispatch.log import Request, Row, Work
from dispatch.models import account, session
from dispatch.vocabulary import REAL, Role
from dispatch.writer import Writer

FROM_CITY, GONE = "city", "gone"  # origin: stands in the city's folder, stood there once
PRODUCT = "product"  # origin: the product's own, for no person
PASSWORD_MIN, PASSWORD_MAX = 10, 200  # characters
AT_ONCE = threading.BoundedSemaphore(2)  # a hash takes 64 MiB and a core for its time
HASHER = PasswordHasher()


@dataclass(frozen=True)
class Account:
    """Somebody, or a wall, that may sign in. password_hash: None until one is set."""

    id: str
    name_zh: str
    name_en: str
    role: Role
    seat_zh: str
    seat_en: str
    scope: tuple[str, ...]
    unit: str | None
    active: bool
    password_hash: str | None = None

    def actor(self, session: str = "", rights: tuple[str, ...] = ()) -> Actor:
        return Actor(self.id, self.role, self.scope, self.unit, None, rights, session)


def sync(database: Database, city: City, now: int) -> None:
    """Make the city's people accounts; who is no longer in its folder cannot come in any more."""
    database.write(lambda connection: _sync(connection, city, now))


def find(connection: Connection, id: str) -> Account | None:
    """The account of this id, also when it is not active."""
    row = connection.execute(select(account).where(account.c.id == id)).mappings().first()
    return None if row is None else _account(dict(row))


def everyone(connection: Connection) -> list[Account]:
    """All people and walls that may come in."""
    theirs = account.c.origin != PRODUCT
    query = select(account).where(account.c.active, theirs).order_by(account.c.id)
    return [_account(dict(row)) for row in connection.execute(query).mappings()]


def set_password(
    writer: Writer, database: Database, id: str, password: str, by: str, now: int
) -> None:
    """Give an account a password. Raises Invalid, NotFound."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        detail = f"{PASSWORD_MIN} to {PASSWORD_MAX} characters"
        raise Invalid("bad_password", "password", detail)
    with AT_ONCE:
        hashed = database.offload(lambda: HASHER.hash(password))
    _change(writer, id, {"password_hash": hashed}, "password", by, now)


def set_active(writer: Writer, id: str, active: bool, by: str, now: int) -> None:
    """Let an account in or keep it out; its sessions end. Raises NotFound."""
    _change(writer, id, {"active": active}, "active" if active else "inactive", by, now)


def matches(database: Database, known: Account | None, password: str) -> bool:
    """Whether the password is the account's; as slow for accounts that do not exist."""
    usable = known is not None and known.active and known.password_hash
    stored = known.password_hash if known is not None and usable else _nobody()
    with AT_ONCE:
        right = database.offload(lambda: _verify(str(stored), password[:PASSWORD_MAX]))
    return bool(right and usable)


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _nobody() -> str:
    """A hash of the same cost that no password meets."""
    return (
        f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
        "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )


def _sync(connection: Connection, city: City, now: int) -> None:
    known = {row["id"]: dict(row) for row in connection.execute(select(account)).mappings()}
    wanted = {person.id: _values(person) for person in city.people}
    added = [{"id": id, "active": True, **row} for id, row in wanted.items() if id not in known]
    if added:
        connection.execute(insert(account), added)
    for id, row in wanted.items():
        if id in known and any(known[id][name] != value for name, value in row.items()):
            back = {"active": True} if known[id]["origin"] == GONE else {}
            connection.execute(update(account).where(account.c.id == id), row | back)
    for id, row in known.items():
        if row["origin"] == FROM_CITY and id not in wanted:
            _keep_out(connection, id, now)


def _keep_out(connection: Connection, id: str, now: int) -> None:
    out = update(account).where(account.c.id == id)
    connection.execute(out.values(active=False, origin=GONE))
    mine = (session.c.account == id, session.c.revoked_at.is_(None))
    connection.execute(update(session).where(*mine).values(revoked_at=now))


def _values(person: Person) -> Row:
    return {
        "realm": REAL,
        "name_zh": person.name_zh,
        "name_en": person.name_en,
        "role": person.role.value,
        "seat_zh": person.seat_zh,
        "seat_en": person.seat_en,
        "scope_json": canonical.dumps(list(person.districts)),
        "unit": person.unit or None,
        "origin": FROM_CITY,
    }


def _change(writer: Writer, id: str, values: Row, what: str, by: str, now: int) -> None:
    def run(work: Work) -> Row:
        where = account.c.id == id
        if work.connection.execute(update(account).where(where).values(**values)).rowcount != 1:
            raise NotFound("not_found", "account", f"no account {id}")
        ended = (session.c.account == id, session.c.revoked_at.is_(None))
        work.connection.execute(update(session).where(*ended).values(revoked_at=now))
        work.emit("AccountChanged", id, [], {"changed": what})
        return {"account": id}

    key = f"account:{secrets.token_hex(12)}"
    writer.command(Request(by, key, {"account": id}, run, now))


def _account(row: Row) -> Account:
    return Account(
        id=row["id"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        role=Role(row["role"]),
        seat_zh=row["seat_zh"],
        seat_en=row["seat_en"],
        scope=tuple(canonical.loads(row["scope_json"])),
        unit=row["unit"],
        active=bool(row["active"]),
        password_hash=row["password_hash"],
    )
