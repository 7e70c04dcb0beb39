"""The map's switches and what presses them."""

from dash import Dash, html

from callbacks import map_layers
from layouts.map_layers import LAYERS
from layouts.panels.map import switch


def test_every_optional_layer_has_a_switch_that_the_page_obeys() -> None:
    app = Dash("switches", suppress_callback_exceptions=True)
    app.layout = html.Div()
    map_layers.register(app)
    app._setup_server()
    inputs = {one["id"] for call in app._callback_list for one in call["inputs"]}
    assert inputs == {switch(layer) for layer in LAYERS if layer.optional}
    assert {call["clientside_function"]["function_name"] for call in app._callback_list} == {
        "showLayer"
    }
