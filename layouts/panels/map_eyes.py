"""What the map knows of cameras and drones: rows for the layers of those names."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import eyes
from layouts.kit import given
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

CAMERAS, DRONES = "map-cameras", "map-drones"
BAD = ("frozen", "black", "dead")


def skeleton(t: Texts, screen: str) -> Component:
    """Nothing of its own: the map's layers show it."""
    return html.Div(**given(hidden=True))


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    return {
        (CAMERAS, "rows"): [_camera(row, t) for row in pictures["feeds"]["feeds"]],
        (DRONES, "rows"): [_drone(row, t) for row in pictures["drones"]["drones"]],
    }


def _camera(row: dict[str, Any], t: Texts) -> dict[str, Any]:
    """One camera, and the tile that a press on it opens."""
    name = t.name(row["name"])
    bad = row["state"] in BAD
    tile = {
        "feed": row["path"],
        "sub": row["sub"],
        "name": " · ".join(filter(None, (name, eyes.kept(row, t)))),
        "state": row["state"],
        "reason": row["reason"],
        "since": row["last_frame_at"] or row["since"],
        "playable": row["playable"],
        "small": row["small"],
        "incident": None,
    }
    kept = {key: row[key] for key in ("id", "lat", "lon", "heading", "fov")}
    said = t(f"eyes.camera_{row['state']}") if bad else ""
    face = "dark" if row["state"] == "black" else row["state"]
    return {**kept, "rank": row["id"], "name": name, "state": face, "said": said, "tile": tile}


def _drone(row: dict[str, Any], t: Texts) -> dict[str, Any]:
    kept = ("id", "feed", "lat", "lon", "at", "state", "alt", "heading", "centre", "corners",
            "battery", "link")  # fmt: skip
    shown = {key: row[key] for key in kept if row.get(key) is not None}
    return {**shown, "rank": row["id"], "name": t.name(row["name"])}


PANEL = Panel(
    id="map-eyes",
    screens={"wall": "eyes", "desk": "eyes"},
    pictures=("feeds", "drones"),
    skeleton=skeleton,
    props=props,
    classes="unseen",
)
