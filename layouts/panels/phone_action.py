"""The phone's hands: one large button for the next state, and what can be done instead."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OrderState
from layouts.kit import given, listed
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

HOLD_MS = 1000
NEXT = {
    OrderState.ISSUED: OrderState.ACKED,
    OrderState.DELIVERED: OrderState.ACKED,
    OrderState.READ: OrderState.ACKED,
    OrderState.ACKED: OrderState.EN_ROUTE,
    OrderState.EN_ROUTE: OrderState.ON_SCENE,
    OrderState.ON_SCENE: OrderState.DONE,
}
"""State of an order -> the one next step that its receiver takes."""
REASONS = ("broken", "busy", "blocked", "danger")


def skeleton(t: Texts, screen: str) -> Component:
    """The next step; then what cannot be done and why, and whom to call."""
    parts = [
        listed("phone-next"),
        html.Div(className="answer", role="status", **given(data_answer="1")),
        html.Details(
            [html.Summary(t("phone.cannot"), className="btn"), listed("phone-reasons")],
            className="cannot",
        ),
        html.A(t("phone.call"), id="phone-call", className="btn call"),
    ]
    return html.Div(parts, id="phone-acts", className="acts", **given(data_can="0"))


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    one = next(iter(pictures["phone"]["orders"]), None)
    command = (one or {}).get("command") or pictures["phone"].get("command") or {}
    number = command.get("phone") or ""
    return {
        ("phone-acts", "data-can"): "1" if one and one["state"] in NEXT else "0",
        ("phone-next", "rows"): rows(("next", _next(one, t))),
        ("phone-reasons", "rows"): rows(("why", _reasons(one, t))) if one else [],
        ("phone-call", "children"): _call(t.name(command.get("name")), number, t),
        ("phone-call", "href"): f"tel:{number}" if number else "",
    }


def _next(one: Any, t: Texts) -> Node:
    following = NEXT.get(OrderState(one["state"])) if one else None
    if one is None or following is None:
        return node("button.btn.go", t("phone.nothing_to_do"), type="button", disabled=True)
    words = (node("span", t(f"phone.do_{following}")), node("small", t(f"phone.note_{following}")))
    marks = {"type": "button", "data_kind": "primary", "data_focus": "next"}
    if following == OrderState.ACKED:
        return node("button.btn.go", *words, data_act="order.acknowledge",
                    data_body=_body(one), **marks)  # fmt: skip
    hold = HOLD_MS if following == OrderState.DONE else None
    return node("button.btn.go", *words, data_act="order.advance", data_hold=hold,
                data_body=_body(one, following), **marks)  # fmt: skip


def _body(one: Any, to: OrderState | None = None) -> str:
    body = {"order": one["id"]}
    return json.dumps({**body, "to": to} if to else body)


def _call(name: str, number: str, t: Texts) -> str:
    if not number:
        return t("phone.no_number")
    return t("phone.call_of", name=name, number=number)


def _reasons(one: Any, t: Texts) -> Node:
    """The usual reasons, one held press each, and a line for any other."""
    usual = [_reason(one, t(f"phone.reason_{name}")) for name in REASONS]
    other = node(
        "div.other",
        node("input", name="reason", placeholder=t("phone.reason_other"), maxlength=200,
             aria_label=t("phone.reason_other")),
        node("button.btn", t("phone.send_reason"), type="button", data_act="order.decline",
             data_need="reason", data_body=_body(one)),
        data_form="1",
    )  # fmt: skip
    return node("div.reasons", node("p", t("phone.reason_hold")), usual, other)


def _reason(one: Any, words: str) -> Node:
    body = json.dumps({"order": one["id"], "reason": words}, ensure_ascii=False)
    return node("button.btn", words, type="button", data_act="order.decline", data_body=body,
                data_hold=HOLD_MS)  # fmt: skip


PANEL = Panel(
    id="phone-action",
    screens={"phone": "action"},
    pictures=("phone",),
    skeleton=skeleton,
    props=props,
    subject="unit",
    classes="same",
)
