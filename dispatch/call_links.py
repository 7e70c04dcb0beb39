"""Links into a call for people without an account: once, for ten minutes, for that call alone.

The store keeps hashes only, of the link and of the session that it opens.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from dispatch import calls
from dispatch.access import Actor, require
from dispatch.canonical import loads
from dispatch.database import Database
from dispatch.errors import Forbidden
from dispatch.inputs import Body, Id, Line, MaybeLine
from dispatch.log import Request, Row, Work
from dispatch.models import call, call_link, party
from dispatch.triage import keep_private
from dispatch.vocabulary import IN_CALL, REAL, CallState
from dispatch.writer import Writer

LINK_MS = 600_000
SESSION_MS = 12 * 3_600_000  # the longest that a call's guest stays


class Make(Body):
    """label: whom it is for; it is kept beside the log, where it can be forgotten."""

    call: Id
    label: MaybeLine = ""


class Look(Body):
    token: Line


class Use(Body):
    token: Line
    name: Line


@dataclass(frozen=True)
class Guest:
    """Somebody in a call without an account. recorded: whether what is said there is kept."""

    call: str
    party: str
    state: str
    call_state: str
    recorded: bool


def make(writer: Writer, actor: Actor, body: Make, key: str, now: int, realm: str = REAL) -> Row:
    """A link's token: {token, call, party, expires_at}. It is told here and never again."""
    require(actor, "call.handle")
    token = secrets.token_urlsafe(24)
    hashed = _hash(token)

    def run(work: Work) -> Row:
        row = calls.running(work, body.call)
        require(actor, "call.handle", loads(row["scope_json"]))
        known = calls.guest(work, row, actor.id, work.next_number(f"guest-{row['id']}"[:20]))
        keep_private(work, known["id"], name=body.label)
        link = {"hash": hashed, "realm": realm, "call": row["id"], "party": known["id"],
                "created_at": now, "expires_at": now + LINK_MS}  # fmt: skip
        work.connection.execute(insert(call_link).values(**link))
        scope, about = loads(row["scope_json"]), {"party": known["party"]}
        work.emit("CallLinked", row["id"], scope, about, row["incident"])
        return {"call": row["id"], "party": known["party"], "expires_at": now + LINK_MS}

    made = writer.command(Request(actor.id, key, {"link": hashed}, run, now, realm)).body
    return {**made, "token": token}


def look(database: Database, body: Look, now: int) -> Row:
    """What a link leads to, before it is used: {recorded}. Raises Forbidden."""
    query = (
        select(call.c.recorded)
        .join(call_link, (call_link.c.call == call.c.id) & (call_link.c.realm == call.c.realm))
        .where(*_good(body.token, now), call.c.to_seq.is_(None), call.c.state == CallState.OPEN)
    )
    row = database.read(lambda connection: connection.execute(query).first())
    if row is None:
        raise _useless()
    return {"recorded": bool(row[0])}


def use(writer: Writer, body: Use, now: int, realm: str = REAL) -> tuple[str, Row]:
    """Come in by a link: a session's token, and {call, party}. Raises Forbidden.

    A link that was used, is too old, or leads to a call that is over opens nothing.
    """
    token = secrets.token_urlsafe(32)

    def run(work: Work) -> Row:
        used = _take(work, body.token, token, now)
        row = calls.running(work, used["call"])
        known = work.get(party, used["party"], "party")
        calls.arrive(work, row, known)
        keep_private(work, known["id"], said_name=body.name)
        return {"call": row["id"], "party": known["party"]}

    hashed = _hash(body.token)
    return token, writer.command(Request("guest", f"join:{hashed[:40]}:{secrets.token_hex(8)}",
                                         {}, run, now, realm)).body  # fmt: skip


def who(database: Database, token: str, now: int) -> Guest | None:
    """The guest of a session, as long as it lasts."""
    if not token:
        return None
    hashed = _hash(token)
    return database.read(lambda connection: _find(connection, hashed, now))


def act(
    writer: Writer, token: str, what: str, now: int, up: bool = False, realm: str = REAL
) -> Row:
    """What a guest may do: `join` (come back), `leave`, `hand`. Raises Forbidden."""
    hashed = _hash(token)

    def run(work: Work) -> Row:
        found = _find(work.connection, hashed, now)
        if found is None:
            raise Forbidden("not_in_call", "call", "this call is over for you")
        row = calls.running(work, found.call)
        known = work.get(party, f"{found.call}.{found.party}", "party")
        if what == "leave":
            calls.depart(work, row, known)
        elif what == "hand" and known["state"] in IN_CALL:
            calls.raise_hand(work, row, known, up)
        elif what == "join":
            calls.arrive(work, row, known)
        return {"call": found.call, "party": found.party}

    key = f"guest:{secrets.token_hex(12)}"
    return writer.command(Request("guest", key, {"do": what}, run, now, realm)).body


def _take(work: Work, token: str, session: str, now: int) -> dict[str, Any]:
    """Use the link up. Raises Forbidden."""
    values = {"used_at": now, "session": _hash(session), "session_until": now + SESSION_MS}
    query = update(call_link).where(*_good(token, now)).values(**values)
    row = work.connection.execute(query.returning(call_link.c.call, call_link.c.party)).first()
    if row is None:
        raise _useless()
    return {"call": row[0], "party": row[1]}


def _good(token: str, now: int) -> tuple[ColumnElement[bool], ...]:
    return (call_link.c.hash == _hash(token), call_link.c.used_at.is_(None),
            call_link.c.expires_at > now)  # fmt: skip


def _useless() -> Forbidden:
    return Forbidden("bad_link", "token", "this link was used, or is too old")


def _find(connection: Connection, hashed: str, now: int) -> Guest | None:
    query = (
        select(call_link.c.call, party.c.party, party.c.state, call.c.state,
               call.c.recorded)
        .join(party, (party.c.id == call_link.c.party) & party.c.to_seq.is_(None)
              & (party.c.realm == call_link.c.realm))
        .join(call, (call.c.id == call_link.c.call) & call.c.to_seq.is_(None)
              & (call.c.realm == call_link.c.realm))
        .where(call_link.c.session == hashed, call_link.c.session_until > now)
    )  # fmt: skip
    row = connection.execute(query).first()
    if row is None or row[3] != CallState.OPEN:
        return None
    return Guest(*row) if row[2] in IN_CALL or row[2] == "LEFT" else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
