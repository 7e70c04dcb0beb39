"""Orders from the desk: drafted, issued to a unit that no other order holds, followed up."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from dispatch import canonical, mode, naming, units
from dispatch.access import Actor, covers, require
from dispatch.city import City
from dispatch.city_records import PlanAction
from dispatch.deadlines import arm, disarm
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.inputs import Body, Id, MaybeProse, Prose
from dispatch.log import Row, Work
from dispatch.models import activation, incident, order
from dispatch.vocabulary import (
    CITY,
    HOLDING,
    OPEN_INCIDENTS,
    UNSIGNED,
    ActivationState,
    IncidentState,
    Mode,
    OrderKind,
    OrderState,
    Priority,
    Role,
    TimerKind,
)

ACK_S = {Priority.FLASH: 60, Priority.URGENT: 180, Priority.ROUTINE: 600}
PEACETIME_ACK_S = 1800
STEPS = (1.0, 1.5, 2.0)
"""Parts of the limit after which an unsigned order is pushed again, called, given to another."""

AckLimit = Annotated[int, Field(ge=10, le=86_400)]


class Draft(Body):
    incident: Id
    text: Prose
    kind: OrderKind
    priority: Priority
    unit: Id | None = None
    ack_limit: AckLimit | None = None


class Edit(Body):
    order: Id
    text: Prose | None = None
    unit: Id | None = None
    priority: Priority | None = None
    ack_limit: AckLimit | None = None


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


class Reassign(Body):
    order: Id
    unit: Id
    reason: Prose


def draft(work: Work, body: Draft, actor: Actor, city: City) -> dict[str, Any]:
    """Write an order down; nobody gets it before it is issued."""
    row = _incident(work, body.incident, actor)
    if body.unit is not None:
        units.find(city, body.unit)
    values = body.model_dump(exclude={"incident"}, exclude_none=True)
    return {"order": _draft(work, city, row, actor, values)}


def draft_action(
    work: Work, city: City, row: Row, action: PlanAction, unit: str | None, actor: Actor
) -> str:
    """Draft the order that a plan's action asks for."""
    values = {
        "text": action.text_zh,
        "kind": action.kind,
        "priority": action.priority,
        "unit": unit,
        "plan_step": action.seq,
    }
    return _draft(work, city, row, actor, values)


def edit(work: Work, body: Edit, actor: Actor, city: City) -> dict[str, Any]:
    """Change a draft; an order that was issued is never changed."""
    row = _followed(work, body.order, actor, "order.issue", OrderState.DRAFT)
    if body.unit is not None:
        units.find(city, body.unit)
    values = _plain(body.model_dump(exclude={"order"}, exclude_none=True))
    if values:
        values |= _limit(work, canonical.loads(row["scope_json"]), {**row, **values})
        new = work.put(order, row["id"], **values)
        new = work.put(order, row["id"], scope_json=_scope(work, city, new))
        say(work, "OrderEdited", new)
    return {"order": row["id"]}


def discard(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Throw a draft away."""
    row = _followed(work, body.order, actor, "order.issue", OrderState.DRAFT)
    say(work, "OrderDiscarded", row)
    work.end(order, row["id"])
    return {"order": row["id"]}


def discard_drafts(work: Work, incident_id: str) -> None:
    """Throw away what was never issued for an incident."""
    state = order.c.state == OrderState.DRAFT
    for row in work.rows(order, order.c.incident == incident_id, state):
        say(work, "OrderDiscarded", row)
        work.end(order, row["id"])


def issue(work: Work, body: Issue, actor: Actor, city: City) -> dict[str, Any]:
    """Issue drafts together: all of them, or none if one cannot be."""
    issued = []
    for id in dict.fromkeys(body.orders):
        row = _followed(work, id, actor, "order.issue", field="orders")
        if row["state"] != OrderState.DRAFT:
            raise Conflict("already_issued", "orders", f"{id} is {row['state']}", {"order": id})
        _issue(work, city, row, actor)
        issued.append(id)
    return {"orders": issued}


def verify(work: Work, body: Verify, actor: Actor, city: City) -> dict[str, Any]:
    """The desk has checked what the unit reports as done."""
    row = _followed(work, body.order, actor, "order.supervise", OrderState.DONE,
                    OrderState.VERIFIED)  # fmt: skip
    if row["state"] == OrderState.DONE:
        stamps = stamp(row, OrderState.VERIFIED, work.now, actor.id, work.now)
        values = {"state": OrderState.VERIFIED.value, "note": body.note or row["note"]}
        say(work, "OrderVerified", work.put(order, row["id"], **values, **stamps))
    return {"order": row["id"]}


def cancel(work: Work, body: Cancel, actor: Actor, city: City) -> dict[str, Any]:
    """Call an order back; its unit is free again."""
    row = _followed(work, body.order, actor, "order.supervise", *HOLDING, OrderState.CANCELLED)
    if row["state"] != OrderState.CANCELLED:
        _cancel(work, row, body.reason, actor)
    return {"order": row["id"]}


def remind(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Ring the unit's phone again."""
    row = _followed(work, body.order, actor, "order.supervise", *UNSIGNED)
    say(work, "OrderReminded", work.put(order, row["id"], reminded_at=work.now))
    return {"order": row["id"]}


def reassign(work: Work, body: Reassign, actor: Actor, city: City) -> dict[str, Any]:
    """Give the task to another unit: a new order at once, the old one is called back."""
    states = (*HOLDING, OrderState.DECLINED)
    row = _followed(work, body.order, actor, "order.issue", *states)
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
    id = _draft(work, city, work.get(incident, row["incident"]), actor, values)
    _issue(work, city, work.get(order, id), actor)
    return {"order": id}


def stamp(
    row: Row, state: OrderState, at: int, by: str, received: int, **more: Any
) -> dict[str, str]:
    """The stamps of an order with one more: when it was so, who said it, when we heard."""
    stamps = canonical.loads(row["stamps_json"])
    stamps[state.value] = {"at": at, "by": by, "received": received, **more}
    return {"stamps_json": canonical.dumps(stamps)}


def _draft(work: Work, city: City, row: Row, actor: Actor, values: Mapping[str, Any]) -> str:
    id = naming.next_id(work, naming.ORDER, city.settings.timezone)
    base = {
        "incident": row["id"],
        "state": OrderState.DRAFT.value,
        "unit": None,
        "scope_json": row["scope_json"],
        "drafted_by": actor.id,
        "drafted_at": work.now,
        "ack_set": False,
        "stamps_json": "{}",
        "escalation": 0,
        "note": "",
        **_plain(values),
    }
    base |= _limit(work, canonical.loads(row["scope_json"]), base)
    new = work.put(order, id, **base)
    say(work, "OrderDrafted", work.put(order, id, scope_json=_scope(work, city, new)))
    return id


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Input values as they are stored; a limit that somebody set stays as it is."""
    plain = dict(values)
    for name in ("kind", "priority"):
        if name in plain:
            plain[name] = plain[name].value if hasattr(plain[name], "value") else plain[name]
    if "ack_limit" in plain:
        plain["ack_set"] = True
    return plain


def _limit(work: Work, scope: list[str], row: Mapping[str, Any]) -> dict[str, int]:
    """How long the unit may take to sign, in seconds: by priority in wartime."""
    if row["ack_set"]:
        return {"ack_limit": row["ack_limit"]}
    active = work.rows(activation, activation.c.state == ActivationState.ACTIVE)
    if mode.effective(active, scope)[0] is Mode.WARTIME:
        return {"ack_limit": ACK_S[Priority(row["priority"])]}
    return {"ack_limit": PEACETIME_ACK_S}


def _scope(work: Work, city: City, row: Row) -> str:
    """Who sees an order: the incident's districts and the unit's own."""
    scope = set(canonical.loads(work.get(incident, row["incident"])["scope_json"]))
    if row["unit"] is not None and CITY not in scope:
        scope.add(units.find(city, row["unit"]).district)
    return canonical.dumps(sorted(scope))


def _issue(work: Work, city: City, row: Row, actor: Actor) -> None:
    if row["unit"] is None:
        raise Invalid("unit_missing", "orders", f"{row['id']} has no unit", {"order": row["id"]})
    known = units.find(city, row["unit"], "orders")
    if actor.role is not Role.LEADER and not covers(actor.scope, [known.district]):
        raise Forbidden("out_of_scope", "orders", f"{known.id} is outside your jurisdiction")
    task = _incident(work, row["incident"], actor)
    units.hold(work, known.id, row["id"], "orders")
    limit = _limit(work, canonical.loads(task["scope_json"]), row)["ack_limit"]
    stamps = stamp(row, OrderState.ISSUED, work.now, actor.id, work.now)
    new = work.put(
        order,
        row["id"],
        state=OrderState.ISSUED.value,
        issued_by=actor.id,
        issued_at=work.now,
        authorised_by=_authority(work, row["incident"]) or actor.id,
        ack_limit=limit,
        ack_due=work.now + limit * 1000,
        **stamps,
    )
    say(work, "OrderIssued", new)
    for step, part in enumerate(STEPS, 1):
        due = work.now + round(limit * 1000 * part)
        arm(work, TimerKind.ORDER_ACK, row["id"], due, step)
    if task["state"] == IncidentState.VERIFIED:
        work.put(incident, task["id"], state=IncidentState.RESPONDING.value)


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


def _incident(work: Work, id: str, actor: Actor) -> Row:
    row = work.get(incident, id, "incident")
    require(actor, "order.issue", canonical.loads(row["scope_json"]))
    if row["state"] not in OPEN_INCIDENTS:
        raise Conflict("incident_over", "incident", f"{id} is {row['state']}")
    return row


def _followed(
    work: Work, id: str, actor: Actor, right: str, *states: OrderState, field: str = "order"
) -> Row:
    """An order whose incident lies in the actor's jurisdiction, in one of the states."""
    row = work.get(order, id, field)
    require(actor, right, canonical.loads(work.get(incident, row["incident"])["scope_json"]))
    if states and row["state"] not in states:
        raise Conflict("wrong_state", field, f"{id} is {row['state']}", {"order": id})
    return row


def say(work: Work, type: str, row: Row, **body: Any) -> None:
    """Say what happened to an order. body: level is its priority."""
    scope = canonical.loads(row["scope_json"])
    known = {"level": row["priority"], "unit": row["unit"], "state": row["state"]}
    work.emit(type, row["id"], scope, {**known, **body}, row["incident"])
