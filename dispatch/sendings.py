"""A unit's phone sends its live picture: only when its person says so, no longer than its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from dispatch import canonical
from dispatch.access import Actor
from dispatch.city import City
from dispatch.inputs import Body, Id, Millis
from dispatch.log import Row, Work
from dispatch.models import order, sending
from dispatch.responders import own, turn
from dispatch.vocabulary import HOLDING, REAL


class Send(Body):
    order: Id
    on: bool
    at: Millis | None = None


@dataclass(frozen=True)
class Sending:
    """A unit that may send its picture now, and whose business that is."""

    unit: str
    order: str
    incident: str
    scope: tuple[str, ...]
    since: int


def send(work: Work, body: Send, actor: Actor, city: City) -> dict[str, Any]:
    """Begin or stop to send the live picture of the unit's phone."""
    row = own(work, body.order, actor, running=body.on)
    if turn(work, sending, row, body.on, sent_by=actor.id):
        _say(work, "SendingStarted" if body.on else "SendingEnded", row)
    return {"order": row["id"], "on": body.on}


def running(connection: Connection, realm: str = REAL) -> Sequence[Sending]:
    """Who may send now: a phone whose order still runs."""
    mine = (sending.c.realm == realm, sending.c.to_seq.is_(None))
    task = (
        order.c.realm == realm,
        order.c.to_seq.is_(None),
        order.c.id == sending.c.dispatch_order,
        order.c.state.in_(HOLDING),
    )
    wanted = (sending.c.id, order.c.id, order.c.incident, order.c.scope_json, sending.c.since)
    rows = connection.execute(select(*wanted).where(*mine, *task).order_by(sending.c.id))
    return [Sending(r[0], r[1], r[2], tuple(canonical.loads(r[3])), r[4]) for r in rows]


def _say(work: Work, type: str, row: Row) -> None:
    scope = canonical.loads(row["scope_json"])
    work.emit(type, row["id"], scope, {"unit": row["unit"]}, row["incident"])
