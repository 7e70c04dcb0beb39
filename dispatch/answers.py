"""What a unit answers to its order, by phone, through a key, or by voice to the desk.

A phone without network keeps the answers and their times, and sends them later in any order:
a later state may come first, an earlier one is then only stamped. Nothing goes back.
"""

from typing import Any, Literal

from dispatch import steps, units
from dispatch.access import Actor, require
from dispatch.canonical import loads
from dispatch.city import City
from dispatch.deadlines import disarm
from dispatch.errors import Conflict, Forbidden
from dispatch.inputs import Body, Id, Line, MaybeProse, Millis, Phone, Prose
from dispatch.log import Row, Work
from dispatch.models import incident, order
from dispatch.order_book import say, stamp
from dispatch.triage import keep_private
from dispatch.vocabulary import UNSIGNED, OrderState, TimerKind, UnitStatus

S = OrderState
MOVES: dict[OrderState, tuple[OrderState, ...]] = {
    S.ISSUED: (S.DELIVERED, S.READ, S.ACKED, S.DECLINED, S.EN_ROUTE, S.ON_SCENE, S.DONE),
    S.DELIVERED: (S.READ, S.ACKED, S.DECLINED, S.EN_ROUTE, S.ON_SCENE, S.DONE),
    S.READ: (S.ACKED, S.DECLINED, S.EN_ROUTE, S.ON_SCENE, S.DONE),
    S.ACKED: (S.EN_ROUTE, S.ON_SCENE, S.DONE),
    S.EN_ROUTE: (S.ON_SCENE, S.DONE),
    S.ON_SCENE: (S.DONE,),
}
"""Where an order may go by its unit's answers; all other states are final for the unit."""
PASSED: dict[OrderState, tuple[OrderState, ...]] = {
    state: tuple(one for one, moves in MOVES.items() if state in moves) for state in S
}
"""The states that an order in a state has, or could have, passed."""
EVENTS = {
    S.DELIVERED: "OrderDelivered",
    S.READ: "OrderRead",
    S.ACKED: "OrderAcknowledged",
    S.DECLINED: "OrderDeclined",
    S.EN_ROUTE: "OrderEnRoute",
    S.ON_SCENE: "OrderOnScene",
    S.DONE: "OrderDone",
}
AT_WORK = {S.EN_ROUTE: UnitStatus.EN_ROUTE, S.ON_SCENE: UnitStatus.ON_SCENE}
APP, TELEPHONE = "phone_app", "telephone"


class One(Body):
    order: Id


class Acknowledge(Body):
    order: Id
    at: Millis | None = None


class Decline(Body):
    order: Id
    reason: Prose
    at: Millis | None = None


class Advance(Body):
    order: Id
    to: Literal["EN_ROUTE", "ON_SCENE", "DONE"]
    note: MaybeProse = ""
    at: Millis | None = None


class ByPhone(Body):
    order: Id
    who: Line
    number: Phone
    at: Millis | None = None


def deliver(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """The order has reached the unit's phone."""
    return _answer(work, _own(work, body.order, actor), S.DELIVERED, actor, None)


def read(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """The order is open on the unit's phone."""
    return _answer(work, _own(work, body.order, actor), S.READ, actor, None)


def acknowledge(work: Work, body: Acknowledge, actor: Actor, city: City) -> dict[str, Any]:
    """The unit takes the order."""
    return _answer(work, _own(work, body.order, actor), S.ACKED, actor, body.at, via=APP)


def decline(work: Work, body: Decline, actor: Actor, city: City) -> dict[str, Any]:
    """The unit cannot take the order, and says why."""
    row = _own(work, body.order, actor)
    return _answer(work, row, S.DECLINED, actor, body.at, note=body.reason)


def advance(work: Work, body: Advance, actor: Actor, city: City) -> dict[str, Any]:
    """The unit is on its way, has arrived, or has done it."""
    row = _own(work, body.order, actor)
    return _answer(work, row, S(body.to), actor, body.at, note=body.note)


def acknowledge_by_phone(work: Work, body: ByPhone, actor: Actor, city: City) -> dict[str, Any]:
    """The desk has the unit's word by telephone: who said it, from which number."""
    row = work.get(order, body.order, "order")
    scope = loads(work.get(incident, row["incident"])["scope_json"])
    require(actor, "order.supervise", scope)
    done = _answer(work, row, S.ACKED, actor, body.at, via=TELEPHONE, number=mask(body.number))
    if work.events:
        keep_private(work, row["id"], acknowledged_by=body.who, acknowledged_from=body.number)
    return done


def mask(number: str) -> str:
    """A telephone number that can be recognised but not called."""
    digits = number.replace(" ", "").replace("-", "")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"****{digits[-2:]}"


def _own(work: Work, id: str, actor: Actor) -> Row:
    row = work.get(order, id, "order")
    require(actor, "order.answer")
    if row["unit"] is None or row["unit"] != actor.unit or row["state"] == S.DRAFT:
        raise Forbidden("not_your_order", "order", f"{id} is not an order to your unit")
    return row


def _answer(
    work: Work, row: Row, to: OrderState, actor: Actor, at: int | None, note: str = "", **more: Any
) -> dict[str, Any]:
    """Record one answer. Heard before: nothing changes. Overtaken: it is only stamped."""
    stamps = loads(row["stamps_json"])
    if to.value not in stamps:
        _expect(row, to, stamps, at)
        said_at, moved = _time(work, row, at), to in MOVES.get(S(row["state"]), ())
        extra = {**more, **_marks(row, to, said_at, at)}
        values = {"state": to.value, "note": note or row["note"]} if moved else {}
        changed = stamp(row, to, said_at, actor.id, work.now, **extra)
        new = work.put(order, row["id"], **values, **changed)
        say(work, EVENTS[to], new, at=said_at, overtaken=not moved, note=note, **extra)
        if moved:
            _move_unit(work, new, to)
        row = new
    return {"order": row["id"], "state": row["state"]}


def _expect(row: Row, to: OrderState, stamps: dict[str, Any], at: int | None) -> None:
    """Refuse what the order's state does not allow, and what came after its end."""
    state = S(row["state"])
    if to in MOVES.get(state, ()):
        return
    ended = stamps.get(state.value, {}).get("at")
    before_end = at is not None and ended is not None and at <= ended
    if state in (S.CANCELLED, S.DECLINED) and before_end and to is not S.DECLINED:
        return
    if to is not S.DECLINED and _passed(state, to):
        return
    raise Conflict("order_closed", "order", f"{row['id']} is {state}", {"state": state.value})


def _passed(state: OrderState, to: OrderState) -> bool:
    """Whether an order in `state` may have been in `to` before."""
    return to in PASSED[S.DONE] if state is S.VERIFIED else to in PASSED[state]


def _time(work: Work, row: Row, at: int | None) -> int:
    """When it was so: as the phone says, but never before the order nor in the future."""
    return work.now if at is None else max(row["issued_at"], min(at, work.now))


def _marks(row: Row, to: OrderState, said_at: int, at: int | None) -> dict[str, Any]:
    marks: dict[str, Any] = {"adjusted": True} if at not in (None, said_at) else {}
    if to is S.ACKED:
        marks["late"] = said_at > row["ack_due"]
    return marks


def _move_unit(work: Work, row: Row, to: OrderState) -> None:
    if to not in UNSIGNED:
        disarm(work, row["id"], TimerKind.ORDER_ACK)
    if to in AT_WORK:
        units.advance(work, row["unit"], row["id"], AT_WORK[to])
    if to is S.DONE:
        steps.settled(work, row)
    if to in (S.DONE, S.DECLINED):
        units.release(work, row["unit"], row["id"])
