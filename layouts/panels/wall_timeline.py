"""今日时序: what began, what runs and until when, on one axis round now."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import war
from layouts.kit import given, listed
from layouts.nodes import Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import in_force, level
from streams.view import View

SHOWN = 16


def skeleton(t: Texts, screen: str) -> Component:
    """The axis, its ticks and the line of now are drawn by assets/timeline.js."""
    title = html.Div(
        [html.H2(t("timeline.title")), html.Small(t("timeline.note"))], className="tl-head"
    )
    axis = html.Div(
        [html.Div(className="past"), html.Div(className="ax"), html.Div(className="ticks"),
         html.Div(className="bars"),
         listed("wall-timeline-list"), html.Div(className="now")],
        className="tl",
        **given(data_timeline="1"),
    )  # fmt: skip
    return html.Div([title, axis], className="same")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    warnings = in_force(pictures["alerts"]["alerts"], pictures["sources"]["sources"])
    lines = [
        *(_incident(one) for one in pictures["incidents"]["incidents"]),
        *(_warning(one) for one in warnings),
        *(_activation(one, t) for one in war.own(pictures["activations"])),
        *(_ended(one, t) for one in pictures["activations"]["ended_recent"]),
    ]  # fmt: skip
    return {("wall-timeline-list", "rows"): sorted(lines, key=lambda line: line["rank"])[-SHOWN:]}


def _incident(one: Any) -> Row:
    return _event(one["id"], one["reported_at"], one["grade"], one["title"])


def _warning(one: Any) -> Row:
    return _event(one["id"], one["occurred_at"], one["severity"], one["title"], one["expires_at"])


def _activation(one: Any, t: Texts) -> Row:
    words = f"{war.districts(one, t)} {t('mode.' + one['mode'])}"
    return _event(one["id"], one["started_at"], one["level"], words)


def _ended(one: Any, t: Texts) -> Row:
    words = t("timeline.ended", where=war.districts(one, t), mode=t(f"mode.{one['mode']}"))
    return _event(f"{one['id']}:end", one["ended_at"], 0, words)


def _event(key: str, at: int | None, number: int, words: str, until: int | None = None) -> Row:
    span = clock(at, seconds=False)
    if until is not None:
        span = f"{span}–{clock(until, seconds=False)}"
    mark = level(number) if number else None
    body = node("div.ev", mark, node("span.n", span), node("span", words),
                data_at=at, data_until=until, data_lv=number or None)  # fmt: skip
    return row(key, f"{at or 0:014d}{key}", body)


PANEL = Panel(
    id="wall-timeline",
    screens={"wall": "timeline"},
    pictures=("incidents", "alerts", "activations", "sources"),
    skeleton=skeleton,
    props=props,
)
