"""The form for a report by telephone: by keyboard alone, the place by search or by the map."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import Category
from layouts.desk_lists import listing
from layouts.desk_parts import answer, badge, button, grade_name
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

BODY, ACTS = "report-body", "report-acts"
ORDINARY = 4


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2([t("report.title"), html.Small(t("report.hint"))], className="ph"),
            html.Div(listing(BODY), className="scr"),
            listing(ACTS, "actbar"),
        ],
        className="col",
    )


def props(_pictures: Pictures, t: Texts, _view: View) -> Props:
    return {
        (BODY, "rows"): rows(("form", _form(t))),
        (ACTS, "rows"): rows(("acts", _acts(t)), ("answer", answer())),
    }


def _form(t: Texts) -> Node:
    return node(
        "div.form",
        _field("what", "text", t, data_focus="report", required=True, maxlength=200),
        _level(t),
        _place(t),
        _field("minutes_ago", "number", t, value=0, min=0, max=1440, inputmode="numeric"),
        _choice("category", [(one.value, t(f"category.{one}")) for one in Category], t),
        _field("type", "text", t, maxlength=40),
        _field("caller_name", "text", t, maxlength=60),
        _field("caller_phone", "tel", t, maxlength=24, inputmode="tel"),
        node("label.wide", node("span", t("report.text")),
             node("textarea", name="text", rows=3, maxlength=2000)),
        data_report="1",
    )  # fmt: skip


def _field(name: str, kind: str, t: Texts, **more: Any) -> Node:
    """A labelled field; its refusal is shown beside it."""
    field = node("input", name=name, type=kind, autocomplete="off", **more)
    return node("label", node("span", t(f"report.{name}")), field, node("em", data_refused=name))


def _choice(name: str, options: list[tuple[str, str]], t: Texts) -> Node:
    chosen = Category.CITY.value
    made = [
        node("option", label, value=value, selected=value == chosen) for value, label in options
    ]
    return node("label", node("span", t(f"report.{name}")), node("select", made, name=name),
                node("em", data_refused=name))  # fmt: skip


def _level(t: Texts) -> Node:
    picks = [
        node("label", node("input", type="radio", name="severity", value=n, checked=n == ORDINARY),
             badge(n, t), node("span", grade_name(n, t)))
        for n in (1, 2, 3, 4)
    ]  # fmt: skip
    return node("div.wide", node("span", t("report.severity")), node("div.picks.four", picks))


def _place(t: Texts) -> Node:
    """Words to search by, the places found, and the point that was chosen."""
    search = node(
        "input",
        name="place",
        type="text",
        autocomplete="off",
        maxlength=200,
        placeholder=t("report.place_hint"),
        data_placefind="1",
        required=True,
    )
    return node(
        "div.wide",
        node("label", node("span", t("report.place")), search, node("em", data_refused="place")),
        node("div.found", data_places="1"),
        node("div.point", node("span", t("report.no_point"), data_point="1"),
             node("em", data_refused="lat"), node("input", type="hidden", name="lat"),
             node("input", type="hidden", name="lon")),
    )  # fmt: skip


def _acts(t: Texts) -> Node:
    return node(
        "div.acts.wide",
        button(t("report.send"), "Ctrl+Enter", "primary", data_do="report", data_first="1"),
        button(t("desk.back"), "Esc", data_do="side", data_side="detail"),
    )


PANEL = Panel(
    id="report",
    screens={"desk": "detail"},
    pictures=(),
    skeleton=skeleton,
    props=props,
)
