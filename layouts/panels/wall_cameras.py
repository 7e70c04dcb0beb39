"""The wall's live pictures: key places in quiet times, in wartime what looks at the incident."""

from dash import html
from dash.development.base_component import Component

from layouts import eyes
from layouts.kit import given, head
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View


def _panel(area: str, empty: str, note: str) -> Panel:
    tiles = f"wall-{area}-tiles"

    def skeleton(t: Texts, screen: str) -> Component:
        return html.Div(
            [
                head(t(f"eyes.{area}"), t(f"eyes.{note}")),
                html.Div(
                    html.Div(t(f"eyes.{empty}"), className="empty"),
                    id=tiles,
                    className="tiles",
                    **given(data_wall_video="1"),
                ),
            ],
            className="same",
        )

    def props(pictures: Pictures, t: Texts, view: View) -> Props:
        picture = pictures["autowall"]
        if (area == "video") != (picture["incident"] is not None):
            return {(tiles, "rows"): []}
        shown = [*picture["picks"], *picture["spares"]]
        return {(tiles, "rows"): [eyes.tile(pick, picture, t) for pick in shown]}

    return Panel(f"wall-{area}", {"wall": area}, ("autowall",), skeleton, props)


PANELS = (_panel("cameras", "none_known", "in_turn"), _panel("video", "none", "chosen"))
