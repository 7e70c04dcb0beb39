"""Messages that were refused at a door and wait for somebody to look at them."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import button, listing
from layouts.desk_parts import answer, press, ticking
from layouts.nodes import Node, Row, node, row, rows
from layouts.panel import Panel, Pictures, Props
from layouts.refusals import said
from layouts.texts import Texts
from streams.view import View

LIST, COUNT, LINK = "quarantine-list", "quarantine-count", "quarantine-link"
SHOWN_CHARS = 400


def skeleton(t: Texts, _screen: str) -> Component:
    back = button(t("desk.back"), "Esc", data_do="side", data_side="detail")
    none = html.P(t("quarantine.none"), className="none")
    return html.Div(
        [
            html.H2([t("quarantine.title"), html.Span(id=COUNT, className="n mid"),
                     html.Small(t("quarantine.hint"))], className="ph"),
            html.Div([listing(LIST), none], className="scr"),
            listing("quarantine-answer"),
            html.Div(back, className="acts one"),
        ],
        className="col",
    )  # fmt: skip


def link_skeleton(_t: Texts, _screen: str) -> Component:
    return listing(LINK, "refusals")


def link_props(pictures: Pictures, t: Texts, _view: View) -> Props:
    """One line under the queue: how many were refused, and the way to them."""
    n = len(pictures["quarantine"]["items"])
    open_ = node(
        "button.btn",
        t("quarantine.open"),
        type="button",
        data_kind="bare",
        data_do="side",
        data_side="quarantine",
    )
    body = node("div.keyline", node("span", t("quarantine.count", n=n)), open_ if n else None,
                data_left="1" if n else None)  # fmt: skip
    return {(LINK, "rows"): [row("link", "0", body)]}


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    items = pictures["quarantine"]["items"]
    return {
        (COUNT, "children"): str(len(items)),
        (LIST, "rows"): [_item(n, one, t) for n, one in enumerate(items)],
        ("quarantine-answer", "rows"): rows(("answer", answer())),
    }


def _item(n: int, item: dict[str, Any], t: Texts) -> Row:
    body: Node = node(
        "div.qn",
        node(
            "div.tt",
            node("b", " · ".join(part for part in (item["channel"], item["field"]) if part)),
            node("small", said(item["code"], t)),
            node("small.raw", item["payload"][:SHOWN_CHARS]),
        ),
        node(
            "div.ag",
            ticking("age", item["received_at"]),
            press(
                "quarantine.seen",
                t("quarantine.seen"),
                data_body=json.dumps({"quarantine": item["id"]}),
            ),
        ),
    )
    return row(item["id"], f"{n:04d}", body)


PANELS = (
    Panel("quarantine", {"desk": "detail"}, ("quarantine",), skeleton, props),
    Panel(
        "refusals",
        {"desk": "refusals"},
        ("quarantine",),
        link_skeleton,
        link_props,
        classes="plain",
    ),
)
