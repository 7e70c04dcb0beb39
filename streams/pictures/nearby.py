"""Alerts that may tell of the same thing as another."""

from dispatch.geo import distance_m
from dispatch.neighbours import alike
from streams.look import Look, Row
from streams.pictures.picture import in_scope
from streams.rows import linked_alerts, open_alerts
from streams.view import View

SHOWN = 6


def similar(look: Look, row: Row, view: View) -> list[Row]:
    """Open alerts like this one, with their distance, nearest first."""
    others = in_scope(open_alerts(look) + linked_alerts(look), view)
    found = [_beside(one, row) for one in others if one["id"] != row["id"] and alike(one, row)]
    return sorted(found, key=lambda one: (one["distance_m"], one["id"]))[:SHOWN]


def _beside(other: Row, row: Row) -> Row:
    metres = distance_m(row["lat"], row["lon"], other["lat"], other["lon"])
    return {**other, "distance_m": round(metres)}
