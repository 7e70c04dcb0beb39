"""Which units suit an incident, or an alert that is not one yet, and why."""

from typing import Any

from dispatch import units
from dispatch.access import meets
from dispatch.city_records import Plan, Unit
from dispatch.log import Event
from dispatch.models import alert, incident
from dispatch.scoring import Candidate, Need
from streams.look import Look, Row
from streams.names import Name
from streams.pictures.picture import Picture
from streams.stale import LOAN, UNIT
from streams.view import View

EACH = 6  # units shown for one need
MOST = 24


def recommend(look: Look, view: View) -> dict[str, Any]:
    """{needs: what its plan asks for, units: the best for each, reasons beside}."""
    opened = look.find(incident, view.subject)
    thing = opened or look.find(alert, view.subject)
    if thing is None or not meets(view.scope, thing["scope"]):
        return {"needs": [], "units": []}
    needs = _needs(plan_of(look, thing), thing, opened["id"] if opened else None)
    shown: dict[str, Row] = {}
    for need in needs:
        for one in ranked(look, need)[:EACH]:
            shown.setdefault(one.id, _row(look, one, need))
    best = sorted(shown.values(), key=lambda row: (not row["offered"], -row["score"], row["id"]))
    return {"needs": [_need(need) for need in needs], "units": best[:MOST]}


def plan_of(look: Look, thing: Row) -> Plan | None:
    if thing.get("plan"):
        return next((one for one in look.city.plans if one.id == thing["plan"]), None)
    fitting = look.city.plans_for(thing["category"], thing["type"])
    return fitting[0] if fitting else None


def _needs(plan: Plan | None, thing: Row, incident_id: str | None) -> list[Need]:
    """What the plan's steps ask for, each kind once; anything at all where there is no plan."""
    if plan is None:
        return [Need(None, thing["lat"], thing["lon"], (), incident_id)]
    asked = [
        Need(
            action.force_type,
            thing["lat"],
            thing["lon"],
            (action.capability,) if action.capability else (),
            incident_id,
        )
        for action in plan.actions
    ]
    return list(dict.fromkeys(asked))


def ranked(look: Look, need: Need) -> list[Candidate]:
    asked = [one for one in look.city.units if need.force_type in (None, one.force_type)]
    moment = look.moment
    duties = look.once(
        "duties",
        lambda: units.duties_at(look.connection, moment.now, moment.realm, moment.seq),
    )
    return units.rank(asked, need, _fixes(look, need, asked), duties, moment.now)


def _fixes(look: Look, need: Need, asked: list[Unit]) -> dict[str, units.Fix]:
    ids = [one.id for one in asked]
    moment = look.moment
    return look.once(
        ("fixes", need.force_type),
        lambda: units.last_fixes(look.connection, ids, moment.now, moment.realm),
    )


def _row(look: Look, one: Candidate, need: Need) -> Row:
    known = look.board.units[one.id]
    return {
        "id": one.id,
        "name": look.names.unit(one.id),
        "force_type": known.force_type.value,
        "district": known.district,
        "score": one.score,
        "offered": one.offered,
        "heard": one.heard.value,
        "status": one.status.value,
        "last_of_district": one.last_of_district,
        "needs": list(need.capabilities),
        "eta_kind": "straight",
        "reasons": {
            "eta_s": one.eta_s,
            "distance_m": one.distance_m,
            "capabilities": list(one.capabilities),
            "missing": list(one.missing),
            "fresh_s": one.fresh_s,
            "busy": one.busy,
            "lent_to": lent_to(look, one.lent, need.incident),
        },
    }


def lent_to(look: Look, to: str | None, asks: str | None) -> list[Name] | None:
    """The districts that a unit is lent to, unless it is lent to the incident that asks."""
    found = look.find(incident, to) if to != asks else None
    return found["scope_names"] if found else None


def _need(need: Need) -> Row:
    force = need.force_type
    return {
        "force_type": force.value if force else None,
        "capabilities": list(need.capabilities),
    }


def _touches(happened: Event, view: View) -> bool:
    """What units do touches every list of them; an alert's update only its own."""
    if not happened.type.startswith("Alert"):
        return bool(view.subject)
    return happened.subject == view.subject


PICTURES = (
    Picture(
        "recommend",
        recommend,
        UNIT | LOAN | {"AlertUpdated"},
        every_s=15.0,
        by_subject=True,
        touches=_touches,
    ),
)
