"""The duty log under the map: the newest lines of the chosen incident."""

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.duty_log import log_rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
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
    about = f"{incident['id']} · {t('log.automatic')}" if incident else t("log.automatic")
    return {(LIST, "rows"): log_rows(log, SHOWN, t), (OF, "children"): about}


PANEL = Panel(
    id="log",
    screens={"desk": "log"},
    pictures=("incident",),
    skeleton=skeleton,
    props=props,
    subject="alert",
)
