"""The decision bar under the wall's map in wartime: the nearest decision, and how many follow."""

from typing import Any

from dash.development.base_component import Component

from layouts.kit import listed
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.panels.wall_decisions import due, items, question
from layouts.texts import Texts
from layouts.wall_parts import nothing, tick
from streams.view import View


def skeleton(t: Texts, screen: str) -> Component:
    return listed("wall-decide-list")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    found = [item for _, item in items(pictures, t)]
    if not found:
        return {("wall-decide-list", "rows"): [row("none", "0", nothing(t("wall_decide.none")))]}
    return {("wall-decide-list", "rows"): [row("first", "0", _bar(found, t))]}


def _bar(found: list[dict[str, Any]], t: Texts) -> Node:
    first, rest = found[0], found[1:]
    return node(
        "div.dq",
        node("div.h", t("wall_decide.first_of", n=len(found)), due(first, t)),
        question(first, t),
        node("div.next", [_next(item) for item in rest[:2]]) if rest else None,
        data_lv=first["level"],
    )


def _next(item: dict[str, Any]) -> Node:
    time = tick("left", item["due"]) if item["due"] is not None else None
    return node("div", item["question"], " ", time)


PANEL = Panel(
    id="wall-decide",
    screens={"wall": "decide"},
    pictures=("activations", "orders", "incidents", "ruling"),
    skeleton=skeleton,
    props=props,
)
