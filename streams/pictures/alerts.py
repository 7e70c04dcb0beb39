"""Alerts as the queue shows them: open ones, those of open incidents, the last closed."""

from typing import Any

from sqlalchemy import func, or_, select

from dispatch.models import alert
from dispatch.vocabulary import OPEN_ALERTS
from streams.daytime import HOUR, midnight
from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.rows import linked_alerts, open_alerts, title_of, within
from streams.stale import ALERT
from streams.view import View

CLOSED = 20  # as many closed alerts stay in sight


def alerts(look: Look, view: View) -> dict[str, Any]:
    """{alerts: rows, counts}: an open alert is either new or in hand, the two add up."""
    waiting = in_scope(open_alerts(look), view)
    linked = in_scope(linked_alerts(look), view)
    still_open = waiting + linked
    closed = _closed(look, view)
    shown = still_open + closed
    merged = _merged(look, [row["id"] for row in linked + closed])
    return {
        "alerts": [_row(look, row, merged) for row in shown],
        "counts": {
            "open": len(still_open),
            "new": sum(row["state"] == "NEW" for row in still_open),
            "handling": sum(row["state"] != "NEW" for row in still_open),
            **_rates(look, view),
        },
    }


def _row(look: Look, row: Row, merged: dict[str, int]) -> Row:
    title = title_of(look, row["incident"]) if row["incident"] else None
    more = {"incident_title": title, "merged_count": merged.get(row["id"], 0)}
    return look.board.joined("alert", row, more)


def _closed(look: Look, view: View) -> list[Row]:
    been = (alert.c.closed_at.is_not(None), *within(alert, view))
    return look.rows(alert, *been, latest_by=alert.c.closed_at, limit=CLOSED)


def _merged(look: Look, ids: list[str]) -> dict[str, int]:
    """How many alerts were merged into each of the open ones and of these."""
    valid = look.valid(alert)
    still_open = select(alert.c.id).where(valid, alert.c.state.in_(OPEN_ALERTS))
    into = or_(alert.c.merged_into.in_(still_open), alert.c.merged_into.in_(ids))
    query = select(alert.c.merged_into, func.count()).where(valid, into)
    found = look.connection.execute(query.group_by(alert.c.merged_into))
    return {row[0]: row[1] for row in found}


def _rates(look: Look, view: View) -> dict[str, int]:
    now = look.moment.now
    start = midnight(now, look.city.settings.timezone)
    return {
        "closed_today": _count(look, view, alert.c.closed_at.between(start, now)),
        "per_hour": _count(look, view, alert.c.received_at.between(now - HOUR + 1, now)),
    }


def _count(look: Look, view: View, when: Any) -> int:
    query = select(func.count()).where(look.valid(alert), when, *within(alert, view))
    return int(look.connection.execute(query).scalar_one())


PICTURES = (
    Picture(
        "alerts",
        alerts,
        ALERT | {"IncidentOpened", "IncidentEnded"},
        every_s=30.0,
    ),
)
