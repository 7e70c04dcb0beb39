"""The map's layers, in the order in which they lie on each other."""

from dataclasses import dataclass

import dash_leaflet as dl
from dash.development.base_component import Component


@dataclass(frozen=True)
class Layer:
    """A group that assets/ mounts into by its id.

    text: key of its name; optional: whether a person may hide it.
    """

    id: str
    text: str
    optional: bool = True

    def group(self) -> Component:
        mount = {"variable": f"dash_clientside.hall.layers.{self.id}.mount"}
        return dl.LayerGroup(id=f"layer-{self.id}", eventHandlers={"add": mount})


LAYERS = (
    Layer("base", "map.layer_base", optional=False),
    Layer("districts", "map.layer_districts"),
    Layer("cameras", "map.layer_cameras"),
    Layer("units", "map.layer_units"),
    Layer("drones", "map.layer_drones"),
    Layer("marks", "map.layer_marks", optional=False),
)
