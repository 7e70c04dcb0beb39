"""The bare map of a screen: Leaflet without its own buttons, drawn on by assets/20-map.js."""

from collections.abc import Iterable

import dash_leaflet as dl

from layouts.map_layers import Layer


def leaflet(layers: Iterable[Layer], moving: bool, nearest: int) -> dl.Map:
    """The map with these layers. moving: people may; nearest: the zoom that it ends at."""
    return dl.Map(
        [layer.group() for layer in layers],
        id="map",
        center=[0, 0],
        zoom=2,
        minZoom=7,
        maxZoom=nearest,
        zoomSnap=0.25,
        zoomControl=False,
        attributionControl=False,
        keyboard=False,
        dragging=moving,
        scrollWheelZoom=moving,
        doubleClickZoom=moving,
        className="leaflet",
    )
