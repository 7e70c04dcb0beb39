"""Places kept for cameras and calls: they say that nothing is connected yet."""

from dash import html
from dash.development.base_component import Component

from layouts.kit import head
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View


def _slot(id: str, area: str) -> Panel:
    def skeleton(t: Texts, screen: str) -> Component:
        words = [html.B(t("slot.absent")), html.Span(t(f"slot.{id}_note"))]
        place = html.Div(words, className="slot")
        return html.Div(
            [head(t(f"slot.{id}")), html.Div(place, className="slot-in")], className="same"
        )

    return Panel(
        id=f"wall-{id}", screens={"wall": area}, pictures=(), skeleton=skeleton, props=_nothing
    )


def _nothing(pictures: Pictures, t: Texts, view: View) -> Props:
    return {}


PANELS = (_slot("cameras", "cameras"), _slot("video", "video"), _slot("call", "call"))
