"""The phone's first line and its banner: whose phone, which mode, which incident, how long."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import Mode
from layouts import war
from layouts.kit import listed, theme, timer
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.wall_parts import level, tick
from streams.view import View

NEW = ("ISSUED", "DELIVERED", "READ")


def skeleton(t: Texts, screen: str) -> Component:
    """Clock, unit and the device's own state in one line; unsent presses are counted between."""
    line = html.Div(
        [timer("clock"), html.Span(id="phone-unit"), html.Span(id="phone-net", className="net"),
         html.Span(id="phone-device", className="n"), theme(t)],
        className="sb",
    )  # fmt: skip
    return html.Div([line, listed("phone-banner")], className="same")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["phone"]
    activation = war.ruling(pictures["activations"])
    order = next(iter(picture["orders"]), None)
    banner = _order(order, activation, t) if order else _mode(activation, t)
    unit = picture["unit"] or {}
    return {
        ("phone-unit", "children"): t.name(unit.get("name")),
        ("phone-banner", "rows"): rows(("banner", banner)),
    }


def _order(order: Any, activation: Any, t: Texts) -> Node:
    """With an order: new ones say so, running ones name their incident."""
    incident = order["incident"] or {}
    new = order["state"] in NEW
    grade = activation["level"] if activation else incident.get("level")
    words = t("phone.new_order") if new else incident.get("title") or order["id"]
    if new and activation is not None:
        words = f"{war.response(activation, t)} · {words}"
    since = tick("elapsed", incident.get("reported_at") or order["issued_at"])
    return _banner(words, grade, since, filled=_at_war(activation))


def _mode(activation: Any, t: Texts) -> Node:
    """Without an order: the mode that holds here."""
    if activation is None:
        return _banner(f"{t('mode.PEACETIME')} · {t('phone.standing_by')}", 0, None, filled=False)
    where = war.districts(activation, t)
    mode = t("mode." + activation["mode"])
    how = war.response(activation, t) if _at_war(activation) else t(f"level.{activation['level']}")
    words = f"{mode} · {where} · {how}"
    since = tick("elapsed", activation["started_at"])
    return _banner(words, activation["level"], since, filled=_at_war(activation))


def _at_war(activation: Any) -> bool:
    return activation is not None and activation["mode"] == Mode.WARTIME


def _banner(words: str, grade: int | None, since: Node | None, filled: bool) -> Node:
    mark = level(grade, data_on="banner" if filled else None) if grade else None
    filling = "1" if filled else None
    return node("div.bn", mark, node("b.one", words), since, data_lv=grade or 0, data_fill=filling)


PANEL = Panel(
    id="phone-status",
    screens={"phone": "status"},
    pictures=("activations", "phone"),
    skeleton=skeleton,
    props=props,
    subject="unit",
    classes="same",
)
