"""Sign-in: links and passwords that open a session, and who speaks through it.

The store keeps hashes only; a token is known to the browser alone.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from dispatch import throttle
from dispatch.access import Actor
from dispatch.accounts import Account, find, matches
from dispatch.database import Database
from dispatch.errors import Forbidden
from dispatch.log import Request, Row, Work
from dispatch.models import session, sign_in_link
from dispatch.vocabulary import REAL, Role
from dispatch.writer import Writer

HOUR_MS = 3_600_000
LIFE_MS = {Role.WALL: 365 * 24 * HOUR_MS, Role.RESPONDER: 7 * 24 * HOUR_MS}
DESK_LIFE_MS = 12 * HOUR_MS
IDLE_MS = HOUR_MS // 2  # a desk that was closed for so long signs in again
UNWATCHED = (Role.WALL, Role.RESPONDER)  # a wall and a phone in a pocket have no idle limit
SEEN_EVERY_MS = 60_000
LINK_MS = 365 * 24 * HOUR_MS  # a link is valid until the next start, which makes new ones


@dataclass(frozen=True)
class SignedIn:
    """A session: its account, and its own id, which is safe to pass on."""

    session: str
    account: Account
    expires_at: int

    @property
    def actor(self) -> Actor:
        return self.account.actor(self.session)


def renew_links(database: Database, accounts: Iterable[str], now: int) -> dict[str, str]:
    """New sign-in tokens for these accounts; every earlier link is void."""
    tokens = {id: secrets.token_urlsafe(32) for id in accounts}
    rows = [
        {
            "hash": _hash(token),
            "realm": REAL,
            "account": id,
            "created_at": now,
            "expires_at": now + LINK_MS,
        }
        for id, token in tokens.items()
    ]

    def renew(connection: Connection) -> None:
        connection.execute(delete(sign_in_link))
        connection.execute(delete(session).where(session.c.expires_at < now - DESK_LIFE_MS))
        if rows:
            connection.execute(insert(sign_in_link), rows)

    database.write(renew)
    return tokens


def open_by_link(
    writer: Writer, database: Database, link: str, device: str, now: int
) -> tuple[str, SignedIn]:
    """Come in by a link's token. Raises Forbidden."""
    query = select(sign_in_link.c.account).where(
        sign_in_link.c.hash == _hash(link), sign_in_link.c.expires_at > now
    )
    id = database.read(lambda connection: connection.execute(query).scalar())
    known = database.read(lambda connection: find(connection, id)) if id else None
    if known is None or not known.active:
        raise Forbidden("bad_link", "token", "this link is not valid any more")
    return _open(writer, known, device, now, "link")


def open_by_password(
    writer: Writer,
    database: Database,
    id: str,
    password: str,
    address: str,
    device: str,
    now: int,
) -> tuple[str, SignedIn]:
    """Come in by account and password. Raises Forbidden, and TooMany after failed attempts."""
    throttle.check(database, id, address, now)
    known = database.read(lambda connection: find(connection, id))
    if not matches(database, known, password):
        throttle.failed(database, id, address, now)
        _say(writer, known.id if known else "unknown", "SignInRefused", now)
        raise Forbidden("bad_password", "password", "account or password is not right")
    assert known is not None
    throttle.forget(database, id, address)
    return _open(writer, known, device, now, "password")


def who(database: Database, token: str, now: int) -> SignedIn | None:
    """Who speaks with this token, if his session is still open."""
    if not token:
        return None
    hashed = _hash(token)
    row, known = database.read(lambda connection: _find(connection, hashed))
    if row is None or known is None or not known.active or not _open_at(row, known.role, now):
        return None
    if now - row["seen_at"] > SEEN_EVERY_MS:
        seen = update(session).where(session.c.hash == hashed).values(seen_at=now)
        database.write(lambda connection: connection.execute(seen))
    return SignedIn(hashed, known, row["expires_at"])


def close(writer: Writer, token: str, now: int) -> str | None:
    """Sign out; gives the id of the session that ended."""
    hashed = _hash(token)

    def run(work: Work) -> Row:
        mine = (session.c.hash == hashed, session.c.revoked_at.is_(None))
        query = update(session).where(*mine).values(revoked_at=now).returning(session.c.account)
        id = work.connection.execute(query).scalar()
        if id is not None:
            work.emit("SignedOut", id, [])
        return {"session": None if id is None else hashed}

    body = writer.command(Request("sessions", _once("out"), {}, run, now)).body
    return None if body["session"] is None else hashed


def close_all(writer: Writer, account: str, by: str, now: int) -> list[str]:
    """End every session of an account; gives their ids, so that open sockets can be cut."""

    def run(work: Work) -> Row:
        mine = (session.c.account == account, session.c.revoked_at.is_(None))
        query = update(session).where(*mine).values(revoked_at=now).returning(session.c.hash)
        ended = list(work.connection.execute(query).scalars())
        if ended:
            work.emit("SignedOut", account, [], {"sessions": len(ended)})
        return {"sessions": ended}

    request = Request(by, _once("out"), {"account": account}, run, now)
    body = writer.command(request).body
    return [str(one) for one in body["sessions"]]


def closed_since(connection: Connection, at: int) -> list[str]:
    """Sessions that were ended since a time: their sockets have to go, in every process."""
    query = select(session.c.hash).where(session.c.revoked_at >= at)
    return list(connection.execute(query).scalars())


def open_own(writer: Writer, database: Database, id: str, now: int) -> str:
    """Come in by an account of the product's own; its earlier session ends. Gives the token."""
    known = database.read(lambda connection: find(connection, id))
    if known is None or not known.active:
        raise Forbidden("no_account", "account", f"no account {id}")
    mine = update(session).where(session.c.account == id, session.c.revoked_at.is_(None))
    database.write(lambda connection: connection.execute(mine.values(revoked_at=now)))
    return _open(writer, known, id, now, "own")[0]


def _open(writer: Writer, known: Account, device: str, now: int, way: str) -> tuple[str, SignedIn]:
    token = secrets.token_urlsafe(32)
    hashed = _hash(token)
    expires_at = now + LIFE_MS.get(known.role, DESK_LIFE_MS)
    row = {
        "hash": hashed,
        "realm": REAL,
        "account": known.id,
        "created_at": now,
        "seen_at": now,
        "expires_at": expires_at,
        "device": device[:200],
    }

    def run(work: Work) -> Row:
        work.connection.execute(insert(session).values(**row))
        work.emit("SignedIn", known.id, [], {"way": way})
        return {"account": known.id}

    writer.command(Request(known.id, f"in:{hashed}", {}, run, now))
    return token, SignedIn(hashed, known, expires_at)


def _say(writer: Writer, id: str, type: str, now: int) -> None:
    def run(work: Work) -> Row:
        work.emit(type, id, [])
        return {}

    writer.command(Request("sessions", _once("refused"), {}, run, now))


def _find(connection: Connection, hashed: str) -> tuple[Row | None, Account | None]:
    query = select(session).where(session.c.hash == hashed)
    row = connection.execute(query).mappings().first()
    return (None, None) if row is None else (dict(row), find(connection, row["account"]))


def _open_at(row: Row, role: Role, now: int) -> bool:
    if row["revoked_at"] is not None or row["expires_at"] <= now:
        return False
    return role in UNWATCHED or now - row["seen_at"] < IDLE_MS


def _once(what: str) -> str:
    """A key for what is not asked for a second time."""
    return f"{what}:{secrets.token_hex(12)}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
