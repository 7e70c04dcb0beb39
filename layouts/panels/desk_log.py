"""The duty log under the map: the newest lines of the chosen incident."""

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.desk_words import log_line
from layouts.nodes import node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

LIST, OF = "log-list", "log-of"
SHOWN = 30


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2([t("log.title"), html.Small(id=OF)], className="ph"),
            html.Div(
                [listing(LIST, "log"), html.P(t("log.none"), className="none")], className="scr"
            ),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    picture = pictures["incident"]
    incident, log = picture.get("incident"), picture.get("log") or []
    newest = sorted(log, key=lambda one: -one["seq"])[:SHOWN]
    rows = [
        row(str(one["seq"]), f"{n:03d}",
            node("div.lg", node("b.n", clock(one["at"])), node("span", log_line(one, t))))
        for n, one in enumerate(newest)
    ]  # fmt: skip
    about = f"{incident['id']} · {t('log.automatic')}" if incident else t("log.automatic")
    return {(LIST, "rows"): rows, (OF, "children"): about}


PANEL = Panel(
    id="log",
    screens={"desk": "log"},
    pictures=("incident",),
    skeleton=skeleton,
    props=props,
    subject="alert",
)
