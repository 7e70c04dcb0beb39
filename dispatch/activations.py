"""Changes of mode: proposed, signed by those who may, standing, ended with a checklist."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch import canonical, naming, plans, steps
from dispatch.access import LEAD, Actor, covers, require
from dispatch.authority import may_end, missing
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.grounds import grounds
from dispatch.inputs import Body, Id, LevelNumber, Line, MaybeProse, Prose
from dispatch.log import Row, Work
from dispatch.mode import RANK, scope_of
from dispatch.models import activation, incident, order
from dispatch.vocabulary import (
    CITY,
    HOLDING,
    OPEN_INCIDENTS,
    ActivationState,
    IncidentState,
    Mode,
    Role,
    TimerKind,
)

LAPSE_MS = 180_000  # a proposal that nobody signs in this time is void


class Propose(Body):
    incident: Id
    mode: Literal["STANDBY", "WARTIME"]
    level: LevelNumber
    scope: Annotated[list[Id], Field(min_length=1, max_length=100)]
    reason: Prose
    plan: Id | None = None


class One(Body):
    activation: Id


class Reject(Body):
    activation: Id
    reason: Prose


class Check(Body):
    activation: Id
    item: Annotated[int, Field(ge=0, le=999)]
    done: bool
    note: MaybeProse = ""


class End(Body):
    """handover: for each open item of the checklist, by its number, who owns it from now on."""

    activation: Id
    reason: Prose
    handover: Annotated[dict[str, Line], Field(default_factory=dict, max_length=200)]


def propose(work: Work, body: Propose, actor: Actor, city: City) -> dict[str, Any]:
    """Ask for a mode; it stands at once if the proposer's own authority is enough."""
    scope = _scope(city, body.scope)
    require(actor, "activation.propose", scope)
    task = _open_incident(work, body.incident, actor)
    plan = plans.choose(city, task["category"], task["type"], body.plan or task["plan"])
    mode, level = Mode(body.mode), int(body.level)
    _not_twice(work, body.incident, mode, level, scope)
    row = {
        "incident": body.incident,
        "mode": mode.value,
        "level": level,
        "scope_json": canonical.dumps(scope),
        "plan": plan.id if plan else None,
        "reason": body.reason,
        "state": ActivationState.PROPOSED.value,
        "signed_json": canonical.dumps(_signed([], work, actor)),
        "needs_json": "[]",
        "proposed_by": actor.id,
        "proposed_at": work.now,
        "expires_at": work.now + LAPSE_MS,
        "checklist_json": canonical.dumps(plans.checklist(plan)),
        "end_reason": "",
        "grounds_json": canonical.dumps(grounds(work, city, task, plan, level)),
    }
    id = naming.next_id(work, naming.ACTIVATION, city.settings.timezone)
    new = work.put(activation, id, **row)
    say(work, "ActivationProposed", new)
    arm(work, TimerKind.ACTIVATION_LAPSE, id, new["expires_at"])
    return _settle(work, new, actor, city)


def sign(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Another person signs; with the last signature that is needed it stands."""
    row = work.get(activation, body.activation, "activation")
    require(actor, "activation.sign", scope_of(row))
    signed = canonical.loads(row["signed_json"])
    if row["state"] == ActivationState.ACTIVE and actor.id in [one["by"] for one in signed]:
        return _answer(row)
    _expect(row, ActivationState.PROPOSED)
    if work.now > row["expires_at"]:
        raise Conflict("lapsed", "activation", f"{row['id']} was not signed in time")
    _another_person(row, signed, actor)
    json = canonical.dumps(_signed(signed, work, actor))
    new = work.put(activation, row["id"], signed_json=json)
    say(work, "ActivationSigned", new)
    return _settle(work, new, actor, city)


def reject(work: Work, body: Reject, actor: Actor, city: City) -> dict[str, Any]:
    """Somebody who could sign says no."""
    row = work.get(activation, body.activation, "activation")
    require(actor, "activation.sign", scope_of(row))
    _expect(row, ActivationState.PROPOSED, ActivationState.DISMISSED)
    if row["state"] == ActivationState.PROPOSED:
        state = ActivationState.DISMISSED.value
        row = work.put(activation, row["id"], state=state, end_reason=body.reason,
                       ended_by=actor.id, ended_at=work.now)  # fmt: skip
        say(work, "ActivationRejected", row, reason=body.reason)
        disarm(work, row["id"])
    return _answer(row)


def lapse(work: Work, city: City, fired: Row) -> None:
    """Nobody signed in time: the proposal is void."""
    row = work.get(activation, fired["subject"])
    if row["state"] == ActivationState.PROPOSED:
        values = {"state": ActivationState.LAPSED.value, "ended_at": work.now}
        say(work, "ActivationLapsed", work.put(activation, row["id"], **values))


def check(work: Work, body: Check, actor: Actor, city: City) -> dict[str, Any]:
    """Tick or untick an item of the checklist."""
    row = work.get(activation, body.activation, "activation")
    require(actor, "activation.check", scope_of(row))
    _expect(row, ActivationState.ACTIVE)
    items = canonical.loads(row["checklist_json"])
    if body.item >= len(items):
        raise Invalid("unknown_item", "item", f"no item {body.item}")
    item = items[body.item]
    if item["word"] == plans.ORDERS_CLOSED and body.done:
        _no_order_open(work, row["incident"], item)
    if (item["done"], item["note"]) != (body.done, body.note):
        item |= {"done": body.done, "by": actor.id, "at": work.now, "note": body.note}
        new = work.put(activation, row["id"], checklist_json=canonical.dumps(items))
        say(work, "ActivationChecked", new, item=body.item, done=body.done)
    return {"activation": row["id"], "item": body.item, "done": body.done}


def end(work: Work, body: End, actor: Actor, city: City) -> dict[str, Any]:
    """Return to peacetime: every item is done, or somebody is named who owns it.

    That all orders are closed is looked at again: since the tick others may have been issued.
    """
    row = work.get(activation, body.activation, "activation")
    require(actor, "activation.end", scope_of(row))
    if row["state"] == ActivationState.ENDED:
        return _answer(row)
    _expect(row, ActivationState.ACTIVE)
    if not may_end(actor.role, Mode(row["mode"]), row["level"], scope_of(row)):
        raise Forbidden("leader_only", "activation", "a leader's signature began it")
    items = _handed_over(canonical.loads(row["checklist_json"]), body.handover)
    _still_closed(work, row["incident"], items)
    return _answer(_end(work, row, actor, body.reason, checklist_json=canonical.dumps(items)))


def say(work: Work, type: str, row: Row, **body: Any) -> None:
    """Say what happened to an activation."""
    known = {"level": row["level"], "mode": row["mode"], "state": row["state"]}
    work.emit(type, row["id"], scope_of(row), {**known, **body}, row["incident"])


def _settle(work: Work, row: Row, actor: Actor, city: City) -> dict[str, Any]:
    """Let the activation stand if its signatures suffice, else keep what is missing."""
    roles = [Role(one["role"]) for one in canonical.loads(row["signed_json"])]
    lacking = missing(Mode(row["mode"]), row["level"], scope_of(row), roles)
    needs = canonical.dumps([one.value for one in lacking])
    new = work.put(activation, row["id"], needs_json=needs)
    if not lacking:
        new = _start(work, new, actor, city)
    return _answer(new)


def _start(work: Work, row: Row, actor: Actor, city: City) -> Row:
    _replace_lower(work, row, actor)
    values = {"state": ActivationState.ACTIVE.value, "started_at": work.now}
    new = work.put(activation, row["id"], **values)
    say(work, "ActivationStarted", new)
    disarm(work, row["id"], TimerKind.ACTIVATION_LAPSE)
    task = work.get(incident, row["incident"])
    if task["state"] == IncidentState.VERIFIED:
        work.put(incident, task["id"], state=IncidentState.RESPONDING.value)
    steps.begin(work, city, task, work.now)
    return new


def _replace_lower(work: Work, row: Row, actor: Actor) -> None:
    """A new activation of the same incident takes the place of those that it contains.

    One of a lower mode or a milder level ends something: that takes the right to end it.
    """
    same = activation.c.incident == row["incident"]
    for old in work.rows(activation, same, activation.c.state == ActivationState.ACTIVE):
        if not covers(scope_of(row), scope_of(old)):
            continue
        if _is_less(row, old) and not _may_lower(row, old):
            raise Forbidden("leader_only", "level", f"only a leader lowers {old['id']}")
        _end(work, old, actor, row["reason"], replaced_by=row["id"])


def _is_less(row: Row, old: Row) -> bool:
    """Whether anything of it is less than it was: level IV in wartime is milder than standby II."""
    return RANK[Mode(row["mode"])] < RANK[Mode(old["mode"])] or row["level"] > old["level"]


def _may_lower(row: Row, old: Row) -> bool:
    """Whether one of those who signed may end the old one."""
    roles = [Role(one["role"]) for one in canonical.loads(row["signed_json"])]
    mode, level, scope = Mode(old["mode"]), old["level"], scope_of(old)
    return any(may_end(role, mode, level, scope) for role in roles)


def _end(work: Work, row: Row, actor: Actor, reason: str, **more: Any) -> Row:
    replaced = more.pop("replaced_by", None)
    values = {
        "state": ActivationState.ENDED.value,
        "ended_at": work.now,
        "ended_by": actor.id,
        "end_reason": reason,
    }
    new = work.put(activation, row["id"], **values, **more)
    say(work, "ActivationEnded", new, reason=reason, replaced_by=replaced)
    return new


def _signed(signed: list[dict[str, Any]], work: Work, actor: Actor) -> list[dict[str, Any]]:
    """The signatures with one more; who may only propose does not sign."""
    if actor.role not in LEAD:
        return signed
    session = hashlib.sha256(actor.session.encode()).hexdigest()[:16] if actor.session else ""
    return [*signed, {"by": actor.id, "role": actor.role, "at": work.now, "session": session}]


def _another_person(row: Row, signed: list[dict[str, Any]], actor: Actor) -> None:
    """Two signatures are of two persons who signed in apart from each other."""
    session = hashlib.sha256(actor.session.encode()).hexdigest()[:16] if actor.session else ""
    if actor.id in [one["by"] for one in signed]:
        raise Conflict("same_person", "activation", f"you have signed {row['id']} already")
    if session and session in [one["session"] for one in signed]:
        raise Conflict("same_session", "activation", "the other person signs on his own screen")


def _handed_over(items: list[dict[str, Any]], handover: Mapping[str, str]) -> list[dict[str, Any]]:
    for key, owner in handover.items():
        if not key.isdecimal() or int(key) >= len(items):
            raise Invalid("unknown_item", "handover", f"no item {key}")
        items[int(key)]["owner"] = owner
    left = [str(one["item"]) for one in items if not one["done"] and not one["owner"]]
    if left:
        raise Conflict("checklist_open", "handover", "items are open: " + ", ".join(left))
    return items


def _scope(city: City, asked: Sequence[str]) -> list[str]:
    if CITY in asked:
        return [CITY]
    unknown = sorted(set(asked) - set(city.codes))
    if unknown:
        raise Invalid("unknown_district", "scope", f"no district {unknown[0]}")
    return sorted(set(asked))


def _open_incident(work: Work, id: str, actor: Actor) -> Row:
    row = work.get(incident, id, "incident")
    require(actor, "activation.propose", scope_of(row))
    if row["state"] not in OPEN_INCIDENTS:
        raise Conflict("incident_over", "incident", f"{id} is {row['state']}")
    return row


def _not_twice(work: Work, incident_id: str, mode: Mode, level: int, scope: list[str]) -> None:
    standing = (ActivationState.PROPOSED, ActivationState.ACTIVE)
    same = activation.c.incident == incident_id
    for row in work.rows(activation, same, activation.c.state.in_(standing)):
        if (row["mode"], row["level"], scope_of(row)) == (mode, level, scope):
            about = {"activation": row["id"]}
            raise Conflict(f"already_{row['state'].lower()}", "incident", row["id"], about)


def _still_closed(work: Work, incident_id: str, items: list[dict[str, Any]]) -> None:
    """Look again at the ticks of closed orders; one that is true no more needs an owner."""
    for item in items:
        if item["word"] != plans.ORDERS_CLOSED or not item["done"]:
            continue
        if not item["owner"]:
            _no_order_open(work, incident_id, item, "orders_open_again")
        elif _open_orders(work, incident_id):
            item |= {"done": False, "by": None, "at": None}


def _no_order_open(
    work: Work, incident_id: str, item: dict[str, Any], code: str = "orders_open"
) -> None:
    if held := _open_orders(work, incident_id):
        about = {"item": str(item["item"]), "order": held[0]["id"]}
        detail = f"item {item['item']}: {len(held)} orders are still open"
        raise Conflict(code, "item", detail, about)


def _open_orders(work: Work, incident_id: str) -> list[Row]:
    return work.rows(order, order.c.incident == incident_id, order.c.state.in_(HOLDING))


def _expect(row: Row, *states: ActivationState) -> None:
    if row["state"] not in states:
        raise Conflict("wrong_state", "activation", f"{row['id']} is {row['state']}")


def _answer(row: Row) -> dict[str, Any]:
    needs = canonical.loads(row["needs_json"])
    return {"activation": row["id"], "state": row["state"], "needs": needs}
