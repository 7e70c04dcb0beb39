"""Every source: when it last spoke, by which way, what was refused, and what is missing."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import button, listing
from layouts.desk_parts import ticking
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

LIST = "sources-list"
ORDER = ("dead", "late", "none", "ok")
HOLES = 6  # that are named; the others are in the sum


def skeleton(t: Texts, _screen: str) -> Component:
    back = button(t("desk.back"), "Esc", data_do="side", data_side="detail")
    title: list[Component | str] = [t("sources.title"), html.Small(t("sources.hint"))]
    return html.Div(
        [
            html.H2(title, className="ph"),
            html.Div(listing(LIST), className="scr"),
            html.Div(back, className="acts one"),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    return {(LIST, "rows"): [_line(one, t) for one in pictures["sources"]["sources"]]}


def _line(one: dict[str, Any], t: Texts) -> Row:
    """What is worst stands first."""
    rank = f"{int(not one['holes'])}{ORDER.index(one['state'])}{one['id']}"
    body = node(
        "div.qn",
        node(
            "div.tt",
            node("b", t.name(one["name"])),
            node("small", one["org"], " · ", _way(one, t)),
            node("small.n", _counts(one, t)),
            _missing(one, t),
        ),
        node(
            "div.ag",
            node("span.tag", t(f"sources.{one['state']}"), data_kind=_kind(one["state"])),
            ticking("age", one["last_at"]),
        ),
        data_source=one["id"],
        data_gaps=one["gaps"] or None,
    )
    return row(one["id"], rank, body)


def _way(one: dict[str, Any], t: Texts) -> Node:
    """How it speaks, and whether that way may lose something."""
    label = t(f"sources.way_{one['kind']}")
    if not one["best_effort"]:
        return node("span", label)
    return node("span.tag", label, " · ", t("sources.best_effort"), data_kind="wait",
                data_best_effort="1", title=t("sources.best_effort_why"))  # fmt: skip


def _counts(one: dict[str, Any], t: Texts) -> str:
    return t("sources.counts", accepted=one["accepted"], refused=one["refused"])


def _missing(one: dict[str, Any], t: Texts) -> Node | None:
    """Which of the sender's own numbers never came."""
    if not one["gaps"]:
        return None
    named = [_range(hole, t) for hole in one["holes"][-HOLES:]]
    return node("small.lc", t("sources.gaps", n=one["gaps"]), " ", t("desk.and").join(named))


def _range(hole: dict[str, int], t: Texts) -> str:
    first, last = hole["first"], hole["last"]
    which = str(first) if first == last else f"{first}–{last}"
    return t("sources.hole", which=which, at=clock(hole["at"]))


def _kind(state: str) -> str | None:
    return None if state == "ok" else "wait"


PANEL = Panel(
    id="sources",
    screens={"desk": "detail"},
    pictures=("sources",),
    skeleton=skeleton,
    props=props,
)
