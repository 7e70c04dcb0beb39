"""Alerts that may tell of the same thing as another."""

from dispatch.geo import distance_m
from dispatch.models import alert
from dispatch.neighbours import alike
from dispatch.vocabulary import OPEN_ALERTS
from streams.look import Look, Row
from streams.pictures.picture import in_scope
from streams.rows import linked_alerts
from streams.view import View

SHOWN = 6
NEAR_DEG = 0.1  # wider than any that are alike lie apart
LOOKED_AT = 200  # of a storm the latest


def similar(look: Look, row: Row, view: View) -> list[Row]:
    """Open alerts like this one, with their distance, nearest first."""
    if row["lat"] is None or row["lon"] is None:
        return []
    near = look.rows(
        alert,
        alert.c.state.in_(OPEN_ALERTS),
        alert.c.type == row["type"],
        alert.c.lat.between(row["lat"] - NEAR_DEG, row["lat"] + NEAR_DEG),
        alert.c.lon.between(row["lon"] - NEAR_DEG, row["lon"] + NEAR_DEG),
        latest_by=alert.c.occurred_at,
        limit=LOOKED_AT,
    )
    others = in_scope(near + linked_alerts(look), view)
    found = [_beside(one, row) for one in others if one["id"] != row["id"] and alike(one, row)]
    return sorted(found, key=lambda one: (one["distance_m"], one["id"]))[:SHOWN]


def _beside(other: Row, row: Row) -> Row:
    metres = distance_m(row["lat"], row["lon"], other["lat"], other["lon"])
    return {**other, "distance_m": round(metres)}
