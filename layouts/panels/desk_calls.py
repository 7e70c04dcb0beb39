"""Live pictures and calls: their places on the desk, which say that nothing is connected yet."""

from dash import html
from dash.development.base_component import Component

from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View


def calls(t: Texts, _screen: str) -> Component:
    slots = [_slot(t(f"calls.{name}"), t) for name in ("picture", "call", "queue")]
    return html.Div(slots, className="col")


def cameras(t: Texts, _screen: str) -> Component:
    return html.Div(_slot(t("calls.cameras"), t), className="col")


def nothing(_pictures: Pictures, _t: Texts, _view: View) -> Props:
    return {}


def _slot(title: str, t: Texts) -> Component:
    words = [html.B(t("desk.not_connected")), html.Span(t("calls.later"))]
    return html.Div(
        [html.H2(title, className="ph"), html.Div(words, className="slot")], className="col"
    )


PANELS = (
    Panel("calls", {"desk": "calls"}, (), calls, nothing),
    Panel("cameras", {"desk": "cameras"}, (), cameras, nothing),
)
