"""Alerts as the queue shows them: open ones, those of open incidents, the last closed."""

from typing import Any

from sqlalchemy import func, select

from dispatch.models import alert
from streams.daytime import HOUR, midnight
from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.rows import linked_alerts, title_of, waiting_alerts, within
from streams.stale import ALERT
from streams.view import View

CLOSED = 20  # as many closed alerts stay in sight


def alerts(look: Look, view: View) -> dict[str, Any]:
    """{alerts: rows, counts}: an open alert is either new or in hand, the two add up.

    Of a storm not every alert is a row: `alike` of a row says how many like it are not, and
    `waiting` of the counts how many there are.
    """
    waiting = waiting_alerts(look, view)
    linked = in_scope(linked_alerts(look), view)
    shown = waiting.rows + linked + _closed(look, view)
    merged = _merged(look, [row["id"] for row in shown])
    return {
        "alerts": [_row(look, row, merged, waiting.alike) for row in shown],
        "counts": {
            "open": waiting.count + len(linked),
            "waiting": waiting.count,
            "linked": len(linked),
            "new": waiting.new,
            "handling": waiting.count - waiting.new + len(linked),
            **_rates(look, view),
        },
    }


def _row(look: Look, row: Row, merged: dict[str, int], alike: dict[str, int]) -> Row:
    title = title_of(look, row["incident"]) if row["incident"] else None
    more = {
        "incident_title": title,
        "merged_count": merged.get(row["id"], 0),
        "alike": alike.get(row["id"], 0),
    }
    return look.board.joined("alert", row, more)


def _closed(look: Look, view: View) -> list[Row]:
    been = (alert.c.closed_at.is_not(None), *within(alert, view))
    return look.rows(alert, *been, latest_by=alert.c.closed_at, limit=CLOSED)


def _merged(look: Look, ids: list[str]) -> dict[str, int]:
    """How many alerts were merged into each of these."""
    query = select(alert.c.merged_into, func.count()).where(
        look.valid(alert), alert.c.merged_into.in_(ids)
    )
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
