"""The line that says that no alert comes through any more; unseen as long as they do."""

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.nodes import node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

NUMBER, LINE = "watchdog-number", "watchdog-line"


def skeleton(_t: Texts, _screen: str) -> Component:
    return html.Div(
        [html.Span(id=NUMBER, hidden=True), listing(LINE, role="alert", data_tells="watchdog")]
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    """The number of the last call reaches every screen; the watchdog's own waits for it."""
    seen = pictures["watchdog"]
    where = t(f"watchdog.at_{seen['broken_at'] or 'nowhere'}")
    words = t("watchdog.silent", where=where, at=clock(seen["since"]))
    line = node("div.wd", words) if seen["silent"] else None
    return {(NUMBER, "children"): str(seen["number"]), (LINE, "rows"): rows(("line", line))}


PANEL = Panel(
    id="watchdog",
    screens={"desk": "watchdog", "wall": "watchdog"},
    pictures=("watchdog",),
    skeleton=skeleton,
    props=props,
    classes="plain",
)
