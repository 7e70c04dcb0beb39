"""Phones that send their live picture: where they are, and whether it comes."""

from typing import Any

from dispatch.access import meets
from dispatch.models import incident, sending
from streams.look import Look, Row
from streams.pictures.feeds import heard
from streams.pictures.orders import held, last_fix
from streams.view import View

ALL_ROUND = 360.0  # who films from the scene looks at it
SILENT = ("unknown", "idle")  # leave was given, nothing was sent yet


def senders(look: Look, view: View) -> list[Row]:
    """Those of a jurisdiction from which something came; a phone is where its unit is."""
    tasks = {row["id"]: row for row in held(look)}
    found = [
        _row(look, one, tasks[one["dispatch_order"]])
        for one in look.once("sending", lambda: look.rows(sending))
        if one["dispatch_order"] in tasks
        and meets(view.scope, tuple(tasks[one["dispatch_order"]]["scope"]))
    ]
    return [row for row in found if row["state"] not in SILENT]


def _row(look: Look, one: Row, task: Row) -> Row:
    path = f"phone/{one['id']}"
    place: Any = last_fix(look, one["id"]) or look.find(incident, task["incident"]) or {}
    return {
        "path": path,
        "sub": "",
        "name": look.names.unit(one["id"]),
        "lat": place.get("lat"),
        "lon": place.get("lon"),
        "heading": 0.0,
        "fov": ALL_ROUND,
        "drone": False,
        **heard(look, path),
    }
