"""Every picture by name: what screens may ask for, at any moment of the log."""

from typing import Any

from streams.look import Look
from streams.pictures import (
    activations,
    alerts,
    autowall,
    calls,
    clock,
    drones,
    feeds,
    incidents,
    journal,
    loans,
    marks,
    orders,
    recommend,
    reconcile,
    taken,
    tiles,
    unfired,
    units,
    watch,
    weather,
)
from streams.pictures.picture import Picture
from streams.view import View

__all__ = ["PICTURES", "Picture", "take"]

PICTURES: dict[str, Picture] = {
    picture.name: picture
    for module in (
        alerts, incidents, orders, activations, units, recommend, tiles, marks, watch, clock,
        journal, loans, taken, unfired, weather,
        autowall, drones, feeds, calls, reconcile,
    )
    for picture in module.PICTURES
}  # fmt: skip


def take(look: Look, name: str, view: View) -> dict[str, Any]:
    """One picture at the look's moment; a room that asks again gets the same one."""
    picture = PICTURES[name]
    return look.once(picture.key(view), lambda: picture.query(look, view))
