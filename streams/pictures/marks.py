"""What the map shows of alerts and incidents."""

from typing import Any

from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.rows import linked_alerts, open_alerts, open_incidents
from streams.stale import ALERT, INCIDENT
from streams.view import View


def marks(look: Look, view: View) -> dict[str, Any]:
    """{marks}: open alerts and incidents that have a place; an incident has its alerts' area."""
    areas = {row["incident"]: row for row in linked_alerts(look) if row["geometry"]}
    shown = [_mark("alert", row, row["severity"]) for row in in_scope(open_alerts(look), view)]
    for row in in_scope(open_incidents(look), view):
        area = areas.get(row["id"])
        shown.append({**_mark("incident", row, row["grade"]), **(_area(area) if area else {})})
    return {"marks": [mark for mark in shown if mark["lat"] is not None]}


def _mark(kind: str, row: Row, level: int) -> Row:
    mark = {
        "id": row["id"],
        "kind": kind,
        "lat": row["lat"],
        "lon": row["lon"],
        "level": level,
        "title": row["title"],
        "place": row["place"],
        "category": row["category"],
        "type": row["type"],
        "state": row["state"],
        "at": row["occurred_at"],
        "scope": row["scope"],
    }
    return {**mark, **_area(row)} if row.get("geometry") else mark


def _area(row: Row) -> Row:
    """The area that the alert speaks of; a circle is a point with `radius_m`."""
    geometry = row["geometry"]
    if geometry["type"] == "Point":
        return {"radius_m": geometry["radius_m"]} if geometry.get("radius_m") else {}
    return {"polygon": geometry["coordinates"], "polygon_type": geometry["type"]}


RESPONSE = frozenset({"OrderIssued", "ActivationStarted"})

PICTURES = (Picture("marks", marks, ALERT | INCIDENT | RESPONSE),)
