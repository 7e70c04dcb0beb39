"""The form that asks for STANDBY or WARTIME: level, scope, reason, and who must sign."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import CITY, Mode
from layouts.desk_lists import listing
from layouts.desk_parts import answer, badge, button, grade_name, section
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

BODY, ACTS = "activate-body", "activate-acts"


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2([t("activate.title"), html.Small(t("activate.hint"))], className="ph"),
            html.Div(listing(BODY), className="scr"),
            listing(ACTS, "actbar"),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    incident = pictures["incident"].get("incident")
    if incident is None:
        none = node("p.words.dim", t("acts.needs_incident"))
        return {(BODY, "rows"): rows(("none", none)), (ACTS, "rows"): []}
    districts = pictures["duty"].get("districts", [])
    return {
        (BODY, "rows"): rows(
            ("for", node("p.words", node("b", incident["title"]), f" {incident['id']}")),
            ("mode", _modes(t)),
            ("level", _levels(incident["grade"], t)),
            ("scope", _scopes(incident["scope"], districts, t)),
            ("reason", _reason(t)),
            (
                "rule",
                node("ul.words.dim", [node("li", t(f"activate.rule_{n}")) for n in (1, 2, 3, 4)]),
            ),
        ),
        (ACTS, "rows"): rows(
            ("acts", _acts(t)),
            ("answer", answer()),
        ),
    }


def _modes(t: Texts) -> Node:
    picks = [
        _pick("radio", "mode", mode.value, mode is Mode.WARTIME, node("b", t(f"mode.{mode.value}")),
              node("small", t(f"activate.about_{mode.value}")))
        for mode in (Mode.STANDBY, Mode.WARTIME)
    ]  # fmt: skip
    return node("div", section(t("activate.mode")), node("div.picks.two", picks))


def _levels(grade: int, t: Texts) -> Node:
    picks = [
        _pick("radio", "level", n, n == grade, badge(n, t), node("span", t(f"level.{n}")),
              node("small", grade_name(n, t)))
        for n in (1, 2, 3, 4)
    ]  # fmt: skip
    return node(
        "div", section(t("activate.level"), t("activate.level_note")), node("div.picks.four", picks)
    )


def _scopes(scope: list[str], districts: list[dict[str, Any]], t: Texts) -> Node:
    """The incident's own districts are ticked; more districts or the city need two persons."""
    picks = [
        _pick(
            "checkbox",
            "scope",
            one["code"],
            one["code"] in scope,
            node("span", t.name(one["name"])),
        )
        for one in districts
    ]
    city = _pick("checkbox", "scope", CITY, CITY in scope, node("span", t("desk.whole_city")))
    return node("div", section(t("activate.scope")), node("div.picks.three", picks, city))


def _reason(t: Texts) -> Node:
    area = node("textarea", name="activate_reason", rows=3, maxlength=1000, data_focus="reason",
                placeholder=t("activate.reason_hint"), aria_label=t("confirm.reason"))  # fmt: skip
    return node("div", section(t("confirm.reason")), node("div.pad", area))


def _acts(t: Texts) -> Node:
    return node(
        "div.acts.wide",
        button(t("activate.propose"), "Ctrl+Enter", "primary", data_do="propose", data_first="1"),
        button(t("desk.back"), "Esc", data_do="side", data_side="detail"),
    )


def _pick(kind: str, name: str, value: Any, on: bool, *shown: Node) -> Node:
    field = node(
        "input", type=kind, name=name, value=value, checked=on, data_focus=f"{name}:{value}"
    )
    return node("label", field, *shown)


PANEL = Panel(
    id="activate",
    screens={"desk": "detail"},
    pictures=("incident", "duty"),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
