"""Every clock that runs against the desk, the most urgent first."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import UNSIGNED, AlertState
from layouts.desk_lists import grid, line
from layouts.desk_parts import ticking
from layouts.desk_words import number
from layouts.nodes import Row, node
from layouts.panel import Panel, Pictures, Props
from layouts.panels.desk_steps import SETTLED
from layouts.remembered import remembered
from layouts.texts import Texts
from streams.view import View

LIST = "timers-grid"
HEIGHT = 32
MANY = 60  # alerts whose limits are drawn; in a storm nobody reads more
OPEN_STEP_MS = 3_600_000  # a bar without a known beginning shows the last hour before its limit


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2([t("timers.title"), html.Small(t("timers.order"))], className="ph"),
            grid(LIST, "timer", HEIGHT, t("timers.title")),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    found = [
        *_orders(pictures["orders"]["orders"], t),
        *_steps(pictures["incident"], t),
        *_proposed(pictures["activations"]["proposed"], t),
        *_alerts(pictures["alerts"]["alerts"], t),
    ]
    return {(LIST, "rowData"): found}


def _orders(orders: list[dict[str, Any]], t: Texts) -> list[Row]:
    waiting = [one for one in orders if one["state"] in UNSIGNED and one["ack_due"]]
    return [
        _line(f"order:{one['id']}", t("timers.sign", n=number(one), who=t.name(one["unit_name"])),
              one["issued_at"], one["ack_due"], f"order:{one['id']}", one["incident_level"])
        for one in waiting
    ]  # fmt: skip


def _steps(picture: dict[str, Any], t: Texts) -> list[Row]:
    steps, incident = picture.get("steps") or [], picture.get("incident")
    level = incident["grade"] if incident else None
    running = [one for one in steps if one["limit_at"] and one["state"] not in SETTLED]
    return [
        _line(f"step:{one['seq']}", t("timers.step", n=one["seq"], text=t.name(one["text"])),
              one["limit_at"] - OPEN_STEP_MS, one["limit_at"], None, level)
        for one in running
    ]  # fmt: skip


def _proposed(proposed: list[dict[str, Any]], t: Texts) -> list[Row]:
    return [
        _line(f"activation:{one['id']}", t("timers.activation", id=one["id"]), one["proposed_at"],
              one["expires_at"], None, one["level"])
        for one in proposed
    ]  # fmt: skip


def _alerts(alerts: list[dict[str, Any]], t: Texts) -> list[Row]:
    """New alerts nobody has acknowledged; their limit is that of their level."""
    new = [one for one in alerts if one["state"] == AlertState.NEW]
    new.sort(key=lambda one: (one["ack_due"], one["id"]))
    return [_alert(one, t) for one in new[:MANY]]


@remembered
def _alert(one: dict[str, Any], t: Texts) -> Row:
    label, key = t("timers.alert", title=one["title"]), f"alert:{one['id']}"
    return _line(key, label, one["received_at"], one["ack_due"], key, one["severity"])


def _line(
    key: str, label: str, start: int | None, due: int, select: str | None, level: int | None
) -> Row:
    """A clock; past its limit it takes the colour of its level."""
    body = node(
        "div.td",
        node("span", label, title=label),
        node("span.br", node("b", data_bar=1, data_start=start or due, data_due=due)),
        ticking("left", due),
        data_due=due,
        data_select=select,
        data_lv=level,
    )
    return line(key, f"{due:014d}{key}", body, HEIGHT)


PANEL = Panel(
    id="timers",
    screens={"desk": "timers"},
    pictures=("orders", "incident", "activations", "alerts"),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
