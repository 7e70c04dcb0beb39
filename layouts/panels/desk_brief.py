"""The chosen alert in short, under the queue while another panel stands in the detail's place."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OPEN_ALERTS
from layouts.desk_lists import listing
from layouts.desk_parts import badge, ticking
from layouts.kit import given
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

LIST = "brief-list"
TOLD = ("AlertAcknowledged", "AlertVerified", "IncidentOpened", "OrderIssued", "OrderOnScene")
"""What moved it on; the newest of them fit in one line."""
SHOWN = 3


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(listing(LIST), className="col", **given(aria_label=t("brief.title")))


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    picture = pictures["incident"]
    alert, incident = picture.get("alert"), picture.get("incident")
    subject = incident or alert
    if subject is None:
        return {(LIST, "rows"): rows(("none", node("div.none", t("brief.none"))))}
    return {
        (LIST, "rows"): rows(
            ("head", _head(subject, incident, t)),
            ("went", _went(subject, alert, picture.get("log") or [], t)),
            ("now", _now(subject, alert, incident, t)),
        )
    }


def _head(subject: dict[str, Any], incident: dict[str, Any] | None, t: Texts) -> Node:
    level = incident["grade"] if incident else subject["severity"]
    state = t(f"{'incident' if incident else 'alert'}_state.{subject['state']}")
    return node(
        "div.bh",
        badge(level, t),
        node("b.tt", t("brief.chosen", title=subject["title"])),
        node("small", f"{subject['id']} · {state}"),
    )


def _went(
    subject: dict[str, Any], alert: dict[str, Any] | None, log: list[dict[str, Any]], t: Texts
) -> Node:
    """When it was reported and by whom, then the last things that moved it on."""
    came = [(alert["occurred_at"], t.name(alert.get("source_name")) or alert["source"])] if alert \
        else [(subject["reported_at"], t("brief.reported"))]  # fmt: skip
    newest = sorted((one for one in log if one["type"] in TOLD), key=lambda one: -one["seq"])
    moved = [(one["at"], t(f"event.{one['type']}")) for one in reversed(newest[:SHOWN])]
    told = " · ".join(f"{clock(at, seconds=False)} {what}" for at, what in (*came, *moved))
    return node("p", told, title=told)


def _now(
    subject: dict[str, Any],
    alert: dict[str, Any] | None,
    incident: dict[str, Any] | None,
    t: Texts,
) -> Node:
    """Where it is and what it waits for."""
    place = subject["place"]
    if incident:
        orders = incident["orders"]
        counts = t("switcher.orders", total=orders["total"], unsigned=orders["unsigned"])
        late = t("matrix.late", n=orders["overdue"]) if orders["overdue"] else ""
        return node("p.mid", " · ".join(part for part in (place, counts, late) if part))
    waits = alert is not None and alert["state"] in OPEN_ALERTS and alert["ack_due"]
    return node("p.mid", place, " · " if waits else None,
                ticking("left", alert["ack_due"]) if alert and waits else None)  # fmt: skip


PANEL = Panel(
    id="brief",
    screens={"desk": "brief"},
    pictures=("incident",),
    skeleton=skeleton,
    props=props,
    subject="alert",
)
