"""Which of several open incidents the desk works on: one tile each, F2 and F4 for the first two."""

from typing import Any

from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.desk_parts import badge, ticking
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

LIST = "switcher-list"
SIGNS = "①②③④⑤⑥⑦⑧⑨"
KEYS = ("F2", "F4")


def skeleton(t: Texts, _screen: str) -> Component:
    return listing(LIST, "switcher", aria_label=t("switcher.title"))


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    incidents = numbered(pictures["incidents"]["incidents"])
    return {
        (LIST, "rows"): [
            row(one["id"], f"{n:03d}", _tile(n, one, t)) for n, one in enumerate(incidents)
        ]
    }


def numbered(incidents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open incidents in the order of their opening, so that a number keeps its incident."""
    return sorted(incidents, key=lambda one: (one["opened_at"], one["id"]))[: len(SIGNS)]


def _tile(n: int, incident: dict[str, Any], t: Texts) -> Node:
    orders, key = incident["orders"], KEYS[n] if n < len(KEYS) else None
    counts = t("switcher.orders", total=orders["total"], unsigned=orders["unsigned"])
    return node(
        "button.sw",
        node("b.no", SIGNS[n]),
        badge(incident["grade"], t),
        node(
            "span.tt",
            node("b", incident["title"]),
            node("small", f"{incident['place']} · {counts}"),
        ),
        node(
            "span.ag",
            ticking("elapsed", incident["reported_at"]),
            node("small.lc", t("matrix.late", n=orders["overdue"])) if orders["overdue"] else None,
        ),
        node("kbd", key) if key else None,
        type="button",
        data_select=f"incident:{incident['id']}",
        data_key=key,
        data_lv=incident["grade"],
        data_unack="1" if orders["overdue"] else None,
        data_focus=f"sw:{incident['id']}",
    )


PANEL = Panel(
    id="switcher",
    screens={"desk": "switcher"},
    pictures=("incidents",),
    skeleton=skeleton,
    props=props,
    classes="plain",
)
