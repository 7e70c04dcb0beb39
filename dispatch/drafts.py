"""Orders before they are issued: written down, changed, thrown away. Nobody gets a draft."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from dispatch import canonical, contention, naming, units
from dispatch.access import Actor
from dispatch.city import City
from dispatch.city_records import PlanAction
from dispatch.inputs import Body, Id, PriorityNumber, Prose
from dispatch.log import Row, Work
from dispatch.models import incident, order
from dispatch.order_book import follow, limit, say, task
from dispatch.vocabulary import CITY, OrderKind, OrderState

AckLimit = Annotated[int, Field(ge=10, le=86_400)]


class Draft(Body):
    incident: Id
    text: Prose
    kind: OrderKind
    priority: PriorityNumber
    unit: Id | None = None
    ack_limit: AckLimit | None = None


class Edit(Body):
    order: Id
    text: Prose | None = None
    unit: Id | None = None
    priority: PriorityNumber | None = None
    ack_limit: AckLimit | None = None


class One(Body):
    order: Id


def draft(work: Work, body: Draft, actor: Actor, city: City) -> dict[str, Any]:
    """Write an order down; nobody gets it before it is issued."""
    row = task(work, body.incident, actor)
    if body.unit is not None:
        units.find(city, body.unit)
    values = body.model_dump(exclude={"incident"}, exclude_none=True)
    return {"order": write_down(work, city, row, actor, values)}


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
    return write_down(work, city, row, actor, values)


def edit(work: Work, body: Edit, actor: Actor, city: City) -> dict[str, Any]:
    """Change a draft; an order that was issued is never changed."""
    row = follow(work, body.order, actor, "order.issue", OrderState.DRAFT)
    if body.unit is not None:
        units.find(city, body.unit)
    values = _plain(body.model_dump(exclude={"order"}, exclude_none=True))
    if values:
        values |= limit(work, canonical.loads(row["scope_json"]), {**row, **values})
        new = work.put(order, row["id"], **values)
        new = work.put(order, row["id"], scope_json=_scope(work, city, new))
        say(work, "OrderEdited", new)
        if new["unit"] != row["unit"]:
            contention.asks(work, new)
    return {"order": row["id"]}


def discard(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Throw a draft away."""
    row = follow(work, body.order, actor, "order.issue", OrderState.DRAFT)
    _throw_away(work, row)
    return {"order": row["id"]}


def discard_drafts(work: Work, incident_id: str) -> None:
    """Throw away what was never issued for an incident."""
    state = order.c.state == OrderState.DRAFT
    for row in work.rows(order, order.c.incident == incident_id, state):
        _throw_away(work, row)


def _throw_away(work: Work, row: Row) -> None:
    say(work, "OrderDiscarded", row)
    work.end(order, row["id"])
    contention.asks_no_more(work, row)


def write_down(work: Work, city: City, row: Row, actor: Actor, values: Mapping[str, Any]) -> str:
    """Make a draft for the incident `row`; gives its number."""
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
    base |= limit(work, canonical.loads(row["scope_json"]), base)
    new = work.put(order, id, **base)
    written = work.put(order, id, scope_json=_scope(work, city, new))
    say(work, "OrderDrafted", written)
    contention.asks(work, written)
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


def _scope(work: Work, city: City, row: Row) -> str:
    """Who sees an order: the incident's districts and the unit's own."""
    scope = set(canonical.loads(work.get(incident, row["incident"])["scope_json"]))
    if row["unit"] is not None and CITY not in scope:
        scope.add(units.find(city, row["unit"]).district)
    return canonical.dumps(sorted(scope))
