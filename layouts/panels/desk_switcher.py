"""Which of several open incidents the desk works on: one tile each, F2 and F4 for the first two.

Beside them, how many units two of the incidents want.
"""

from typing import Any

from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.desk_parts import badge, button, ticking
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
    tiles = [row(one["id"], f"{n:03d}", _tile(n, one, t)) for n, one in enumerate(incidents)]
    wanted = pictures["loans"]["wanted"]
    return {(LIST, "rows"): [*tiles, *([row("wanted", "~", _wanted(wanted, t))] if wanted else [])]}


def numbered(incidents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open incidents in the order of their opening, so that a number keeps its incident."""
    return sorted(incidents, key=lambda one: (one["opened_at"], one["id"]))[: len(SIGNS)]


def signs(incidents: list[dict[str, Any]]) -> dict[str, str]:
    """The number that each incident carries; none while only one is open."""
    ordered = numbered(incidents)
    if len(incidents) < 2:
        return {}
    return {one["id"]: sign for one, sign in zip(ordered, SIGNS, strict=False)}


def _wanted(wanted: list[dict[str, Any]], t: Texts) -> Node:
    """How many units are wanted twice, and what is left to decide about the first."""
    due = min(one["due"] for one in wanted)
    units = len({one["unit"] for one in wanted})  # several drafts may ask for one
    return node(
        "div.swc",
        node(
            "span.tt",
            node("b", t("switcher.wanted", n=units)),
            node("small", t("switcher.first"), " ", ticking("left", due)),
        ),
        button(t("notice.loans"), "I", data_do="side", data_side="loans"),
        data_wanted=units,
    )


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
    pictures=("incidents", "loans"),
    skeleton=skeleton,
    props=props,
    classes="plain",
)
