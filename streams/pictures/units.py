"""The units that serve a jurisdiction, its own and borrowed ones, and what they are doing."""

from typing import Any

from dispatch.city_records import Unit
from dispatch.vocabulary import UnitStatus
from streams.look import Look, Row
from streams.pictures.picture import Picture
from streams.pictures.serving import in_sight, serves
from streams.rows import unit_rows
from streams.stale import LOAN, UNIT
from streams.view import View


def units(look: Look, view: View) -> dict[str, Any]:
    """{units, counts by status}: units that never had an order are available.

    incident: what a unit's order is for, or else what it is lent to.
    """
    rows, tasks = unit_rows(look), serves(look)
    mine = in_sight(look, view)
    shown = [_row(look, one, rows.get(one.id), tasks.get(one.id)) for one in mine]
    counts = {status.value: 0 for status in UnitStatus}
    for row in shown:
        counts[row["status"]] += 1
    return {"units": shown, "counts": counts}


def _row(look: Look, one: Unit, state: Row | None, task: Row | None) -> Row:
    return {
        "id": one.id,
        "name": look.names.unit(one.id),
        "force_type": one.force_type.value,
        "district": one.district,
        "lat": one.lat,
        "lon": one.lon,
        "members": one.members,
        "vehicles": one.vehicles,
        "capabilities": list(one.capabilities),
        "status": state["status"] if state else UnitStatus.AVAILABLE.value,
        "current_order": state["current_order"] if state else None,
        "status_at": state["status_at"] if state else None,
        "incident": task["id"] if task else None,
    }


def units_table(units: tuple[Unit, ...]) -> list[Row]:
    """The unit behind each index of the binary position frames: sorted by id."""
    ordered = sorted(units, key=lambda one: one.id)
    return [
        {
            "i": index,
            "id": one.id,
            "name": {"zh": one.name_zh, "en": one.name_en},
            "force_type": one.force_type.value,
            "district": one.district,
        }
        for index, one in enumerate(ordered)
    ]


PICTURES = (Picture("units", units, UNIT | LOAN),)
