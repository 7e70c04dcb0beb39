"""Where the phone's unit must go: the incident, its own last place, a straight line between."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.map_frame import leaflet
from layouts.map_layers import LAYERS
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.wall_parts import unsigned
from streams.view import View

POINTS, NOTE = "phone-map-points", "phone-map-note"
BASE = next(layer for layer in LAYERS if layer.id == "base")


def skeleton(t: Texts, screen: str) -> Component:
    """A map that nobody moves; assets/38-phone-map.js draws the two points."""
    note = html.Div(id=NOTE, className="mapnote at-top")
    return html.Div([leaflet([BASE], False, 16), note], className="map")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["phone"]
    one = next(iter(picture["orders"]), None)
    goal = one["incident"] if one and not unsigned(one) else None
    if one is None or goal is None or goal["lat"] is None:
        return {(POINTS, "rows"): [], (NOTE, "children"): ""}
    fix = picture["fix"]
    return {
        (POINTS, "rows"): [_goal(goal), *([_self(fix, picture["unit"])] if fix else [])],
        (NOTE, "children"): _away(one, t),
    }


def _goal(goal: dict[str, Any]) -> dict[str, Any]:
    kept = {name: goal[name] for name in ("lat", "lon", "level", "title")}
    return {"id": "goal", "rank": "1", **kept}


def _self(fix: dict[str, Any], unit: dict[str, Any]) -> dict[str, Any]:
    return {"id": "self", "rank": "0", **fix, "force_type": unit["force_type"]}


def _away(one: dict[str, Any], t: Texts) -> str:
    if one.get("distance_m") is None:
        return t("phone.no_fix")
    return t("phone.straight", km=f"{one['distance_m'] / 1000:.1f}")


PANEL = Panel(
    id="phone-map",
    screens={"phone": "sketch"},
    pictures=("phone",),
    skeleton=skeleton,
    props=props,
    subject="unit",
    classes="sketch",
)
