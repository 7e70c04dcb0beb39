"""Units at work outside their own district, units that two incidents want, and what is left."""

from collections import Counter
from typing import Any

from dispatch.access import meets
from dispatch.vocabulary import HOLDING, ForceType, OrderState, UnitStatus
from streams.look import Look, Row
from streams.pictures.contention import weigh
from streams.pictures.orders import with_unit
from streams.pictures.picture import Picture
from streams.rows import open_incidents, orders, unit_rows
from streams.stale import INCIDENT, ORDER, UNIT
from streams.view import View

COVER = {ForceType.FIR: 1}
"""How many free units of a force each district keeps, as the recommendation warns."""


def loans(look: Look, view: View) -> dict[str, Any]:
    """{lent, borrowed, wanted, left}: as seen from the view's districts."""
    incidents = {row["id"]: row for row in open_incidents(look)}
    held = [row for row in orders(look) if row["state"] in HOLDING and row["unit"]]
    abroad = [_loan(look, row, incidents[row["incident"]]) for row in held]
    away = [row for row in abroad if not meets(row["to"], [row["from"]])]
    return {
        "lent": [row for row in away if meets(view.scope, [row["from"]])],
        "borrowed": [
            row
            for row in away
            if meets(view.scope, row["to"]) and not meets(view.scope, [row["from"]])
        ],
        "wanted": _wanted(look, view, incidents, held),
        "left": _left(look, view),
    }


def _loan(look: Look, row: Row, task: Row) -> Row:
    shown = with_unit(look, row)
    home = look.board.units[row["unit"]].district if row["unit"] in look.board.units else ""
    return {
        "id": row["id"],
        "unit_name": shown["unit_name"],
        "force_type": shown["force_type"],
        "state": row["state"],
        "since": row["issued_at"],
        "incident": task["id"],
        "incident_title": task["title"],
        "from": home,
        "from_name": look.names.districts([home])[0] if home else None,
        "to": task["scope"],
        "to_names": task["scope_names"],
    }


def _wanted(look: Look, view: View, incidents: dict[str, Row], held: list[Row]) -> list[Row]:
    """Drafts that ask for a unit which another incident's order holds."""
    holders = {row["unit"]: row for row in held}
    found = []
    for row in orders(look):
        holder = holders.get(row["unit"])
        if row["state"] != OrderState.DRAFT or holder is None:
            continue
        asks, holds = incidents[row["incident"]], incidents[holder["incident"]]
        if asks is holds or not meets(view.scope, [*asks["scope"], *holds["scope"]]):
            continue
        shown = {**_loan(look, row, asks), "holder": _loan(look, holder, holds)}
        found.append({**shown, "weighed": weigh(look, row, holder, incidents)})
    return found


def _left(look: Look, view: View) -> list[Row]:
    """Each force of the districts: how many are free, of how many, and how many should stay."""
    states = unit_rows(look)
    mine = [one for one in look.city.units if meets(view.scope, (one.district,))]
    whole = Counter(one.force_type for one in mine)
    free = Counter(
        one.force_type
        for one in mine
        if one.id not in states or states[one.id]["status"] == UnitStatus.AVAILABLE
    )
    districts = {one.district for one in mine}
    return [
        {
            "force_type": force.value,
            "free": free[force],
            "total": whole[force],
            "floor": COVER.get(force, 0) * len(districts),
        }
        for force in ForceType
        if whole[force]
    ]


PICTURES = (Picture("loans", loans, ORDER | INCIDENT | UNIT),)
"""What changes with every order that takes or frees a unit."""
