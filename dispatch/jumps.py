"""When the machine's clock is set: nothing fires early or late, and the desk is told.

A time limit is a time that passes, not an hour on a clock. What is armed keeps the time that it
had left: in one transaction every timer, and every limit that screens count down, moves by as
much as the clock was moved. The log holds the clock's offset for each start of the machine, so
that any worker sees a jump, whichever of them was there, and none answers it twice.
"""

import uuid
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, select, update

from dispatch import canonical, lease
from dispatch.access import Actor
from dispatch.city import City
from dispatch.clock import JUMP_MS
from dispatch.errors import NotFound
from dispatch.inputs import Body
from dispatch.log import Request, Row, Work
from dispatch.models import activation, alert, event, loan, order, session, timer
from dispatch.vocabulary import CITY, REAL, UNSIGNED, ActivationState, AlertState, LoanState
from dispatch.writer import Writer

ACTOR = "system"
SET, JUMPED, CONFIRMED = "ClockSet", "ClockJumped", "ClockConfirmed"


class Confirm(Body):
    """jump: number of the event that told of it."""

    jump: int = Field(ge=1)


def jumped_by(connection: Connection, machine: str, offset: int) -> int | None:
    """By how many ms the clock was moved since it was looked at; None if it never was."""
    known = _known(connection, machine)
    return None if known is None else offset - int(known["offset"])


def settle(
    writer: Writer, machine: str, offset: int, now: int, lease_epoch: int, realm: str = REAL
) -> int:
    """See whether the clock was set, and answer it; by how many ms it was (0 for not).

    Raises Conflict when the lease has gone to another.
    """

    def run(work: Work) -> dict[str, Any]:
        lease.check(work.connection, lease.TIMERS, lease_epoch)
        by = jumped_by(work.connection, machine, offset)
        facts = {"machine": machine, "offset": offset}
        if by is None:
            work.emit(SET, machine[:64], [CITY], facts)
        elif abs(by) > JUMP_MS:
            moved = _move(work, by)
            work.emit(JUMPED, machine[:64], [CITY], {**facts, "by_ms": by, "timers": moved})
            return {"by": by}
        return {"by": 0}

    done = writer.command(Request(ACTOR, uuid.uuid4().hex, {"offset": offset}, run, now, realm))
    return int(done.body["by"]) if done.fresh else 0


def confirm(work: Work, body: Confirm, actor: Actor, city: City) -> dict[str, Any]:
    """Somebody has compared the clock: it is right as it is now."""
    said = (event.c.seq == body.jump, event.c.type == JUMPED)
    if work.connection.execute(select(event.c.seq).where(*said)).first() is None:
        raise NotFound("not_found", "jump", f"event {body.jump} tells of no jump")
    work.emit(CONFIRMED, f"{body.jump}", [CITY], {"jump": body.jump})
    return {"jump": body.jump}


def standing(connection: Connection, seq: int, realm: str = REAL) -> Row | None:
    """The jump that nobody has confirmed and that was not taken back: {seq, at, by_ms, timers}.

    by_ms: how far the clock was moved in all since it was last confirmed.
    """
    types = event.c.type.in_([JUMPED, CONFIRMED])
    query = select(event).where(event.c.realm == realm, types, event.c.seq <= seq)
    found = connection.execute(query.order_by(event.c.seq.desc()).limit(50)).mappings()
    last: Row | None = None
    by = 0
    for row in found:
        if row["type"] == CONFIRMED:
            break
        body = canonical.loads(row["body_json"])
        by += body["by_ms"]
        last = last or {"seq": row["seq"], "at": row["at"], "timers": body["timers"]}
    return {**last, "by_ms": by} if last and abs(by) > JUMP_MS else None


def _known(connection: Connection, machine: str) -> Row | None:
    """What the log last said of this machine's clock."""
    query = (
        select(event.c.body_json)
        .where(event.c.subject == machine[:64], event.c.type.in_([SET, JUMPED]))
        .order_by(event.c.seq.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else dict(canonical.loads(found))


def _move(work: Work, by: int) -> int:
    """Move every limit by as much as the clock was; gives how many timers are armed."""
    armed = update(timer).where(timer.c.realm == work.realm, timer.c.to_seq.is_(None))
    moved = work.connection.execute(armed.values(due_at=timer.c.due_at + by)).rowcount
    for row in work.rows(order, order.c.state.in_(UNSIGNED)):
        work.put(order, row["id"], ack_due=row["ack_due"] + by)
    for row in work.rows(alert, alert.c.state == AlertState.NEW):
        work.put(alert, row["id"], ack_due=row["ack_due"] + by)
    for row in work.rows(activation, activation.c.state == ActivationState.PROPOSED):
        work.put(activation, row["id"], expires_at=row["expires_at"] + by)
    for row in work.rows(loan, loan.c.state == LoanState.ASKED):
        work.put(loan, row["id"], answer_due=row["answer_due"] + by)
    for row in work.rows(loan, loan.c.state == LoanState.LENT, loan.c.due_back.is_not(None)):
        work.put(loan, row["id"], due_back=row["due_back"] + by)
    if by > 0:  # nobody is signed out for it; when the clock goes back nobody is anyway
        still = update(session).where(session.c.revoked_at.is_(None))
        later = {"seen_at": session.c.seen_at + by, "expires_at": session.c.expires_at + by}
        work.connection.execute(still.values(**later))
    return int(moved)
