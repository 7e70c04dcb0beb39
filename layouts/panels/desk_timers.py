"""Every clock that runs against the desk, of all its incidents, the most urgent first.

Where several incidents are open each line carries the number that its incident has above the map.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import UNSIGNED, AlertState
from layouts.desk_lists import grid, line
from layouts.desk_parts import ticking
from layouts.desk_words import number
from layouts.nodes import Row, node
from layouts.panel import Panel, Pictures, Props
from layouts.panels.desk_switcher import signs
from layouts.remembered import remembered
from layouts.texts import Texts
from streams.view import View

LIST = "timers-grid"
HEIGHT = 40  # two lines of words
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
    incidents = pictures["incidents"]["incidents"]
    number_of = signs(incidents)
    found = [
        *_orders(pictures["orders"]["orders"], number_of, t),
        *_steps(incidents, number_of, t),
        *_wanted(pictures["loans"]["wanted"], number_of, t),
        *_proposed(pictures["activations"]["proposed"], t),
        *_alerts(pictures["alerts"]["alerts"], t),
    ]
    return {(LIST, "rowData"): found}


def _orders(orders: list[dict[str, Any]], signs: dict[str, str], t: Texts) -> list[Row]:
    waiting = [one for one in orders if one["state"] in UNSIGNED and one["ack_due"]]
    return [
        _line(f"order:{one['id']}", t("timers.sign", n=number(one), who=t.name(one["unit_name"])),
              one["issued_at"], one["ack_due"], f"order:{one['id']}", one["incident_level"],
              signs.get(one["incident"], ""))
        for one in waiting
    ]  # fmt: skip


def _steps(incidents: list[dict[str, Any]], signs: dict[str, str], t: Texts) -> list[Row]:
    """What runs in every incident; a line of another one leads to it."""
    running = [(one, step) for one in incidents for step in one["running"]]
    running.sort(key=lambda pair: (pair[1]["limit_at"], pair[0]["id"]))
    return [
        _line(f"step:{one['id']}:{step['seq']}",
              t("timers.step", n=step["seq"], text=t.name(step["text"])),
              step["limit_at"] - OPEN_STEP_MS, step["limit_at"], f"incident:{one['id']}",
              one["grade"], signs.get(one["id"], ""))
        for one, step in running[:MANY]
    ]  # fmt: skip


def _wanted(wanted: list[dict[str, Any]], signs: dict[str, str], t: Texts) -> list[Row]:
    """Until when somebody should say which of two incidents gets a unit."""
    return [
        _line(f"wanted:{one['id']}", t("timers.wanted", unit=t.name(one["unit_name"])),
              one["since"], one["due"], None, one["level"],
              signs.get(one["holder"]["incident"], "") + signs.get(one["incident"], ""), "loans")
        for one in wanted
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
    key: str,
    label: str,
    start: int | None,
    due: int,
    select: str | None,
    level: int | None,
    sign: str = "",
    side: str = "",
) -> Row:
    """A clock; past its limit it takes the colour of its level. side: the panel that it opens."""
    body = node(
        "div.td",
        node("b.no", sign),
        node("span.what", label, title=label),
        ticking("left", due),
        node("span.br", node("b", data_bar=1, data_start=start or due, data_due=due)),
        data_due=due,
        data_select=select,
        data_do="side" if side else None,
        data_side=side or None,
        data_lv=level,
    )
    return line(key, f"{due:014d}{key}", body, HEIGHT)


PANEL = Panel(
    id="timers",
    screens={"desk": "timers"},
    pictures=("orders", "incidents", "loans", "activations", "alerts"),
    skeleton=skeleton,
    props=props,
)
