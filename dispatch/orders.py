"""Orders from the desk: issued to a unit that no other order holds, followed up, given on."""

from typing import Annotated, Any

from pydantic import Field

from dispatch import canonical, contention, loans, steps, units
from dispatch.access import Actor
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.drafts import write_down
from dispatch.errors import Conflict, Invalid
from dispatch.inputs import Body, Id, MaybeProse, Prose
from dispatch.log import Row, Work
from dispatch.models import activation, incident, order
from dispatch.order_book import follow, limit, say, stamp, task
from dispatch.vocabulary import (
    HOLDING,
    UNSIGNED,
    ActivationState,
    IncidentState,
    OrderState,
    TimerKind,
)

STEPS = (1.0, 1.5, 2.0)
"""Parts of the limit after which an unsigned order is pushed again, called, given to another."""
UNREACHABLE = "unreachable"
"""By what way a unit said no of which only the desk says that nobody reaches it."""


class One(Body):
    order: Id


class Issue(Body):
    orders: Annotated[list[Id], Field(min_length=1, max_length=100)]


class Verify(Body):
    order: Id
    note: MaybeProse = ""


class Cancel(Body):
    order: Id
    reason: Prose


class Unreachable(Body):
    order: Id
    reason: Prose


class Move(Body):
    """order: what holds the unit; to: another incident's draft that asks for it."""

    order: Id
    to: Id
    reason: Prose


class Forgo(Body):
    """order: the draft; stays: the order that keeps the unit."""

    order: Id
    stays: Id
    reason: Prose


class Reassign(Body):
    order: Id
    unit: Id
    reason: Prose


def issue(work: Work, body: Issue, actor: Actor, city: City) -> dict[str, Any]:
    """Issue drafts together: all of them, or none if one cannot be."""
    issued = []
    for id in dict.fromkeys(body.orders):
        row = follow(work, id, actor, "order.issue", field="orders")
        if row["state"] != OrderState.DRAFT:
            raise Conflict("already_issued", "orders", f"{id} is {row['state']}", {"order": id})
        _issue(work, city, row, actor)
        issued.append(id)
    return {"orders": issued}


def verify(work: Work, body: Verify, actor: Actor, city: City) -> dict[str, Any]:
    """The desk has checked what the unit reports as done."""
    row = follow(work, body.order, actor, "order.supervise", OrderState.DONE, OrderState.VERIFIED)
    if row["state"] == OrderState.DONE:
        stamps = stamp(row, OrderState.VERIFIED, work.now, actor.id, work.now)
        values = {"state": OrderState.VERIFIED.value, "note": body.note or row["note"]}
        say(work, "OrderVerified", work.put(order, row["id"], **values, **stamps))
    return {"order": row["id"]}


def cancel(work: Work, body: Cancel, actor: Actor, city: City) -> dict[str, Any]:
    """Call an order back; its unit is free again."""
    row = follow(work, body.order, actor, "order.supervise", *HOLDING, OrderState.CANCELLED)
    if row["state"] != OrderState.CANCELLED:
        _cancel(work, row, body.reason, actor)
    return {"order": row["id"]}


def remind(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Ring the unit's phone again."""
    row = follow(work, body.order, actor, "order.supervise", *UNSIGNED)
    say(work, "OrderReminded", work.put(order, row["id"], reminded_at=work.now))
    return {"order": row["id"]}


def unreachable(work: Work, body: Unreachable, actor: Actor, city: City) -> dict[str, Any]:
    """Nobody reaches the unit: the order stands as declined, with who says so, when and why."""
    states = (*UNSIGNED, OrderState.DECLINED)
    row = follow(work, body.order, actor, "order.supervise", *states)
    if row["state"] != OrderState.DECLINED:
        said = {"via": UNREACHABLE, "reason": body.reason}
        stamps = stamp(row, OrderState.DECLINED, work.now, actor.id, work.now, **said)
        values = {"state": OrderState.DECLINED.value, "note": body.reason}
        new = work.put(order, row["id"], **values, **stamps)
        say(work, "OrderUnreachable", new, reason=body.reason)
        disarm(work, row["id"], TimerKind.ORDER_ACK)
        units.release(work, row["unit"], row["id"])
    return {"order": row["id"]}


def reassign(work: Work, body: Reassign, actor: Actor, city: City) -> dict[str, Any]:
    """Give the task to another unit: a new order at once, the old one is called back."""
    states = (*HOLDING, OrderState.DECLINED)
    row = follow(work, body.order, actor, "order.issue", *states)
    if row["unit"] == body.unit:
        raise Invalid("same_unit", "unit", f"{body.unit} has this order already")
    same = order.c.incident == row["incident"]
    if work.rows(order, same, order.c.supersedes == row["id"]):
        raise Conflict("already_reassigned", "order", f"another order took over {row['id']}")
    units.find(city, body.unit)
    if row["state"] != OrderState.DECLINED:
        _cancel(work, row, body.reason, actor)
    kept = ("text", "kind", "priority", "plan_step")
    values = {name: row[name] for name in kept} | {"unit": body.unit, "supersedes": row["id"]}
    values |= {"ack_limit": row["ack_limit"]} if row["ack_set"] else {}
    id = write_down(work, city, work.get(incident, row["incident"]), actor, values)
    _issue(work, city, work.get(order, id), actor)
    return {"order": id}


def move(work: Work, body: Move, actor: Actor, city: City) -> dict[str, Any]:
    """A person decides: the unit leaves the order that holds it for another incident's draft.

    Both at once, or neither: the unit is never in between.
    """
    held = follow(work, body.order, actor, "order.supervise", *HOLDING)
    asks = follow(work, body.to, actor, "order.issue", OrderState.DRAFT, field="to")
    contended(held, asks)
    _cancel(work, held, body.reason, actor)
    _issue(work, city, asks, actor)
    return {"order": asks["id"]}


def forgo(work: Work, body: Forgo, actor: Actor, city: City) -> dict[str, Any]:
    """A person decides: the unit stays where it is, and the draft waits for another one."""
    asks = follow(work, body.order, actor, "order.issue", OrderState.DRAFT)
    held = follow(work, body.stays, actor, "order.supervise", *HOLDING, field="stays")
    contended(held, asks)
    new = work.put(order, asks["id"], unit=None, scope_json=_of_incident(work, asks))
    say(work, "OrderEdited", new, reason=body.reason)
    contention.asks_no_more(work, new)
    return {"order": asks["id"]}


def contended(held: Row, asks: Row) -> None:
    """Whether two incidents want the unit of `held`, as whoever decides believes."""
    if held["unit"] != asks["unit"] or held["incident"] == asks["incident"]:
        raise Conflict("not_contended", "order", f"{asks['id']} does not ask for {held['unit']}")


def _of_incident(work: Work, row: Row) -> str:
    """Who sees an order that has no unit: its incident's districts."""
    return str(work.get(incident, row["incident"])["scope_json"])


def _issue(work: Work, city: City, row: Row, actor: Actor) -> None:
    if row["unit"] is None:
        raise Invalid("unit_missing", "orders", f"{row['id']} has no unit", {"order": row["id"]})
    known = units.find(city, row["unit"], "orders")
    loans.may_order(work, known, row["incident"], actor, "orders")
    served = task(work, row["incident"], actor)
    units.hold(work, known.id, row["id"], "orders")
    seconds = limit(work, canonical.loads(served["scope_json"]), row)["ack_limit"]
    new = work.put(
        order,
        row["id"],
        state=OrderState.ISSUED.value,
        issued_by=actor.id,
        issued_at=work.now,
        authorised_by=_authority(work, row["incident"]) or actor.id,
        ack_limit=seconds,
        ack_due=work.now + seconds * 1000,
        **stamp(row, OrderState.ISSUED, work.now, actor.id, work.now),
    )
    say(work, "OrderIssued", new)
    contention.takes(work, new)
    steps.ordered(work, city, new)
    for step, part in enumerate(STEPS, 1):
        arm(work, TimerKind.ORDER_ACK, row["id"], work.now + round(seconds * 1000 * part), step)
    if served["state"] == IncidentState.VERIFIED:
        work.put(incident, served["id"], state=IncidentState.RESPONDING.value)


def _authority(work: Work, incident_id: str) -> str | None:
    """Who signed the incident's activation last; orders are given in that name."""
    state = activation.c.state == ActivationState.ACTIVE
    active = work.rows(activation, activation.c.incident == incident_id, state)
    return canonical.loads(active[-1]["signed_json"])[-1]["by"] if active else None


def _cancel(work: Work, row: Row, reason: str, actor: Actor) -> None:
    stamps = stamp(row, OrderState.CANCELLED, work.now, actor.id, work.now)
    values = {"state": OrderState.CANCELLED.value, "note": reason}
    new = work.put(order, row["id"], **values, **stamps)
    say(work, "OrderCancelled", new, reason=reason)
    units.release(work, row["unit"], row["id"])
    disarm(work, row["id"])
    steps.settled(work, row)
