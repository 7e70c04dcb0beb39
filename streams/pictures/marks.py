"""What the map shows of alerts and incidents."""

from typing import Any

from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.rows import linked_alerts, open_incidents, waiting_alerts
from streams.stale import ALERT, INCIDENT
from streams.view import View


def marks(look: Look, view: View) -> dict[str, Any]:
    """{marks}: open alerts and incidents that have a place; an incident has its alerts' area.

    Of a storm few of those that lie together.
    """
    areas = {row["incident"]: row for row in linked_alerts(look) if row["geometry"]}
    shown = [_mark(look, "alert", row, row) for row in waiting_alerts(look, view).rows]
    for row in in_scope(open_incidents(look), view):
        shown.append(_mark(look, "incident", row, areas.get(row["id"], {})))
    return {"marks": [mark for mark in shown if mark["lat"] is not None]}


def _mark(look: Look, kind: str, row: Row, spoken: Row) -> Row:
    """One mark; `spoken` is the alert that tells of the area."""
    return look.once(
        ("mark", row["id"]),
        lambda: look.board.made("mark", row, spoken, lambda: _new(kind, row, spoken)),
    )


def _new(kind: str, row: Row, spoken: Row) -> Row:
    level = row["severity"] if kind == "alert" else row["grade"]
    kept = ("id", "lat", "lon", "title", "place", "category", "type", "state", "scope")
    mark = {name: row[name] for name in kept}
    return {**mark, "kind": kind, "level": level, "at": row["occurred_at"], **_area(spoken)}


def _area(row: Row) -> Row:
    """The area that the alert speaks of; a circle is a point with `radius_m`."""
    geometry = row.get("geometry")
    if not geometry:
        return {}
    if geometry["type"] == "Point":
        return {"radius_m": geometry["radius_m"]} if geometry.get("radius_m") else {}
    return {"polygon": geometry["coordinates"], "polygon_type": geometry["type"]}


RESPONSE = frozenset({"OrderIssued", "ActivationStarted"})

PICTURES = (Picture("marks", marks, ALERT | INCIDENT | RESPONSE),)
