"""A unit that two incidents want: a person decides, and who answers for both is told once if not.

Nobody is moved by the system. The time to decide begins when both want the unit: when a draft asks
for one that another incident's order holds, or when an order takes one that another's draft names.
"""

from dispatch import canonical, units
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.log import Row, Work
from dispatch.models import incident, order
from dispatch.vocabulary import OrderState, TimerKind

DECIDE_S = 180  # as long as a neighbour may take to answer


def asks(work: Work, draft: Row) -> None:
    """A draft asks for a unit, or for another one than before."""
    disarm(work, draft["id"], TimerKind.ORDER_CONTENDED)
    if _holder(work, draft) is not None:
        _begin(work, draft)


def takes(work: Work, issued: Row) -> None:
    """An order has taken its unit: whoever else asks for it has to be decided about."""
    asks_no_more(work, issued)
    waits = (order.c.state == OrderState.DRAFT, order.c.unit == issued["unit"])
    for draft in work.rows(order, *waits, order.c.incident != issued["incident"]):
        _begin(work, draft)


def asks_no_more(work: Work, draft: Row) -> None:
    """The draft is issued, thrown away or names no unit."""
    disarm(work, draft["id"], TimerKind.ORDER_CONTENDED)


def undecided(work: Work, city: City, fired: Row) -> None:
    """Nobody has decided in time: told once to the desks of both incidents, if both still want it.

    body: {level, unit, state, holder}: level is the worse incident's grade, holder the order.
    """
    draft = work.find(order, fired["subject"])
    if draft is None or draft["state"] != OrderState.DRAFT:
        return
    holder = _holder(work, draft)
    if holder is None:
        return
    scopes = (canonical.loads(one["scope_json"]) for one in (draft, holder))
    work.emit(
        "OrderContended",
        draft["id"],
        sorted(set().union(*scopes)),
        {
            "level": min(work.get(incident, one["incident"])["grade"] for one in (draft, holder)),
            "unit": draft["unit"],
            "state": draft["state"],
            "holder": holder["id"],
        },
        draft["incident"],
    )


def _begin(work: Work, draft: Row) -> None:
    arm(work, TimerKind.ORDER_CONTENDED, draft["id"], work.now + DECIDE_S * 1000)


def _holder(work: Work, draft: Row) -> Row | None:
    """The order of another incident that holds the unit which the draft asks for."""
    if draft["unit"] is None:
        return None
    held = units.state(work, draft["unit"])["current_order"]
    found = work.find(order, held) if held else None
    return found if found and found["incident"] != draft["incident"] else None
