"""Incidents: the open ones in a list, and one of them with all that belongs to it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import or_

from dispatch import steps
from dispatch.city_records import Plan, PlanAction
from dispatch.log import Event
from dispatch.models import activation, alert, event, incident
from dispatch.vocabulary import ActivationState, OrderState
from streams.look import Look, Row
from streams.pictures.activations import activations
from streams.pictures.nearby import similar
from streams.pictures.orders import with_unit
from streams.pictures.picture import Picture, in_scope
from streams.rows import current_activations, open_incidents, orders, orders_of, tally
from streams.stale import ACTIVATION, ALERT, INCIDENT, LOAN, ORDER
from streams.view import View

LOG = 200  # newest entries of an incident's log
STEP_SETTLED = frozenset({"done", "dropped"})


def incidents(look: Look, view: View) -> dict[str, Any]:
    """{incidents: open ones, worst and newest first}, each with its steps whose limit runs."""
    rows = in_scope(open_incidents(look), view)
    rows.sort(key=lambda row: (row["grade"], -row["opened_at"]))
    given, held = _by_incident(orders(look)), _by_incident(current_activations(look))
    ever = _by_incident(
        look.rows(activation, activation.c.incident.in_([one["id"] for one in rows]))
    )
    return {
        "incidents": [
            {
                **row,
                "orders": tally(given.get(row["id"], []), look.moment.now),
                "activation": _main(held.get(row["id"], [])),
                "running": _running(look, row, ever.get(row["id"], []), given.get(row["id"], [])),
            }
            for row in rows
        ]
    }


def _by_incident(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["incident"], []).append(row)
    return found


def one_incident(look: Look, view: View) -> dict[str, Any]:
    """The incident that the view has open, or the alert that it has open and its incident."""
    shown = look.find(alert, view.subject)
    id = shown["incident"] if shown else view.subject
    found = look.find(incident, id)
    picture: dict[str, Any] = {
        "incident": None, "alert": None, "orders": [], "steps": [], "log": [],
        "activation": None, "plan": None,
    }  # fmt: skip
    if shown and in_scope([shown], view):
        picture.update(_alert(look, shown, view))
    if found and in_scope([found], view):
        picture.update(_whole(look, found))
    return picture


def _alert(look: Look, row: Row, view: View) -> dict[str, Any]:
    """An alert that is not an incident yet: what is like it, and the plan that would fit."""
    fitting = look.city.plans_for(row["category"], row["type"])
    return {
        "alert": {**row, "similar": similar(look, row, view)},
        "log": _log(look, None, [row["id"]]),
        "plan": _plan(fitting[0]) if fitting else None,
        "steps": [_step(one, None, None, {}) for one in fitting[0].actions] if fitting else [],
    }


def ruling(look: Look, view: View) -> dict[str, Any]:
    """The incident of the activation that gives the view its mode, as `incident` shows it."""
    held = activations(look, view)["active"]
    return one_incident(look, replace(view, subject=held[0]["incident"] if held else ""))


def _whole(look: Look, row: Row) -> dict[str, Any]:
    mine = orders_of(look, row["id"])
    held = look.rows(activation, activation.c.incident == row["id"])
    plan = _plan_of(look, row)
    main = _main(held)
    return {
        "incident": {**row, "orders": tally(mine, look.moment.now)},
        "orders": [with_unit(look, one) for one in mine],
        "steps": _steps(plan, row, held, mine) if plan else [],
        "log": _log(look, row["id"], row["alerts"]),
        "activation": main,
        "plan": _plan(plan) if plan else None,
    }


def _plan_of(look: Look, row: Row) -> Plan | None:
    return next((one for one in look.city.plans if one.id == row["plan"]), None)


def _running(look: Look, row: Row, held: list[Row], mine: list[Row]) -> list[Row]:
    """The plan's steps that are neither done nor dropped and have a limit."""
    plan = _plan_of(look, row)
    found = _steps(plan, row, held, mine) if plan else []
    told = ("seq", "text", "limit_at", "late_at")
    return [
        {name: one[name] for name in told}
        for one in found
        if one["limit_at"] and one["state"] not in STEP_SETTLED
    ]


def _main(held: list[Row]) -> Row | None:
    """The activation that counts: one that holds before one proposed before one past."""
    rank = {ActivationState.ACTIVE: 2, ActivationState.PROPOSED: 1}
    return max(held, key=lambda row: (rank.get(row["state"], 0), row["from_seq"]), default=None)


def _log(look: Look, id: str | None, alerts: list[str]) -> list[Row]:
    """What happened to an incident and its alerts, newest first."""
    wanted = event.c.subject.in_(alerts)
    return look.events(or_(event.c.incident == id, wanted) if id else wanted, LOG)


def _plan(plan: Plan) -> Row:
    return {
        "id": plan.id,
        "name": {"zh": plan.name_zh, "en": plan.name_en},
        "levels": [
            {"level": int(one.level), "when": _text(one.when), "decided_by": _text(one.decided_by)}
            for one in plan.levels
        ],
        "end_conditions": [_text(one) for one in plan.end_conditions],
    }


def _text(text: Any) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _steps(plan: Plan, row: Row, held: list[Row], mine: list[Row]) -> list[Row]:
    base = max((one["started_at"] or 0 for one in held), default=0) or row["opened_at"]
    newest = {one["plan_step"]: one for one in mine if one["plan_step"] is not None}
    late = row["late"]
    return [_step(action, base, newest.get(action.seq), late) for action in plan.actions]


def _step(action: PlanAction, base: int | None, made: Row | None, late: dict[str, int]) -> Row:
    """late_at: since when the step is overdue, as its timer found it."""
    state = made["state"] if made else None
    issued_at = made["issued_at"] if made else None
    return {
        "seq": action.seq,
        "phase": action.phase,
        "text": {"zh": action.text_zh, "en": action.text_en},
        "force_type": action.force_type,
        "limit_at": None if base is None else steps.limit_at(action, base, issued_at),
        "late_at": late.get(str(action.seq)),
        "state": _STEP.get(state, "active") if state else "pending",
        "order": made["id"] if made else None,
        "order_state": state,
        "unit_name": made.get("unit_name") if made else None,
    }


_STEP = {
    OrderState.DRAFT: "pending",
    OrderState.DECLINED: "pending",
    OrderState.CANCELLED: "dropped",
    OrderState.DONE: "done",
    OrderState.VERIFIED: "done",
}


def _touches(happened: Event, view: View) -> bool:
    """An open incident changes by its own events; an open alert also by what comes near it."""
    if not view.subject:
        return False
    if not view.subject.startswith("EV-"):
        return True
    return view.subject in (happened.incident, happened.subject) or (
        happened.incident is None and happened.type not in ("AlertReceived", "AlertRepeated")
    )


PICTURES = (
    Picture("incidents", incidents, INCIDENT | ORDER | ACTIVATION, every_s=15.0),
    Picture(
        "incident",
        one_incident,
        ALERT | INCIDENT | ORDER | ACTIVATION | LOAN,
        every_s=30.0,
        by_subject=True,
        touches=_touches,
    ),
    Picture("ruling", ruling, INCIDENT | ORDER | ACTIVATION, every_s=30.0),
)
