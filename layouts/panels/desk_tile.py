"""The rows behind one indicator, opened from its tile in the place of the detail."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import button, listing
from layouts.desk_parts import day_clock, figure
from layouts.nodes import node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

TITLE, TABLE = "tile-title", "tile-rows"
SHOWN = 200


def skeleton(t: Texts, _screen: str) -> Component:
    back = button(t("desk.back"), "Esc", data_do="side", data_side="detail")
    return html.Div(
        [
            html.H2([html.Span(id=TITLE), html.Small(id="tile-note")], className="ph"),
            html.Div(listing(TABLE, "table"), className="scr"),
            html.Div(back, className="acts one"),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    tile = next((one for one in pictures["indicators"]["tiles"] if one["id"] == view.subject), None)
    table = pictures["indicator_rows"]
    columns, lines = table.get("columns", []), table.get("rows", [])
    now = table.get("measured_at") or 0
    return {
        (TITLE, "children"): t.name(tile["name"]) if tile else t("tile.none"),
        ("tile-note", "children"): t("tile.count", n=len(lines)) if tile else "",
        (TABLE, "rows"): [
            _head(columns, t),
            *(_line(n, columns, one, now, t) for n, one in enumerate(lines[:SHOWN])),
        ],
    }


def _head(columns: list[Any], t: Texts) -> dict[str, Any]:
    cells = [node("span", _label(column, t)) for column in columns]
    return row("head", "", node("div.tr.th", cells, style_n=len(columns) or 1))


def _line(n: int, columns: list[Any], values: Any, now: int, t: Texts) -> dict[str, Any]:
    cells = [
        node("span", _value(_pick(values, i, column), column, now, t))
        for i, column in enumerate(columns)
    ]
    return row(f"row:{n}", f"{n:05d}", node("div.tr", cells, style_n=len(columns) or 1))


def _label(column: Any, t: Texts) -> str:
    return t.name(column.get("name")) or column["id"] if isinstance(column, dict) else str(column)


def _pick(values: Any, index: int, column: Any) -> Any:
    if isinstance(values, dict):
        return values.get(column["id"] if isinstance(column, dict) else column)
    return values[index]


def _value(value: Any, column: Any, now: int, t: Texts) -> str:
    name = column["id"] if isinstance(column, dict) else str(column)
    if value is None:
        return "—"
    if isinstance(value, dict):
        return t.name(value)
    if isinstance(value, int) and (name == "at" or name.endswith("_at")):
        return day_clock(value, now)
    return figure(value) if isinstance(value, float) else str(value)


PANEL = Panel(
    id="tile",
    screens={"desk": "detail"},
    pictures=("indicators", "indicator_rows"),
    skeleton=skeleton,
    props=props,
    subject="tile",
)
