"""Incidents: opened from a verified alert, graded, controlled, ended."""

from typing import Any

from dispatch import calls, canonical, drafts, loans, naming, plans, steps, triage
from dispatch.access import Actor, may_send, require
from dispatch.city import City
from dispatch.city_records import Plan
from dispatch.errors import Conflict
from dispatch.inputs import Body, Id, LevelNumber, Prose, Title
from dispatch.log import Row, Work
from dispatch.models import activation, alert, incident, order
from dispatch.units import Need, duties_at, last_fixes, rank
from dispatch.vocabulary import (
    HOLDING,
    OPEN_INCIDENTS,
    ActivationState,
    AlertState,
    ForceType,
    IncidentState,
)


class Open(Body):
    """verified: the opener says himself that the alert is true."""

    alert: Id
    grade: LevelNumber
    title: Title | None = None
    plan: Id | None = None
    verified: bool = False


class Note(Body):
    incident: Id
    text: Prose


class Grade(Body):
    incident: Id
    grade: LevelNumber


class One(Body):
    incident: Id


class End(Body):
    incident: Id
    reason: Prose


def open_one(work: Work, body: Open, actor: Actor, city: City) -> dict[str, Any]:
    """Make an incident of a true alert and draft an order for each action of its plan."""
    source = work.get(alert, body.alert, "alert")
    require(actor, "incident.open", canonical.loads(source["scope_json"]))
    source = _true(work, source, body, actor)
    plan = plans.choose(city, source["category"], source["type"], body.plan)
    id = naming.next_id(work, naming.INCIDENT, city.settings.timezone)
    merged = [r["id"] for r in work.rows(alert, alert.c.merged_into == source["id"])]
    row = work.put(incident, id, **_first(work, source, body, plan, actor, merged))
    scope = canonical.loads(row["scope_json"])
    work.emit("IncidentOpened", id, scope, {"level": row["grade"], "plan": row["plan"]}, id)
    for one in [source["id"], *merged]:
        _link(work, one, id)
    steps.begin(work, city, row, work.now)
    return {"incident": id, "orders": _draft_plan(work, city, row, plan, actor)}


def note(work: Work, body: Note, actor: Actor, city: City) -> dict[str, Any]:
    """A fact or decision for the incident's log."""
    row = handled(work, body.incident, actor)
    _say(work, "IncidentNoted", row, text=body.text)
    return {"incident": row["id"]}


def grade(work: Work, body: Grade, actor: Actor, city: City) -> dict[str, Any]:
    """The grade by what is known now; it may rise and fall."""
    row = handled(work, body.incident, actor)
    if row["grade"] != body.grade:
        new = work.put(incident, row["id"], grade=int(body.grade))
        _say(work, "IncidentGraded", new, before=row["grade"])
    return {"incident": row["id"], "grade": int(body.grade)}


def control(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """The danger grows no more."""
    row = handled(work, body.incident, actor)
    if row["state"] != IncidentState.CONTROLLED:
        row = work.put(incident, row["id"], state=IncidentState.CONTROLLED.value)
        _say(work, "IncidentControlled", row)
    return {"incident": row["id"]}


def end(work: Work, body: End, actor: Actor, city: City) -> dict[str, Any]:
    """The incident is over: no unit works on it and no activation stands."""
    row = work.get(incident, body.incident, "incident")
    require(actor, "incident.handle", canonical.loads(row["scope_json"]))
    if row["state"] in OPEN_INCIDENTS:
        _nothing_open(work, row["id"])
        new = work.put(incident, row["id"], state=IncidentState.ENDED.value, ended_at=work.now)
        _say(work, "IncidentEnded", new, reason=body.reason)
        for one in canonical.loads(row["alerts_json"]):
            work.put(alert, one, closed_at=work.now)
        drafts.discard_drafts(work, row["id"])
        steps.end(work, row["id"])
        loans.end_of(work, row["id"], actor.id)
        calls.end_of(work, row["id"])
    return {"incident": row["id"]}


def handled(work: Work, id: str, actor: Actor, right: str = "incident.handle") -> Row:
    """An open incident of the actor's jurisdiction. Raises NotFound, Forbidden, Conflict."""
    row = work.get(incident, id, "incident")
    require(actor, right, canonical.loads(row["scope_json"]))
    if row["state"] not in OPEN_INCIDENTS:
        raise Conflict("incident_over", "incident", f"{id} is {row['state']}")
    return row


def _true(work: Work, source: Row, body: Open, actor: Actor) -> Row:
    if source["state"] == AlertState.LINKED:
        about = {"incident": source["incident"]}
        raise Conflict("already_open", "alert", f"{source['incident']} stands for it", about)
    if source["state"] == AlertState.CONFIRMED:
        return source
    if not body.verified:
        raise Conflict("not_verified", "alert", f"{source['id']} is {source['state']}")
    return triage.confirm(work, source, actor, "")


def _first(
    work: Work, source: Row, body: Open, plan: Plan | None, actor: Actor, merged: list[str]
) -> dict[str, Any]:
    taken = ("category", "type", "place", "lat", "lon", "scope_json", "occurred_at")
    return {
        **{name: source[name] for name in taken},
        "state": IncidentState.VERIFIED.value,
        "title": body.title or source["title"],
        "grade": int(body.grade),
        "alerts_json": canonical.dumps([source["id"], *merged]),
        "plan": plan.id if plan else None,
        "reported_at": source["received_at"],
        "opened_at": work.now,
        "opened_by": actor.id,
        "late_json": "{}",
        "facts_json": "{}",
    }


def _link(work: Work, id: str, incident_id: str) -> None:
    row = work.get(alert, id)
    state = row["state"] if row["state"] == AlertState.MERGED else AlertState.LINKED.value
    work.put(alert, id, state=state, incident=incident_id)
    body = {"level": row["severity"]}
    work.emit("AlertLinked", id, canonical.loads(row["scope_json"]), body, incident_id)


def _draft_plan(work: Work, city: City, row: Row, plan: Plan | None, actor: Actor) -> list[str]:
    """One draft for each action, with the best free unit that no other draft here has.

    Units that the drafter may send himself come before those that a leader must send.
    """
    if plan is None:
        return []
    everyone = [one.id for one in city.units]
    fixes = last_fixes(work.connection, everyone, work.now, work.realm)
    duties = duties_at(work.connection, work.now, work.realm)
    districts = {one.id: one.district for one in city.units}
    drafted: list[str] = []
    taken: set[str] = set()
    for action in plan.actions:
        force = ForceType(action.force_type)
        needed = (action.capability,) if action.capability else ()
        asked = [one for one in city.units if one.force_type is force]
        need = Need(force, row["lat"], row["lon"], needed, row["id"])
        found = rank(asked, need, fixes, duties, work.now)
        free = [c.id for c in found if c.offered and not c.missing and c.id not in taken]
        free.sort(key=lambda id: not may_send(actor.role, actor.scope, districts[id]))
        unit = action.unit if action.unit and action.unit not in taken else next(iter(free), None)
        taken |= {unit} if unit else set()
        drafted.append(drafts.draft_action(work, city, row, action, unit, actor))
    return drafted


def _nothing_open(work: Work, id: str) -> None:
    held = work.rows(order, order.c.incident == id, order.c.state.in_(HOLDING))
    if held:
        about = {"order": held[0]["id"]}
        raise Conflict("orders_open", "incident", f"{len(held)} orders are still open", about)
    standing = (ActivationState.ACTIVE, ActivationState.PROPOSED)
    active = work.rows(activation, activation.c.incident == id, activation.c.state.in_(standing))
    if active:
        about = {"activation": active[0]["id"]}
        raise Conflict("activation_open", "incident", f"{active[0]['id']} still stands", about)


def _say(work: Work, type: str, row: Row, **body: Any) -> None:
    scope = canonical.loads(row["scope_json"])
    work.emit(type, row["id"], scope, {"level": row["grade"], **body}, row["id"])
