"""The map: basemap, districts, alerts and incidents, units; drawn by assets/20-map.js and on."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dispatch.scoring import pace
from dispatch.vocabulary import ForceType, Mode
from layouts import sky, war
from layouts.kit import given
from layouts.map_frame import leaflet
from layouts.map_layers import LAYERS, Layer
from layouts.panel import Panel, Pictures, Props
from layouts.remembered import remembered
from layouts.texts import Texts
from streams.view import View

MARKS, UNITS, SKY = "map-marks", "map-units", "map-weather"


def skeleton(t: Texts, screen: str) -> Component:
    """One Leaflet map; its own layers are mounted in the groups that stand here."""
    moving = screen != "wall"
    return html.Div(
        [
            leaflet(LAYERS, moving, 17),
            html.Div(id="map-title", className="mapnote at-top"),
            html.Div(id=SKY, className="mapnote at-side"),
            html.Div(
                [
                    html.Div(_legend(t), className="legend"),
                    html.Span(t("map.eta_note")),
                    html.Span(id="map-datum", className="datum"),
                ],
                className="mapnote at-foot",
            ),
            html.Div(_tools(t) if moving else [], className="maptools"),
            html.Div(t("map.drill"), className="drillmark", **given(aria_hidden="true")),
        ],
        className="map",
        **given(data_kind="map"),
    )


def _legend(t: Texts) -> list[Component]:
    """What the fill of a unit's mark says; shape says the service."""
    shown = ("AVAILABLE", "EN_ROUTE", "ON_SCENE", "LOST")
    return [
        html.Span(
            [
                html.I(t("mark.FIR"), className="u", **given(data_state=state)),
                t(f"map.unit_{state}"),
            ]
        )
        for state in shown
    ]


def _tools(t: Texts) -> list[Component]:
    tools = [("zoom-in", "+"), ("zoom-out", "−"), ("whole", "□")]
    buttons: list[Component] = [
        html.Button(
            sign, type="button", className="btn", title=t(f"map.{name}"), **given(data_map=name)
        )
        for name, sign in tools
    ]
    buttons.append(_pressed_by("F", t("map.follow"), data_map="follow"))
    buttons.append(_pressed_by("Q", t("sound.locked"), data_mute="1"))
    switches = [
        dbc.Switch(id=switch(layer), name=layer.id, label=t(layer.text), value=True)
        for layer in LAYERS
        if layer.optional
    ]
    layers = html.Details([html.Summary(t("map.layers"), className="btn"), html.Div(switches)])
    return [*buttons, layers]


def switch(layer: Layer) -> str:
    """The id of the switch that shows a layer."""
    return f"map-layer-{layer.id}"


def _pressed_by(key: str, words: str, **marks: str) -> Component:
    parts = [html.Span(words), html.Kbd(key)]
    return html.Button(parts, type="button", className="btn", **given(data_key=key, **marks))


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    wars = _wars(pictures["activations"])
    marks = [_mark(mark) | wars.get(mark["id"], {}) for mark in pictures["marks"]["marks"]]
    units = [_unit(unit) for unit in pictures["units"]["units"] if _moving(unit)]
    return {
        (MARKS, "rows"): marks,
        (UNITS, "rows"): units,
        (SKY, "children"): _sky(pictures["weather"], t),
    }


def _wars(activations: dict[str, Any]) -> dict[str, dict[str, int]]:
    """By incident: which of the wars here is for it, 1 for the one that every head names."""
    own = [one for one in war.own(activations) if one["mode"] == Mode.WARTIME]
    places = reversed([*enumerate(own, 1)])
    return {one["incident"]: {"war": place} for place, one in places}


def _sky(weather: dict[str, Any], t: Texts) -> str:
    """The wind and its time: what is carried where."""
    words = sky.told(weather, t)
    return f"{words} · {sky.as_of(weather, t)}" if words else ""


@remembered
def _mark(mark: dict[str, Any]) -> dict[str, Any]:
    """The worst are drawn last, so that they lie on top."""
    return {**mark, "rank": f"{9 - (mark['level'] or 9)}{mark['at']:015d}"}


def _moving(unit: dict[str, Any]) -> bool:
    """Units that are not simply waiting; the others are drawn from their positions alone."""
    return bool(unit["incident"]) or unit["status"] != "AVAILABLE"


def _unit(unit: dict[str, Any]) -> dict[str, Any]:
    """pace: metres of straight line in a second, from which the page reckons the arrival."""
    kept = ("id", "force_type", "status", "current_order", "incident")
    return {
        **{name: unit[name] for name in kept},
        "pace": round(pace(ForceType(unit["force_type"])), 2),
        "rank": unit["id"],
    }


PANEL = Panel(
    id="map",
    screens={"wall": "map", "desk": "map"},
    pictures=("marks", "units", "weather", "activations"),
    skeleton=skeleton,
    props=props,
)
"""On a phone the place is given in words and as a link to its navigation."""
