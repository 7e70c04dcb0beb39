"""The wall's call: which calls are on, who is in them, that they are recorded. Read only."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.call_parts import party, recorded
from layouts.kit import checked, head, listed
from layouts.nodes import Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.wall_parts import tick
from streams.view import View

SHOWN = 6  # parties of a call


def skeleton(t: Texts, screen: str) -> Component:
    return html.Div(
        [head(t("call.title")), listed("wall-calls", checked(t("call.none")), data_tells="calls")],
        className="same",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    calls = pictures["calls"]["calls"]
    return {("wall-calls", "rows"): [_call(one, t, n) for n, one in enumerate(calls)]}


def _call(one: Any, t: Texts, n: int) -> Row:
    top = node("div.call-top", node("b", one["incident_title"] or one["id"]),
               tick("elapsed", one["opened_at"]), recorded(one, t))  # fmt: skip
    body = node("div.callbox", top, [party(who, t) for who in one["parties"][:SHOWN]])
    return row(one["id"], f"{n:03d}", body)


PANEL = Panel("wall-call", {"wall": "call"}, ("calls",), skeleton, props)
