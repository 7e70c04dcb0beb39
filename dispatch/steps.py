"""The limits of a plan's steps, and what is said when one is missed: once, with its state."""

from typing import Any

from dispatch import canonical
from dispatch.city import City
from dispatch.city_records import Plan, PlanAction
from dispatch.deadlines import arm, disarm, row_of
from dispatch.log import Row, Work
from dispatch.models import incident, order, timer
from dispatch.vocabulary import OPEN_INCIDENTS, OrderState, TimerKind

MINUTE_MS = 60_000
SETTLED = (OrderState.DONE, OrderState.VERIFIED, OrderState.CANCELLED)
"""States of its order in which a step waits for nothing more."""


def limit_at(action: PlanAction, base: int, issued_at: int | None) -> int:
    """When the step must be done (ms UTC): counted from its order, before that from `base`."""
    if issued_at is not None:
        return issued_at + round(action.deadline_min * MINUTE_MS)
    return base + round((action.offset_min + action.deadline_min) * MINUTE_MS)


def begin(work: Work, city: City, row: Row, base: int) -> None:
    """Count every step of an incident's plan from `base`, but those whose order is out."""
    plan = _plan(city, row["plan"])
    out = {one["plan_step"] for one in _orders(work, row["id"]) if one["issued_at"] is not None}
    known = canonical.loads(row["late_json"])
    for action in plan.actions if plan else ():
        if action.seq not in out and str(action.seq) not in known:
            due = limit_at(action, base, None)
            arm(work, TimerKind.PLAN_STEP, row["id"], due, action.seq)


def ordered(work: Work, city: City, issued: Row) -> None:
    """The step's order is out: its limit counts from now."""
    row = work.get(incident, issued["incident"])
    plan = _plan(city, row["plan"])
    for action in plan.actions if plan else ():
        if action.seq == issued["plan_step"] and str(action.seq) not in _late(row):
            due = limit_at(action, work.now, work.now)
            arm(work, TimerKind.PLAN_STEP, row["id"], due, action.seq)


def settled(work: Work, row: Row) -> None:
    """The step of this order waits for nothing more."""
    if row["plan_step"] is not None:
        id = row_of(TimerKind.PLAN_STEP, row["incident"], 0, row["plan_step"])["id"]
        if work.find(timer, id) is not None:
            work.end(timer, id)


def end(work: Work, incident_id: str) -> None:
    """No step of this incident is counted any more."""
    disarm(work, incident_id, TimerKind.PLAN_STEP)


def late(work: Work, city: City, fired: Row) -> None:
    """A step was not done in time: kept with the incident, told once to the desks."""
    row, seq = work.get(incident, fired["subject"]), fired["step"]
    known = _late(row)
    made = [one for one in _orders(work, row["id"]) if one["plan_step"] == seq]
    last = made[-1] if made else None
    done = last is not None and last["state"] in SETTLED
    if row["state"] not in OPEN_INCIDENTS or done or str(seq) in known:
        return
    known[str(seq)] = fired["due_at"]
    new = work.put(incident, row["id"], late_json=canonical.dumps(known))
    body: dict[str, Any] = {"level": new["grade"], "step": seq, "due_at": fired["due_at"]}
    body |= {"order": last["id"], "state": last["state"]} if last else {"order": None}
    work.emit("IncidentStepLate", row["id"], canonical.loads(row["scope_json"]), body, row["id"])


def _late(row: Row) -> dict[str, int]:
    return dict(canonical.loads(row["late_json"]))


def _orders(work: Work, incident_id: str) -> list[Row]:
    """The incident's orders, the oldest first."""
    found = work.rows(order, order.c.incident == incident_id)
    return sorted(found, key=lambda one: (one["drafted_at"], one["id"]))


def _plan(city: City, id: str | None) -> Plan | None:
    return next((one for one in city.plans if one.id == id), None)
