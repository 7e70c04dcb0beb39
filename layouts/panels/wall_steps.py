"""处置步骤: the plan of the incident that rules the wall, step by step with its limits."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.kit import head, listed
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import nothing, tick
from streams.view import View

SHOWN = 10
FINISHED = ("done", "dropped")


def skeleton(t: Texts, screen: str) -> Component:
    count = html.Span(id="wall-steps-count", className="mid n")
    return html.Div(
        [
            head([t("wall_steps.title"), " ", count], html.Span(id="wall-steps-plan")),
            listed("wall-steps-list"),
        ],
        className="same",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["ruling"]
    steps, plan = picture["steps"], picture["plan"]
    done = sum(step["state"] in FINISHED for step in steps)
    lines = [row(str(one["seq"]), f"{one['seq']:03d}", _step(one, t)) for one in window(steps)]
    return {
        ("wall-steps-count", "children"): f"{done} / {len(steps)}" if steps else "",
        ("wall-steps-plan", "children"): t.name(plan["name"]) if plan else "",
        ("wall-steps-list", "rows"): lines or [row("none", "0", nothing(t("wall_steps.none")))],
    }


def window(steps: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """As many steps as the wall shows: from a few finished ones before the first open one."""
    first = next((n for n, one in enumerate(steps) if one["state"] not in FINISHED), len(steps))
    start = max(0, min(first - 3, len(steps) - SHOWN))
    return steps[start : start + SHOWN]


def _step(one: dict[str, Any], t: Texts) -> Node:
    done = one["state"] in FINISHED
    sign = "✓" if one["state"] == "done" else str(one["seq"])
    limit = t("time.limit", at=clock(one["limit_at"], seconds=False))
    return node(
        "div.st",
        node("div.ic.n", sign),
        node("div.tt", t.name(one["text"]), node("small", _who(one, t))),
        node("div.tm", "" if done else tick("left", one["limit_at"]), node("small", limit)),
        data_state=one["state"],
        data_limit=None if done else one["limit_at"],
        data_late="1" if one["late_at"] and not done else None,
    )


def _who(one: dict[str, Any], t: Texts) -> str:
    """Whose step it is, and its order with that order's state."""
    unit = t.name(one.get("unit_name")) or t(f"force.{one['force_type']}")
    if one["late_at"] and one["state"] not in FINISHED:
        unit = f"{t('steps.late', at=clock(one['late_at'], seconds=False))} · {unit}"
    if not one.get("order"):
        return f"{unit} · {t('wall_steps.no_order')}"
    state = t("order_state." + one["order_state"])
    return f"{one['order']} {state} · {unit}"


PANEL = Panel(
    id="wall-steps",
    screens={"wall": "steps"},
    pictures=("ruling",),
    skeleton=skeleton,
    props=props,
)
