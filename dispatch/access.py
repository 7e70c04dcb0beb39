"""Who may do what: one table, asked by every door."""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.errors import Forbidden
from dispatch.vocabulary import CITY, Role


@dataclass(frozen=True)
class Actor:
    """Who is asking. scope: district codes, or ("city",). unit: a responder's own unit.

    source: an API key's own source; such an actor has no role.
    session: which sign-in he speaks through; two signatures never come from one.
    """

    id: str
    role: Role | None
    scope: tuple[str, ...] = ()
    unit: str | None = None
    source: str | None = None
    rights: tuple[str, ...] = ()
    session: str = ""


DESK = frozenset({Role.OFFICER, Role.SHIFT_LEAD, Role.LEADER})
LEAD = frozenset({Role.SHIFT_LEAD, Role.LEADER})
SCREENS = frozenset({Role.WALL, Role.LEADER, Role.SHIFT_LEAD, Role.OFFICER, Role.RESPONDER})

RIGHTS: dict[str, frozenset[Role]] = {
    "screen.wall": frozenset({Role.WALL, Role.LEADER}),
    "screen.desk": DESK,
    "screen.phone": frozenset({Role.RESPONDER}),
    "picture.read": SCREENS,
    "log.read": DESK,
    "alert.report": DESK,
    "alert.handle": DESK,
    "incident.open": DESK,
    "incident.handle": DESK,
    "activation.propose": DESK,
    "activation.sign": LEAD,
    "activation.end": LEAD,
    "activation.check": DESK,
    "screen.follow_up": DESK,
    "order.issue": DESK,
    "order.supervise": DESK,
    "loan.ask": DESK,
    "loan.answer": DESK,
    "unit.status": DESK | {Role.RESPONDER},
    "order.answer": frozenset({Role.RESPONDER}),
    "wall.push": DESK,
    "camera.view": DESK | {Role.WALL},
    "quarantine.handle": DESK,
    "clock.confirm": LEAD,
    "call.open": DESK,
    "call.handle": DESK,
    "call.join": DESK | {Role.RESPONDER},
    "recording.read": DESK,
    "camera.manage": frozenset({Role.ADMIN}),
    "account.manage": frozenset({Role.ADMIN}),
    "audit.read": frozenset({Role.ADMIN}),
}
KEY_RIGHTS = frozenset({"alerts:write", "readings:write", "positions:write", "orders:answer"})
BY_KEY = {"order.answer": "orders:answer"}
"""What a key may do in the place of a person."""


def can(actor: Actor, action: str) -> bool:
    """Whether this actor's role, or this API key, has the right at all."""
    if action in KEY_RIGHTS:
        return action in actor.rights
    if BY_KEY.get(action) in actor.rights:
        return True
    return actor.role is not None and actor.role in RIGHTS[action]


def require(actor: Actor, action: str, scope: Iterable[str] = ()) -> None:
    """Raise Forbidden unless the actor has the right, in the whole of `scope` if given."""
    if not can(actor, action):
        raise Forbidden("no_right", detail=f"{actor.role or actor.id} may not {action}")
    if not covers(actor.scope, scope):
        raise Forbidden("out_of_scope", "scope", "outside your jurisdiction")


def require_part(actor: Actor, scope: Iterable[str], field: str) -> None:
    """Raise Forbidden for a thing that has no place in common with the actor's jurisdiction."""
    if not meets(actor.scope, scope):
        raise Forbidden("out_of_scope", field, "outside your jurisdiction")


def covers(jurisdiction: Iterable[str], scope: Iterable[str]) -> bool:
    """Whether a jurisdiction contains every district of a scope; the city contains all."""
    held = set(jurisdiction)
    return CITY in held or set(scope) <= held


def may_send(role: Role | None, jurisdiction: Iterable[str], district: str) -> bool:
    """Whether somebody may order a unit of this district; only a leader crosses districts."""
    return role is Role.LEADER or covers(jurisdiction, [district])


def meets(jurisdiction: Iterable[str], scope: Iterable[str]) -> bool:
    """Whether a jurisdiction and a scope have any place in common."""
    held, asked = set(jurisdiction), set(scope)
    return CITY in held or CITY in asked or bool(held & asked)
