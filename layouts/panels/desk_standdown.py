"""Stand-down: which screens have drawn the mode, and the checklist that ends the activation."""

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import ActivationState
from layouts.desk_lists import listing
from layouts.desk_parts import answer, button, press, response_name, ticking
from layouts.nodes import Node, Row, node, row, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View


def screens_skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2(
                [html.Span(id="screens-count"), html.Small(id="screens-epoch")], className="ph big"
            ),
            html.P(t("screens.by_themselves"), className="words dim"),
            listing("screens-tiles", "tl"),
            html.Div([listing("screens-missing"), listing("screens-roles")], className="scr"),
            listing("screens-acts", "actbar"),
        ],
        className="col",
    )


def screens_props(pictures: Pictures, t: Texts, _view: View) -> Props:
    picture = pictures["screens"]
    if not picture["recorded"]:
        return _unrecorded(picture, t)
    shown = list(enumerate(picture["screens"], 1))
    missing = [(n, one) for n, one in shown if one["state"] != "confirmed"]
    count = t("screens.count", n=picture["confirmed"], all=picture["total"])
    return {
        ("screens-count", "children"): count,
        ("screens-epoch", "children"): t("screens.epoch", n=picture["epoch"]),
        ("screens-tiles", "rows"): [_tile(n, one, t) for n, one in shown],
        ("screens-missing", "rows"): _missing(missing, t),
        ("screens-roles", "rows"): _roles(picture["screens"], t),
        ("screens-acts", "rows"): rows(*_screen_acts(len(missing), t)),
    }


def _unrecorded(picture: Mapping[str, Any], t: Texts) -> Props:
    """Of the past it is not known which screens had drawn the mode: that is no 0 of 0."""
    return {
        ("screens-count", "children"): t("screens.unrecorded"),
        ("screens-epoch", "children"): t("screens.epoch", n=picture["epoch"]),
        ("screens-tiles", "rows"): [],
        ("screens-missing", "rows"): [row("none", "", node("p.none", t("screens.last_alone")))],
        ("screens-roles", "rows"): [],
        ("screens-acts", "rows"): [],
    }


def _tile(n: int, screen: dict[str, Any], t: Texts) -> Row:
    title = f"{screen['name']} · {t('screen_state.' + screen['state'])}"
    body = node("i", str(n), title=title, data_state=screen["state"], role="img", aria_label=title)
    return row(screen["id"], f"{n:04d}", body)


def _missing(missing: list[tuple[int, dict[str, Any]]], t: Texts) -> list[Row]:
    """The screens that do not show the mode, by name, with what they still show."""
    head = row("head", "", node("div.gh", t("screens.missing", n=len(missing))))
    return [head, *(row(one["id"], f"{n:04d}", _lost(n, one, t)) for n, one in missing)]


def _lost(n: int, screen: dict[str, Any], t: Texts) -> Node:
    still = t("screens.still", mode=t(f"mode.{screen['mode']}"), n=screen["epoch"])
    beat = t("screens.beat", at=clock(screen["seen_at"]))
    return node(
        "div.gr",
        node("i.no", str(n)),
        node("div.tt", node("b", f"{screen['name']} · {t('role.' + screen['role'])}"),
             node("small", f"{still} · {beat}"),
             node("small.rem", _done(screen, t)), _lost_acts(screen, t)),
        node("div.ag", ticking("age", screen["seen_at"]),
             node("small", t(f"screen_state.{screen['state']}"))),
    )  # fmt: skip


def _done(screen: dict[str, Any], t: Texts) -> str:
    """What was last done about it and by whom, else what can be done."""
    told = screen.get("followed")
    if told is None:
        return t(f"screens.remedy_{screen['state']}")
    who, at = t.name(told["actor_name"]), clock(told["at"])
    if told["type"] == "ScreenUnreachable":
        return t("screens.unreachable", who=who, at=at, why=told["body"]["reason"])
    return t("screens.pushed", who=who, at=at)


def _lost_acts(screen: dict[str, Any], t: Texts) -> Node:
    """Push again, or record that nobody reaches it."""
    body = json.dumps({"screen": screen["screen"]})
    line = node(
        "div.askline",
        node("input", name="reason", type="text", maxlength=300, placeholder=t("acts.reason")),
        press("screen.unreachable", t("screens.record_do"), "", "primary", data_need="reason",
              data_enter="1"),
        data_line=f"lost:{screen['screen']}",
        data_form="1",
    )  # fmt: skip
    again = press("screen.push", t("screens.push"), data_push="1")
    record = button(t("screens.record"), data_do="line", data_for=f"lost:{screen['screen']}")
    return node("div.lostacts", again, _call(screen, t), record, line, data_body=body)


def _call(screen: dict[str, Any], t: Texts) -> Node | None:
    """A unit's phone is called from here; anybody else has a telephone beside the screen."""
    if screen["unit"]:
        return button(t("screens.call"), data_do="call-unit", data_unit=screen["unit"])
    number = screen["phone"]
    return node("span.n", t("screens.phone", number=number)) if number else None


def _screen_acts(missing: int, t: Texts) -> list[tuple[str, Node | None]]:
    label = t("screens.push_all", n=missing)
    every = button(label, "R", "primary", data_do="push-screens", disabled=not missing)
    return [("acts", node("div.acts.one", every)), ("answer", answer())]


def _roles(screens: list[dict[str, Any]], t: Texts) -> list[Row]:
    found: list[Row] = []
    for role in sorted({one["role"] for one in screens}):
        mine = [one for one in screens if one["role"] == role]
        done = sum(one["state"] == "confirmed" for one in mine)
        count = node("div.ag.n", f"{done} / {len(mine)}")
        found.append(row(role, role, node("div.gr.flat", node("span", t(f"role.{role}")), count)))
    return found


def list_skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2(
                [t("standdown.title"), html.Span(id="standdown-count", className="n"),
                 html.Small(t("standdown.kept"))],
                className="ph big",
            ),
            html.Div([listing("standdown-list"), html.P(t("standdown.none"), className="none")],
                     className="scr"),
            listing("standdown-acts", "actbar"),
        ],
        className="col",
    )  # fmt: skip


def list_props(pictures: Pictures, t: Texts, _view: View) -> Props:
    one = concerned(pictures["activations"])
    if one is None:
        return {
            ("standdown-count", "children"): "",
            ("standdown-list", "rows"): [],
            ("standdown-acts", "rows"): rows(("back", _back(t))),
        }
    items = one["checklist"] or []
    done = sum(bool(item["done"]) for item in items)
    return {
        ("standdown-count", "children"): f"{done} / {len(items)}",
        ("standdown-list", "rows"): [_item(one, item, t) for item in items],
        ("standdown-acts", "rows"): rows(*_acts(one, t)),
    }


def concerned(picture: dict[str, Any]) -> dict[str, Any] | None:
    """The activation whose checklist is shown: the one that holds, else the one that ended last."""
    if picture["active"]:
        return dict(picture["active"][0])
    ended = [one for one in picture["ended_recent"] if one["state"] == ActivationState.ENDED]
    return max(ended, key=lambda one: one["ended_at"] or 0, default=None)


def _item(one: dict[str, Any], item: dict[str, Any], t: Texts) -> Row:
    """An item with its tick; an open one asks who owns it from now on."""
    text = t(f"checklist.{item['word']}") if item["word"] else t.name(item)
    holds, done = one["state"] == ActivationState.ACTIVE, bool(item["done"])
    body = {"activation": one["id"], "item": item["item"], "done": not done}
    tick = press("activation.check", t("standdown.undo") if done else t("standdown.do"), "",
                 data_body=json.dumps(body), data_focus=f"item:{item['item']}")  # fmt: skip
    owner = node("input", type="text", name=f"owner_{item['item']}", maxlength=80,
                 placeholder=t("standdown.owner"), data_owner=item["item"])  # fmt: skip
    shown = node(
        "div.gr.item",
        node("i.ck", "✓" if done else "!", data_done="yes" if done else "no"),
        node("div.tt", node("b", text), node("small", _settled(item, t))),
        node("div.do", None if done or not holds else owner, tick if holds else None),
        data_left=None if done else "1",
    )
    return row(str(item["item"]), f"{int(not done)}{item['item']:03d}", shown)


def _settled(item: dict[str, Any], t: Texts) -> str:
    if item["done"]:
        who = t.name(item.get("by_name")) or item["by"] or ""
        return f"{who} {clock(item['at'])} {item['note']}".strip()
    return t("standdown.handed", who=item["owner"]) if item["owner"] else t("standdown.open_item")


def _acts(one: dict[str, Any], t: Texts) -> list[tuple[str, Node | None]]:
    if one["state"] != ActivationState.ACTIVE:
        ended = t("standdown.ended", at=clock(one["ended_at"]))
        return [("ended", node("p.words", ended)), ("back", _back(t))]
    name = response_name(one["mode"], one["level"], t)
    end = node(
        "div.askline",
        node("input", type="text", name="end_reason", maxlength=500, placeholder=t("acts.reason")),
        button(t("standdown.end_do"), "", "primary", data_do="stand-down", data_enter="1",
               data_activation=one["id"]),
        data_line="stand-down",
    )  # fmt: skip
    acts = node(
        "div.acts.wide",
        button(
            t("standdown.end", what=name), "E", "primary", data_do="line", data_for="stand-down"
        ),
        button(t("desk.back"), "1", data_do="view", data_view="intake"),
    )
    return [("line", end), ("acts", acts), ("answer", answer())]


def _back(t: Texts) -> Node:
    return node("div.acts.one", button(t("desk.back"), "1", data_do="view", data_view="intake"))


PANELS = (
    Panel("screens", {"desk": "screens"}, ("screens",), screens_skeleton, screens_props),
    Panel("standdown", {"desk": "checklist"}, ("activations",), list_skeleton, list_props),
)
