"""Which activations hold: the effective mode of a jurisdiction, and its neighbours'."""

from typing import Any

from sqlalchemy import func, select

from dispatch.access import meets
from dispatch.models import activation, event, incident
from dispatch.vocabulary import ActivationState, Mode, Role
from streams.daytime import DAY
from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.rows import current_activations
from streams.stale import ACTIVATION, INCIDENT, MODE
from streams.view import View

BANNER = ("id", "mode", "level", "state", "scope", "scope_names", "started_at",
          "incident", "incident_title")  # fmt: skip
"""What others are told of a district's activation: that it is, since when, and what for."""
ENDED = 20  # so many that ended within a day stay in sight
WEIGHT = {Mode.PEACETIME: 0, Mode.STANDBY: 1, Mode.WARTIME: 2}


def activations(look: Look, view: View) -> dict[str, Any]:
    """{mode, level, epoch}: the highest of all that meet the view's scope, and all of them.

    A phone is told what holds, not who signed, on what grounds, and what harm was done.
    """
    lately = _ended(look, view)
    about = _incidents(look, [*current_activations(look), *lately])
    rows = [_row(look, row, about) for row in current_activations(look)]
    active = [row for row in rows if row["state"] == ActivationState.ACTIVE]
    own = sorted(in_scope(active, view), key=_rank)
    others = (row for row in active if not meets(view.scope, row["scope"]))
    top = own[0] if own else {"mode": Mode.PEACETIME, "level": 0}
    proposed = in_scope([row for row in rows if row not in active], view)
    ended = [_row(look, row, about) for row in lately]
    phone = view.role is Role.RESPONDER
    return {
        "active": [_banner(row) | {"reason": row["reason"]} for row in own] if phone else own,
        "proposed": [] if phone else proposed,
        "ended_recent": [] if phone else ended,
        "mode": top["mode"],
        "level": top["level"],
        "epoch": epoch(look),
        "own": [row["id"] for row in own],
        "neighbours": [_banner(row) for row in sorted(others, key=_rank)],
    }


def _banner(row: Row) -> Row:
    return {name: row[name] for name in BANNER}


def _rank(row: Row) -> tuple[int, int, int]:
    """Wartime before standby, the worse level first, the older first."""
    return -WEIGHT[row["mode"]], row["level"], row["started_at"] or 0


def _incidents(look: Look, rows: list[Row]) -> dict[str, Row]:
    """The incidents that they are for, read at once."""
    ids = sorted({row["incident"] for row in rows if row["incident"]})
    found = look.rows(incident, incident.c.id.in_(ids)) if ids else []
    return {one["id"]: one for one in found}


def _row(look: Look, row: Row, about: dict[str, Row]) -> Row:
    """The activation with what it is for; the same object as long as neither changes."""
    cause = about.get(row["incident"] or "", {})
    return look.board.made("activation", row, cause, lambda: _told(look, row, cause))


def _told(look: Look, row: Row, cause: Row) -> Row:
    checklist = row["checklist"] or []
    return {
        **row,
        "incident_title": cause.get("title"),
        **_plan(look, row["plan"]),
        "signed": [{**one, "by_name": look.names.actor(one["by"])} for one in row["signed"] or []],
        "checklist": [{**one, "by_name": _by(look, one)} for one in checklist],
        "grounds": _grounds(look, row["grounds"] or {}),
        "open_items": sum(not item.get("done") for item in checklist),
        "residents": residents(look, row["scope"]),
        "harm": cause.get("facts") or {},
    }


def residents(look: Look, scope: list[str]) -> int:
    """How many people live in the scope's districts, as the city's folder says."""
    return sum(one.population for one in look.city.districts if meets(scope, [one.code]))


def _grounds(look: Look, kept: Row) -> Row:
    """The inputs with the names of their sources."""
    inputs = [{**one, "source_name": _spoke(look, one["source"])} for one in kept.get("inputs", [])]
    return {**kept, "inputs": inputs}


def _spoke(look: Look, id: str) -> dict[str, str] | None:
    """The name of a source, or of one of its sensors; None for an officer's own word."""
    sensor = next((one for one in look.city.sensors if one.id == id), None)
    if sensor is not None:
        return {"zh": sensor.id, "en": sensor.id}
    return look.names.source(id) if id else None


def _plan(look: Look, plan_id: str | None) -> Row:
    """The plan by name, how many steps it has, and the forces that they need, in order."""
    found = next((one for one in look.city.plans if one.id == plan_id), None)
    actions = found.actions if found else ()
    return {
        "plan_name": {"zh": found.name_zh, "en": found.name_en} if found else None,
        "plan_steps": len(actions),
        "plan_forces": list(dict.fromkeys(one.force_type.value for one in actions)),
    }


def _by(look: Look, item: Row) -> dict[str, str] | None:
    return look.names.actor(item["by"]) if item["by"] else None


def _ended(look: Look, view: View) -> list[Row]:
    """Those of the last day that ended last, in the order in which they ended."""
    now = look.moment.now
    lately = activation.c.ended_at.between(now - DAY, now)
    been = activation.c.state == ActivationState.ENDED
    found = look.once("activations.ended", lambda: look.rows(activation, been, lately))
    return sorted(in_scope(found, view), key=lambda one: int(one["ended_at"]))[-ENDED:]


def epoch(look: Look) -> int:
    """The number of the last event that started or ended an activation anywhere; 0 for none."""
    realm = look.moment.realm
    known = select(activation.c.id).where(activation.c.realm == realm).distinct()
    query = select(func.max(event.c.seq)).where(
        event.c.realm == realm,
        event.c.subject.in_(known),
        event.c.type.in_(sorted(MODE)),
        event.c.seq <= look.moment.seq,
    )
    return look.once("epoch", lambda: look.connection.execute(query).scalar() or 0)


PICTURES = (Picture("activations", activations, ACTIVATION | INCIDENT, every_s=60.0, by_role=True),)
