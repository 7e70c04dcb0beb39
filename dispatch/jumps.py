"""When the machine's clock is set: nothing fires early or late, and the desk is told.

A time limit is a time that passes, not an hour on a clock. What is armed keeps the time that it
had left: in one transaction every timer, and every limit that screens count down, moves by as
much as the clock was moved. The log holds the clock's offset for each start of the machine, so
that any process sees a jump, whichever of them was there, and none answers it twice.

A worker looks twice a second, lest anything fire by the wrong clock. And each process looks before
it commits anything (`Guard`): a limit that was counted by the new clock is not in the store when
those that were counted by the old one are moved.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, select, true, update

from dispatch import canonical, clock, lease
from dispatch.access import Actor
from dispatch.city import City
from dispatch.errors import NotFound
from dispatch.inputs import Body
from dispatch.log import Request, Row, Work
from dispatch.models import (
    activation,
    alert,
    event,
    loan,
    order,
    safety,
    session,
    timer,
    viewing,
    wall_push,
)
from dispatch.vocabulary import CITY, REAL, UNSIGNED, ActivationState, AlertState, LoanState
from dispatch.writer import Writer

log = logging.getLogger(__name__)

ACTOR = "system"
SET, JUMPED, CONFIRMED = "ClockSet", "ClockJumped", "ClockConfirmed"


LIMITS: tuple[tuple[Any, str, Any], ...] = (
    (order, "ack_due", order.c.state.in_(UNSIGNED)),
    (alert, "ack_due", alert.c.state == AlertState.NEW),
    (activation, "expires_at", activation.c.state == ActivationState.PROPOSED),
    (loan, "answer_due", loan.c.state == LoanState.ASKED),
    (loan, "due_back", (loan.c.state == LoanState.LENT) & loan.c.due_back.is_not(None)),
    (viewing, "until", true()),
    (wall_push, "until", true()),
    (safety, "due_at", safety.c.alert.is_(None)),
)
"""What counts down beside the timers: the records, their limit, and which of them wait for it."""


class Confirm(Body):
    """jump: number of the event that told of it."""

    jump: int = Field(ge=1)


def jumped_by(connection: Connection, machine: str, offset: int, realm: str = REAL) -> int | None:
    """By how many ms the clock was moved since it was looked at; None if it never was."""
    known = _known(connection, machine, realm)
    return None if known is None else offset - int(known["offset"])


def settle(
    writer: Writer, machine: str, offset: int, now: int, lease_epoch: int, realm: str = REAL
) -> int:
    """See whether the clock was set, and answer it; by how many ms it was (0 for not).

    Raises Conflict when the lease has gone to another.
    """

    def allowed(work: Work) -> None:
        lease.check(work.connection, lease.TIMERS, lease_epoch)

    done = writer.command(_look(machine, offset, now, realm, allowed))
    return int(done.body["by"]) if done.fresh else 0


class Guard:
    """Has a process's writer answer a clock that was set before it stores what the new one stamps.

    Only the machine whose worker fires the timers is looked at: by its clock they are due.
    """

    def __init__(
        self,
        machine: str = "",
        offset: Callable[[], int] = clock.offset_ms,
        now: Callable[[], int] = clock.now_ms,
        realm: str = REAL,
    ) -> None:
        self._machine = machine or clock.machine()
        self.offset = offset
        self._now, self._realm = now, realm
        self._settled: int | None = None

    def answer(self, connection: Connection, offset: int) -> Request | None:
        """What must be written before all else, or None."""
        if self._settled is not None and abs(offset - self._settled) <= clock.JUMP_MS:
            return None
        if _last_looked(connection, self._realm) != self._machine:
            return None
        by = jumped_by(connection, self._machine, offset, self._realm)
        if by is None or abs(by) <= clock.JUMP_MS:
            return None
        return _look(self._machine, offset, self._now(), self._realm)

    def settled(self, offset: int) -> None:
        """What `answer` asked for at this offset, if anything, is on disk."""
        self._settled = offset


def _look(
    machine: str,
    offset: int,
    now: int,
    realm: str,
    allowed: Callable[[Work], None] | None = None,
) -> Request:
    """A look at the clock, as a request to the log. body: {by}, 0 if it was not set."""

    def run(work: Work) -> dict[str, Any]:
        if allowed is not None:
            allowed(work)
        by = jumped_by(work.connection, machine, offset, realm)
        facts = {"machine": machine, "offset": offset}
        if by is None:
            work.emit(SET, machine[:64], [CITY], facts)
        elif abs(by) > clock.JUMP_MS:
            log.error("the clock was set by %+d ms; every limit keeps the time it had left", by)
            moved = _move(work, by)
            work.emit(JUMPED, machine[:64], [CITY], {**facts, "by_ms": by, "timers": moved})
            return {"by": by}
        return {"by": 0}

    return Request(ACTOR, uuid.uuid4().hex, {"offset": offset}, run, now, realm)


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
    return {**last, "by_ms": by} if last and abs(by) > clock.JUMP_MS else None


def _known(connection: Connection, machine: str, realm: str) -> Row | None:
    """What the log last said of this machine's clock."""
    mine = (event.c.realm == realm, event.c.subject == machine[:64])
    query = (
        select(event.c.body_json)
        .where(*mine, event.c.type.in_([SET, JUMPED]))
        .order_by(event.c.seq.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else dict(canonical.loads(found))


def _last_looked(connection: Connection, realm: str) -> str | None:
    """The machine of whose clock the log spoke last: there the timers are fired."""
    said = (event.c.realm == realm, event.c.type.in_([SET, JUMPED]))
    query = select(event.c.subject).where(*said).order_by(event.c.seq.desc()).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def _move(work: Work, by: int) -> int:
    """Move every limit by as much as the clock was, in every realm; how many timers are armed."""
    armed = update(timer).where(timer.c.to_seq.is_(None))
    moved = work.connection.execute(armed.values(due_at=timer.c.due_at + by)).rowcount
    query = select(timer.c.realm).where(timer.c.to_seq.is_(None)).distinct()
    for realm in {work.realm, *work.connection.execute(query).scalars()}:
        own = replace(work, realm=realm)
        for table, limit, waiting in LIMITS:
            for row in own.rows(table, waiting):
                own.put(table, row["id"], **{limit: row[limit] + by})
    if by > 0:  # nobody is signed out for it; when the clock goes back nobody is anyway
        still = update(session).where(session.c.revoked_at.is_(None))
        later = {"seen_at": session.c.seen_at + by, "expires_at": session.c.expires_at + by}
        work.connection.execute(still.values(**later))
    return int(moved)
