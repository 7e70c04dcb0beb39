"""Timers that are due, and their firing: once each, only under the lease."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from dispatch import (
    activations,
    contention,
    escalation,
    jumps,
    lease,
    loans,
    responders,
    steps,
    triage,
    viewings,
    wall,
)
from dispatch.city import City
from dispatch.clock import JUMP_MS
from dispatch.errors import Conflict, NotFound
from dispatch.log import Answer, Request, Row, Work
from dispatch.models import timer
from dispatch.vocabulary import TimerKind
from dispatch.writer import Writer

ACTOR = "system"
GRACE_MS = 2_000  # a timer that is later than this has not been fired by anybody

HANDLERS: dict[str, Callable[[Work, City, Row], None]] = {
    TimerKind.ALERT_ACK: triage.escalate,
    TimerKind.ALERT_EXPIRY: triage.expire,
    TimerKind.ORDER_ACK: escalation.escalate,
    TimerKind.ACTIVATION_LAPSE: activations.lapse,
    TimerKind.PLAN_STEP: steps.late,
    TimerKind.WALL_PUSH: wall.lapse,
    TimerKind.VIEWING: viewings.lapse,
    TimerKind.SAFETY: responders.silent,
    TimerKind.LOAN_ANSWER: loans.silence,
    TimerKind.LOAN_OVER: loans.overdue,
    TimerKind.ORDER_CONTENDED: contention.undecided,
}


@dataclass(frozen=True)
class Hand:
    """Where a clock stands: of which machine, and how far from its steady one."""

    machine: str
    offset: int


@dataclass(frozen=True)
class Timer:
    """A timer that stands; from_seq tells it from an earlier one of the same name."""

    realm: str
    id: str
    kind: str
    subject: str
    step: int
    due_at: int
    from_seq: int


def due(connection: Connection, now: int, limit: int = 200) -> list[Timer]:
    """Timers whose time has come, the oldest first."""
    query = (
        select(timer)
        .where(timer.c.to_seq.is_(None), timer.c.due_at <= now)
        .order_by(timer.c.due_at, timer.c.row)
        .limit(limit)
    )
    return [_timer(dict(row)) for row in connection.execute(query).mappings()]


def overdue(connection: Connection, now: int, grace_ms: int = GRACE_MS) -> list[Timer]:
    """The auditor's question: which timers should have fired and have not."""
    return due(connection, now - grace_ms)


def next_due(connection: Connection) -> int | None:
    """When the next timer is due, or None."""
    query = select(timer.c.due_at).where(timer.c.to_seq.is_(None)).order_by(timer.c.due_at)
    found = connection.execute(query.limit(1)).scalar()
    return None if found is None else int(found)


def fire(
    writer: Writer,
    city: City,
    timer: Timer,
    now: int,
    lease_epoch: int,
    hand: Hand | None = None,
) -> Answer:
    """Let one timer do what it is for. hand: of the clock that `now` was read from.

    body: {timer, fired}; a timer fires once, however many processes try. Raises Conflict when the
    lease has gone to another, or the limits have been moved since to a clock that was set.
    """
    key = f"timer:{timer.realm}:{timer.id}:{timer.from_seq}"
    content = {"timer": timer.id, "from_seq": timer.from_seq}

    def run(work: Work) -> dict[str, Any]:
        lease.check(work.connection, lease.TIMERS, lease_epoch)
        _check_clock(work, hand)
        return {"timer": timer.id, "fired": _fire(work, city, timer)}

    return writer.command(Request(ACTOR, key, content, run, now, timer.realm))


def _check_clock(work: Work, hand: Hand | None) -> None:
    if hand is None:
        return
    by = jumps.jumped_by(work.connection, hand.machine, hand.offset)
    if by is not None and abs(by) > JUMP_MS:
        raise Conflict("clock_was_set", detail="the limits go by another clock now")


def _fire(work: Work, city: City, known: Timer) -> bool:
    row = work.find(timer, known.id)
    if row is None or row["from_seq"] != known.from_seq or row["due_at"] > work.now:
        return False
    handler = HANDLERS.get(known.kind)
    if handler is None:
        raise NotFound("unknown_timer", detail=f"nothing is known of a timer {known.kind}")
    work.end(timer, known.id)
    handler(work, city, row)
    return True


def _timer(row: Row) -> Timer:
    return Timer(
        row["realm"],
        row["id"],
        row["kind"],
        row["subject"],
        row["step"],
        row["due_at"],
        row["from_seq"],
    )
