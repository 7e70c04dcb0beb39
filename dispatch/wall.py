"""What people put on the wall: a picture into a place for a while, and how many places there are.

What nobody puts there is chosen by streams/autowall.py.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from dispatch import canonical
from dispatch.access import Actor, require, require_part
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.errors import Conflict
from dispatch.feeds import Feed, district_of
from dispatch.inputs import Body, Id, MaybeLine
from dispatch.log import Row, Work
from dispatch.models import incident, wall_layout, wall_push
from dispatch.naming import next_id
from dispatch.vocabulary import TimerKind

PUSH = "SP"
MINUTE_MS = 60_000
SLOTS = 16
PUSHED_MIN = 30  # minutes that a pushed picture stays if nobody says otherwise


class Push(Body):
    feed: Feed
    slot: Annotated[int, Field(ge=1, le=SLOTS)] = 1
    minutes: Annotated[int, Field(ge=1, le=480)] = PUSHED_MIN
    incident: Id | None = None
    reason: MaybeLine = ""


class Release(Body):
    push: Id


class Arrange(Body):
    cells: Literal[4, 9, 16]


def push(work: Work, body: Push, actor: Actor, city: City) -> dict[str, Any]:
    """Show a picture on the walls of the actor's jurisdiction, in one place, for a while."""
    require(actor, "wall.push", [district_of(work, city, body.feed)])
    if body.incident is not None:
        served = work.get(incident, body.incident, "incident")
        require_part(actor, canonical.loads(served["scope_json"]), "incident")
    for old in _standing(work, actor):
        if old["slot"] == body.slot or old["feed"] == body.feed:
            _end(work, old, "replaced")
    until = work.now + body.minutes * MINUTE_MS
    new = work.put(
        wall_push,
        next_id(work, PUSH, city.settings.timezone),
        slot=body.slot,
        feed=body.feed,
        scope_json=canonical.dumps(list(actor.scope)),
        incident=body.incident,
        reason=body.reason,
        pushed_by=actor.id,
        pushed_at=work.now,
        until=until,
    )
    arm(work, TimerKind.WALL_PUSH, new["id"], until)
    said = {"feed": body.feed, "slot": body.slot, "until": until, "reason": body.reason}
    work.emit("WallPushed", new["id"], actor.scope, said, body.incident)
    return {"push": new["id"], "until": until}


def release(work: Work, body: Release, actor: Actor, city: City) -> dict[str, Any]:
    """Give a place back to the choice that the system makes."""
    row = work.get(wall_push, body.push, "push")
    require(actor, "wall.push", canonical.loads(row["scope_json"]))
    _end(work, row, "released")
    return {"push": row["id"]}


def arrange(work: Work, body: Arrange, actor: Actor, city: City) -> dict[str, Any]:
    """Four, nine or sixteen pictures on the walls of the actor's jurisdiction."""
    require(actor, "wall.push")
    id = "+".join(actor.scope)[:64]
    known = work.find(wall_layout, id)
    if known is None or known["cells"] != body.cells:
        values = {"cells": body.cells, "set_by": actor.id, "set_at": work.now}
        work.put(wall_layout, id, scope_json=canonical.dumps(list(actor.scope)), **values)
        work.emit("WallArranged", id, actor.scope, {"cells": body.cells})
    return {"cells": body.cells}


def lapse(work: Work, city: City, fired: Row) -> None:
    """A pushed picture's time is over."""
    row = work.find(wall_push, fired["subject"])
    if row is not None:
        _end(work, row, "lapsed")


def _standing(work: Work, actor: Actor) -> list[Row]:
    """What stands on the walls of exactly this jurisdiction."""
    scope = canonical.dumps(list(actor.scope))
    return work.rows(wall_push, wall_push.c.scope_json == scope)


def _end(work: Work, row: Row, how: str) -> None:
    if row["from_seq"] == work.seq:
        raise Conflict("wrong_state", "push", f"{row['id']} has only just been put there")
    disarm(work, row["id"], TimerKind.WALL_PUSH)
    work.end(wall_push, row["id"])
    said = {"feed": row["feed"], "slot": row["slot"], "how": how}
    work.emit("WallReleased", row["id"], canonical.loads(row["scope_json"]), said, row["incident"])
