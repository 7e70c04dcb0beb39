"""The phone's call: it rings, it is answered in sight of the order's own buttons."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import PartyState
from layouts.call_parts import inside, recorded
from layouts.kit import given, listed
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.wall_parts import tick
from streams.view import View


def skeleton(t: Texts, screen: str) -> Component:
    """What rings or runs; the call itself, painted by the browser's own script."""
    return html.Div(
        [
            html.P(t("call.cannot"), className="call-cannot", role="status"),
            listed("phone-calls"),
            html.P(role="status", className="call-said", **given(data_call_state="1")),
            html.A(id="phone-call-fallback", className="btn call-fallback"),
            html.Div(id="call-stage", className="call-stage"),
            html.Div([_talk(t), *_tools(t)], className="call-tools"),
        ],
        className="phone-call",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    own = pictures["phone_calls"]
    command = _command(pictures["phone"])
    number = command.get("phone") or ""
    rows = [_call(one, own["me"], t, n) for n, one in enumerate(own["calls"])]
    return {
        ("phone-calls", "rows"): rows,
        ("phone-call-fallback", "children"): t("call.fallback", number=number) if number else "",
        ("phone-call-fallback", "href"): f"tel:{number}" if number else "",
    }


def _command(phone: Any) -> Any:
    order = next(iter(phone["orders"]), None)
    return (order or {}).get("command") or phone.get("command") or {}


def _call(one: Any, me: str, t: Texts, n: int) -> Row:
    mine = next((who for who in one["parties"] if who["party"] == me), None)
    rings = mine is not None and mine["state"] == PartyState.INVITED
    who = t.name(mine["invited_by_name"]) if mine and mine.get("invited_by_name") else one["id"]
    words = t("call.incoming", who=who) if rings else t("call.open_now")
    since = mine["invited_at"] if mine and rings else one["opened_at"]
    top = node("div.call-top", node("b", words), tick("elapsed", since), recorded(one, t))
    title = node("div.dim", one["incident_title"] or one["id"], " · ",
                 t("call.with", n=inside(one)))  # fmt: skip
    body = node("div.callbox", top, title, _hands(one, rings, t), data_rings="1" if rings else None,
                data_id=one["id"])  # fmt: skip
    return row(one["id"], f"{n:03d}", body)


def _hands(one: Any, rings: bool, t: Texts) -> Node:
    """The consent stands above the button: who presses it has read it."""
    notice = node("p.consent", t("call.consent")) if one["recorded"] else None
    no = node("button.btn", t("call.decline"), type="button", data_act="call.leave",
              data_body=f'{{"call": "{one["id"]}"}}') if rings else None  # fmt: skip
    yes = node("button.btn.yes", t("call.answer") if rings else t("call.join"), type="button",
               data_call="join", data_id=one["id"])  # fmt: skip
    return node("div.call-hands", notice, yes, no)


def _talk(t: Texts) -> Component:
    return html.Button(t("call.talk"), className="btn talk", type="button", **given(data_talk="1"))


def _tools(t: Texts) -> list[Component]:
    return [
        html.Button(t(f"call.{name}"), className="btn", type="button", **given(data_call=verb))
        for name, verb in (("mic", "mic"), ("camera", "camera"), ("hand", "hand"),
                           ("sound_only", "pictures"), ("hang_up", "leave"))
    ]  # fmt: skip


PANEL = Panel(
    id="phone-call",
    screens={"phone": "call"},
    pictures=("phone_calls", "phone"),
    skeleton=skeleton,
    props=props,
    subject="unit",
    classes="same",
)
