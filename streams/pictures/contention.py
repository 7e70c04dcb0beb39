"""A unit that two incidents want: what each would gain by it, and for whom the records speak.

A suggestion with its reason; nobody is moved by it.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any

from sqlalchemy import and_

from dispatch.contention import DECIDE_S
from dispatch.models import event
from dispatch.scoring import Candidate, Need
from dispatch.vocabulary import OrderState
from streams.look import Look, Row
from streams.pictures.recommend import plan_of, ranked

DECIDE_MS = DECIDE_S * 1000
WRITTEN = ("OrderDrafted", "OrderEdited")
CHANGES = 20  # of a draft; nobody changes one more often
SAME_S = 60  # estimates along a straight line are no better than that


class Why(StrEnum):
    """What speaks for one of the two."""

    ON_SCENE = "on_scene"
    ALONE = "alone"
    TIME = "time"
    GRADE = "grade"


@dataclass(frozen=True)
class Side:
    """One incident's case. eta_s: None where the unit's place is not known; instead: the free
    unit of this force that would be there first."""

    order: str
    state: str
    grade: int
    eta_s: int | None
    instead: Candidate | None

    @property
    def loss_s(self) -> float:
        """How much later the next best unit would come."""
        if self.instead is None or self.instead.eta_s is None:
            return inf
        return max(0, self.instead.eta_s - (self.eta_s or 0))


def weigh(look: Look, asks: Row, holds: Row, tasks: dict[str, Row]) -> Row:
    """{sides: [asking, holding], suggest: an order's id or None, why, n: minutes}."""
    sides = [_side(look, row, tasks[row["incident"]]) for row in (asks, holds)]
    better, why = _better(*sides)
    extra = better.loss_s if better and better.loss_s < inf else 0
    return {
        "sides": [_told(look, one) for one in sides],
        "suggest": better.order if better else None,
        "why": why,
        "n": round(extra / 60),
    }


def asked_since(look: Look, row: Row) -> int:
    """Since when a draft names its unit, whatever else was changed in it afterwards."""
    since = int(row["drafted_at"])
    about = (event.c.subject == row["id"], event.c.type.in_(WRITTEN))
    for one in look.events(and_(*about), CHANGES):
        if one["body"].get("unit") != row["unit"]:
            break
        since = int(one["at"])
    return since


def _side(look: Look, row: Row, task: Row) -> Side:
    unit = look.board.units[row["unit"]]
    need = Need(unit.force_type, task["lat"], task["lon"], _skills(look, row, task), task["id"])
    known = ranked(look, need)
    own = next((one for one in known if one.id == unit.id), None)
    free = [one for one in known if one.offered and one.id != unit.id and not one.missing]
    instead = min((one for one in free if one.eta_s is not None), key=_soon, default=None)
    return Side(row["id"], row["state"], task["grade"], own.eta_s if own else None, instead)


def _soon(one: Candidate) -> tuple[float, str]:
    return one.eta_s if one.eta_s is not None else inf, one.id


def _skills(look: Look, row: Row, task: Row) -> tuple[str, ...]:
    """What the plan's step of this order asks for."""
    plan = plan_of(look, task)
    steps = plan.actions if plan else ()
    step = next((one for one in steps if one.seq == row["plan_step"]), None)
    return (step.capability,) if step and step.capability else ()


def _better(asks: Side, holds: Side) -> tuple[Side | None, Why | None]:
    """Work on scene goes on; else whoever would wait longer for another; else the worse grade."""
    if holds.state == OrderState.ON_SCENE:
        return holds, Why.ON_SCENE
    ahead = max(asks, holds, key=lambda one: one.loss_s)
    behind = holds if ahead is asks else asks
    if ahead.loss_s == inf > behind.loss_s:
        return ahead, Why.ALONE
    if ahead.loss_s < inf and ahead.loss_s - behind.loss_s > SAME_S:
        return ahead, Why.TIME
    if asks.grade != holds.grade:
        return min(asks, holds, key=lambda one: one.grade), Why.GRADE
    return None, None


def _told(look: Look, side: Side) -> dict[str, Any]:
    other = side.instead
    return {
        "order": side.order,
        "here": side.state == OrderState.ON_SCENE,
        "eta_s": side.eta_s,
        "instead": look.names.unit(other.id) if other else None,
        "instead_s": other.eta_s if other else None,
    }
