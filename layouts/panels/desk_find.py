"""Find anything: alerts, incidents, units and places, by a few letters (Ctrl K)."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.kit import given
from layouts.nodes import node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

FIELD, FOUND, KNOWN = "find-field", "find-found", "find-known"


def skeleton(t: Texts, _screen: str) -> Component:
    return html.Div(
        [
            html.H2([t("find.title"), html.Small(t("find.hint"))], className="ph"),
            listing(FIELD, "pad"),
            html.Div(id=FOUND, className="scr found", **given(data_found="1")),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    """Incidents are rows to look through; alerts stand in the queue, places at the server."""
    field = node(
        "input",
        type="text",
        name="find",
        data_find="1",
        data_focus="find",
        autocomplete="off",
        placeholder=t("top.search"),
        aria_label=t("top.search"),
    )
    return {
        (FIELD, "rows"): rows(("field", node("label.big", field))),
        (KNOWN, "rows"): _incidents(pictures, t),
    }


def _incidents(pictures: Pictures, t: Texts) -> list[dict[str, Any]]:
    return [
        {"id": f"incident:{one['id']}", "rank": one["id"], "name": one["title"],
         "more": f"{one['place']} · {t('incident_state.' + one['state'])}",
         "lat": one["lat"], "lon": one["lon"]}
        for one in pictures["incidents"]["incidents"]
    ]  # fmt: skip


PANEL = Panel(
    id="find",
    screens={"desk": "detail"},
    pictures=("incidents",),
    skeleton=skeleton,
    props=props,
)
