"""What a responder may tell from the scene: a photo, the place, a safety timer, a call for help.

None of it is needed to go on with the order.
"""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.responders import DOWN
from layouts.kit import given, listed
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.wall_parts import tick
from streams.view import View

HOLD_MS = 1000
MINUTES = (10, 20, 40)


def skeleton(t: Texts, screen: str) -> Component:
    """What runs (place, timer) and what waits to be sent; below them the four buttons."""
    return html.Div(
        [
            listed("phone-running", className="running"),
            html.Div(id="phone-uploads", className="queue", **given(aria_live="polite")),
            listed("phone-tools", className="tools"),
        ],
        className="same",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["phone"]
    one = next(iter(picture["orders"]), None)
    if one is None:
        return {("phone-running", "rows"): [], ("phone-tools", "rows"): []}
    sharing, safety = _of(picture["sharing"], one), _of(picture["safety"], one)
    sending = _of(picture["sending"], one)
    return {
        ("phone-running", "rows"): rows(
            ("picture", _live(one, t) if sending else None),
            ("place", _place(one, t) if sharing else None),
            ("safety", _safety(one, safety, t) if safety else None),
        ),
        ("phone-tools", "rows"): rows(("tools", _tools(one, sending, sharing, safety, t))),
    }


def _of(row: Any, one: Any) -> Any:
    """What was said for this order; for an earlier one it is over."""
    return row if row and row["dispatch_order"] == one["id"] else None


def _place(one: Any, t: Texts) -> Node:
    stop = _button(t("scene.stop"), "order.share_place", {"order": one["id"], "on": False})
    words = node("div", node("b", t("scene.place_on")),
                 node("small", t("scene.place_waiting"), data_place="1"))  # fmt: skip
    return node("div.run", words, stop, data_sharing=one["id"])


def _safety(one: Any, safety: Any, t: Texts) -> Node:
    down = safety["state"] == DOWN
    words = t("scene.safety_down") if down else t("scene.safety_on")
    left = tick("left", safety["due_at"], data_from=safety["heard_at"])
    safe = _button(t("scene.safe"), "order.confirm_safety", {"order": one["id"]})
    off = _button(t("scene.stop"), "order.watch_safety", {"order": one["id"], "minutes": 0})
    return node("div.run", node("div", node("b", words), left), safe, off,
                data_down="1" if down else None)  # fmt: skip


def _live(one: Any, t: Texts) -> Node:
    """The picture that is sent; the page says whether it goes through."""
    stop = _button(t("scene.stop"), "order.send_picture", {"order": one["id"], "on": False})
    words = node("div", node("b", t("scene.live_title")), node("small", "", data_live="1"))
    return node("div.run", words, stop, data_sending=one["id"], data_unit=one["unit"])


def _tools(one: Any, sending: Any, sharing: Any, safety: Any, t: Texts) -> Node:
    """Buttons in reach of one hand; asking stands in the place of the button that asks."""
    return node(
        "div.tool4",
        node("button.btn", node("b", t("scene.photo")), node("small", t("scene.photo_note")),
             type="button", data_photo=one["id"]),
        _ask("live", t("scene.live"), t("scene.live_ask"), _send(one, t), bool(sending), t),
        _ask("place", t("scene.place"), t("scene.place_ask"), _share(one, t), bool(sharing), t),
        _ask("safety", t("scene.safety"), t("scene.safety_ask"), _lengths(one, t), bool(safety), t),
        node("button.btn", node("b", t("scene.help")), node("small", t("scene.help_note")),
             type="button", data_act="order.ask_help", data_hold=HOLD_MS, data_help="1",
             data_body=json.dumps({"order": one["id"], "text": t("scene.help")})),
        node("p.dim", t("scene.danger")),
    )  # fmt: skip


def _ask(name: str, label: str, question: str, answers: list[Node], on: bool, t: Texts) -> Node:
    """A button; pressed, its question and the answers to it."""
    close = node("button.btn", t("scene.no"), type="button", data_fold=name)
    return node(
        "div.askbox",
        node("button.btn", node("b", label), type="button", data_unfold=name, disabled=on),
        node("div.asked", node("p", question), *answers, close, data_line=name),
    )


def _send(one: Any, t: Texts) -> list[Node]:
    return [_button(t("scene.send"), "order.send_picture", {"order": one["id"], "on": True})]


def _share(one: Any, t: Texts) -> list[Node]:
    return [_button(t("scene.share"), "order.share_place", {"order": one["id"], "on": True})]


def _lengths(one: Any, t: Texts) -> list[Node]:
    said = {"order": one["id"], "text": t("scene.silent")}
    return [
        _button(t("scene.minutes", n=n), "order.watch_safety", {**said, "minutes": n})
        for n in MINUTES
    ]


def _button(words: str, command: str, said: dict[str, Any]) -> Node:
    return node("button.btn", words, type="button", data_act=command,
                data_body=json.dumps(said, ensure_ascii=False))  # fmt: skip


PANEL = Panel(
    id="phone-report",
    screens={"phone": "tools"},
    pictures=("phone",),
    skeleton=skeleton,
    props=props,
    subject="unit",
    classes="report",
)
