"""The screen's effective mode: no face of its own, but every style sheet obeys it."""

from dash import html
from dash.development.base_component import Component

from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View


def skeleton(_t: Texts, _screen: str) -> Component:
    return html.Div(id="mode", hidden=True)


def props(pictures: Pictures, _t: Texts, _view: View) -> Props:
    picture = pictures["activations"]
    return {
        ("mode", "mode"): picture["mode"],
        ("mode", "level"): picture["level"],
        ("mode", "epoch"): picture["epoch"],
    }


PANEL = Panel(
    id="mode",
    screens={"wall": "mode", "desk": "mode", "phone": "mode"},
    pictures=("activations",),
    skeleton=skeleton,
    props=props,
    classes="none",
)
