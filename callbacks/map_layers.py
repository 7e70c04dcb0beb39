"""The switches of the map's layers: turned by a person, obeyed in the page."""

from dash import ClientsideFunction, Dash, Input, State

from layouts.map_layers import LAYERS
from layouts.panels.map import switch


def register(app: Dash) -> None:
    """Hand every switch to assets/20-map.js, with the id of its layer."""
    for layer in LAYERS:
        if layer.optional:
            app.clientside_callback(
                ClientsideFunction("hall", "showLayer"),
                Input(switch(layer), "value"),
                State(switch(layer), "name"),
                prevent_initial_call=True,
            )
