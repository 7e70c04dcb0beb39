"""Units that cannot be sent now, whosever they are: by what each is held, or to whom it is lent."""

from typing import Any

from dispatch.access import meets
from dispatch.models import incident, loan
from dispatch.vocabulary import LoanState, UnitStatus
from streams.daytime import DAY
from streams.look import Look, Row
from streams.pictures.orders import held
from streams.pictures.picture import Picture
from streams.rows import unit_rows
from streams.stale import LOAN, UNIT
from streams.view import View

SIGNED = frozenset({"OrderDelivered", "OrderRead", "OrderAcknowledged"})
"""What frees no unit, but changes how far the order is that holds it."""
AWAY = frozenset({UnitStatus.OFF_DUTY, UnitStatus.OUT_OF_SERVICE})


def taken(look: Look, view: View) -> dict[str, Any]:
    """{units, freed, districts}: what keeps a unit from being ordered, as the orders' rules ask it.

    units: who is held by an order, lent, off duty or out of service; freed: unit -> since when
    it is free again; districts: every district's code, whose units only some may send.
    """
    states = unit_rows(look)
    lent = {row["unit"]: row for row in look.rows(loan, loan.c.state == LoanState.LENT)}
    busy = [id for id, row in states.items() if row["current_order"] or row["status"] in AWAY]
    ids = {*busy, *lent}
    orders = {row["id"]: row for row in held(look)}
    return {
        "units": [
            {"unit": id, **_work(look, view, states.get(id), orders), **_away(look, lent.get(id))}
            for id in sorted(ids)
        ],
        "freed": {id: at for id, at in _freed(look, states).items() if id not in ids},
        "districts": [one.code for one in look.city.districts],
    }


def _work(look: Look, view: View, state: Row | None, orders: dict[str, Row]) -> Row:
    """What a unit does, and for which order; another jurisdiction's incident is not named."""
    number = state["current_order"] if state else None
    order = orders.get(number) if number else None
    task = look.find(incident, order["incident"]) if order else None
    return {
        "status": state["status"] if state else UnitStatus.AVAILABLE.value,
        "order": number,
        "order_state": order["state"] if order else None,
        "incident_title": task["title"] if task and meets(view.scope, task["scope"]) else None,
    }


def _away(look: Look, away: Row | None) -> Row:
    """To which incident a unit is lent."""
    to = look.find(incident, away["incident"]) if away else None
    return {
        "lent_to": away["incident"] if away else None,
        "to_names": to["scope_names"] if to else [],
    }


def _freed(look: Look, states: dict[str, Row]) -> dict[str, int]:
    """Since when each unit is free that was held, away or lent before."""
    freed = {
        id: row["status_at"]
        for id, row in states.items()
        if row["status"] == UnitStatus.AVAILABLE and row["status_at"]
    }
    back = (loan.c.state == LoanState.RETURNED, loan.c.returned_at > look.moment.now - DAY)
    for row in look.rows(loan, *back):
        freed[row["unit"]] = max(freed.get(row["unit"], 0), row["returned_at"])
    return freed


PICTURES = (Picture("taken", taken, UNIT | SIGNED | LOAN),)
