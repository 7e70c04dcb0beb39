"""The pattern to compare with: a page that asks its server once a second (`dcc.Interval`)."""

from dash import Dash, Input, Output, dcc, html
from flask import Flask


def create() -> Flask:
    server = Flask("interval")
    latest = {"text": ""}
    app = Dash("interval", server=server)
    app.layout = html.Div([dcc.Interval(id="tick", interval=1000), html.P(id="out")])

    @app.callback(Output("out", "children"), Input("tick", "n_intervals"))
    def ask(_ticks: int | None) -> str:
        return latest["text"]

    @server.post("/fire/<mark>")
    def fire(mark: str) -> dict[str, bool]:
        latest["text"] = mark
        return {"ok": True}

    return server
