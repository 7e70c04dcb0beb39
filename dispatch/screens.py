"""Screens that do not show the mode that holds: asked again, or recorded as out of reach."""

from typing import Any

from sqlalchemy import select

from dispatch import canonical
from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.errors import NotFound
from dispatch.inputs import Body, Id, Prose
from dispatch.log import Work
from dispatch.models import screen_seen


class One(Body):
    screen: Id


class Unreachable(Body):
    screen: Id
    reason: Prose


def push(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Have the screen take its mode again and report."""
    scope, name = _known(work, body.screen)
    require(actor, "screen.follow_up", scope)
    work.emit("ScreenPushed", body.screen, scope, {"name": name})
    return {"screen": body.screen}


def unreachable(work: Work, body: Unreachable, actor: Actor, city: City) -> dict[str, Any]:
    """Record that nobody reaches the screen: who says so, when and why."""
    scope, name = _known(work, body.screen)
    require(actor, "screen.follow_up", scope)
    work.emit("ScreenUnreachable", body.screen, scope, {"name": name, "reason": body.reason})
    return {"screen": body.screen}


def _known(work: Work, id: str) -> tuple[list[str], str]:
    seen = screen_seen.c
    query = select(seen.scope_json, seen.name).where(seen.realm == work.realm, seen.screen == id)
    row = work.connection.execute(query).first()
    if row is None:
        raise NotFound("unknown_screen", "screen", f"no screen {id} has ever reported")
    return list(canonical.loads(row.scope_json)), row.name
