"""The desk's top bar: mode, views, search, sources; in wartime the response and its clocks."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.desk_parts import badge, button, response_name, ticking
from layouts.kit import given, theme
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.war import districts
from streams.view import View

VIEWS = (("intake", "1"), ("map", "2"), ("dispatch", "3"), ("video", "4"), ("replay", "5"))
BANNER, NOTE = "top-banner", "top-sources"


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            listing(BANNER, "banner"),
            html.Nav(_tabs(t), className="tabs", **given(aria_label=t("top.views"))),
            _search(t),
            listing(NOTE, "sources"),
            _language(t),
            theme(t),
            html.Time(className="clk n", **given(data_t="clock")),
        ],
        className="top",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    activations = pictures["activations"]
    incidents = {one["id"]: one for one in pictures["incidents"]["incidents"]}
    active = leading(activations)
    return {
        (BANNER, "rows"): rows(
            ("mode", _mode(activations["mode"], active, t)),
            ("incident", _incident(active, incidents, t) if active else None),
            ("clocks", _clocks(active, pictures["alerts"], t) if active else None),
        ),
        (NOTE, "rows"): rows(("sources", _sources(pictures["sources"]["sources"], t))),
    }


def leading(activations: dict[str, Any]) -> dict[str, Any] | None:
    """The activation that gives the screen its mode: one of our own, the first in urgency."""
    own = set(activations["own"])
    mine = [one for one in activations["active"] if one["id"] in own]
    mine.sort(key=lambda one: (one["mode"] != activations["mode"], one["level"], one["id"]))
    return mine[0] if mine else None


def _tabs(t: Texts) -> list[Component]:
    return [_tab(t(f"top.view_{name}"), key, data_do="view", data_view=name) for name, key in VIEWS]


def _tab(label: str, key: str, **marks: str) -> Component:
    parts: list[Component | str] = [label, " ", html.Kbd(key)]
    return html.Button(parts, type="button", className="tab", **given(data_key=key, **marks))


def _search(t: Texts) -> Component:
    return html.Button(
        [html.Span(t("top.search")), html.Kbd("Ctrl K")],
        type="button",
        className="fld",
        **given(data_do="side", data_side="find", data_key="Ctrl+K"),
    )


def _language(t: Texts) -> Component:
    other = "en" if t.lang == "zh" else "zh"
    marks = given(title=t("top.language_hint"))
    return html.A(t("top.other_language"), href=f"?lang={other}", className="tag", **marks)


def _mode(mode: str, active: dict[str, Any] | None, t: Texts) -> Node:
    if active is None or mode == "PEACETIME":
        return node("span.mode", t(f"mode.{mode}"), data_mode=mode)
    return node(
        "div.ban",
        badge(active["level"], t),
        node(
            "span",
            node("small", f"{t(f'mode.{mode}')} · {districts(active, t)}"),
            response_name(mode, active["level"], t),
        ),
        data_lv=active["level"],
        data_mode=mode,
    )


def _incident(active: dict[str, Any], incidents: dict[str, Any], t: Texts) -> Node:
    incident = incidents.get(active["incident"])
    title = incident["title"] if incident else active["incident"]
    people = t("top.started_by", who=t.name(active.get("proposed_by_name")))
    return node("div.in", title, node("small", f"{active['incident']} · {people}"))


def _clocks(active: dict[str, Any], alerts: dict[str, Any], t: Texts) -> Node:
    others = alerts["counts"]["open"]
    return node(
        "div.tmrs",
        node("div.tmr", node("small", t("top.elapsed")), ticking("elapsed", active["started_at"])),
        node("div.tmr", node("small", t("top.other_alerts")), node("b.n", str(others))),
        button(t("standdown.open"), "J", data_do="view", data_view="standdown"),
    )


def _sources(sources: list[dict[str, Any]], t: Texts) -> Node:
    count = {
        state: sum(one["state"] == state for one in sources) for state in ("ok", "late", "dead")
    }
    tags = [
        node(
            "span.tag",
            t(f"top.{state}", n=count[state]),
            data_kind="wait",
            title=_names(sources, state, t),
        )
        for state in ("late", "dead")
        if count[state]
    ]
    return node(
        "button.mid",
        t("top.sources_ok", n=count["ok"]),
        tags,
        _gaps(sources, t),
        type="button",
        title=t("top.sources_open"),
        data_do="side",
        data_side="sources",
    )


def _gaps(sources: list[dict[str, Any]], t: Texts) -> Node | None:
    """How many messages never came, of the senders that count theirs."""
    lacking = [one for one in sources if one["holes"]]
    if not lacking:
        return None
    named = t("desk.and").join(t.name(one["name"]) for one in lacking)
    missing = sum(hole["last"] - hole["first"] + 1 for one in lacking for hole in one["holes"])
    return node("span.tag", t("top.gaps", n=missing), data_kind="wait", data_gaps=missing,
                title=named)  # fmt: skip


def _names(sources: list[dict[str, Any]], state: str, t: Texts) -> str:
    named = (one["name"] for one in sources if one["state"] == state)
    return t("desk.and").join(t.name(name) if isinstance(name, dict) else name for name in named)


PANEL = Panel(
    id="top",
    screens={"desk": "head"},
    pictures=("activations", "incidents", "alerts", "sources"),
    skeleton=skeleton,
    props=props,
    classes="topbar",
)
