"""The kinds of list on the desk: our own (nodes, lines) and dash-ag-grid (tables)."""

from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from layouts.kit import given
from layouts.nodes import Node, Row, row

ROW = 53


def listing(id: str, name: str = "", **attributes: Any) -> html.Div:
    """A list that the browser paints from `rows` of nodes."""
    return html.Div(id=id, className=name or None, **given(data_nodes="1", **attributes))


def lines(id: str, kind: str, label: str) -> html.Div:
    """A list of lines that changes with every alert, kept by id like a grid's.

    It is painted in the frame in which the change arrives; ag-grid's React rows come a frame or
    two later and take the browser twice the time.
    """
    return listing(id, "lines", data_kind=kind, aria_label=label)


def grid(id: str, kind: str, height: int = ROW, label: str = "") -> html.Div:
    """A grid of full-width lines, kept by id; `kind` is what a chosen line selects."""
    options = {
        "headerHeight": 0,
        "rowHeight": height,
        "getRowHeight": {"function": "params.data.h"},
        "isFullWidthRow": {"function": "true"},
        "fullWidthCellRenderer": "NodeRow",
        "animateRows": False,
        "suppressAnimationFrame": True,
        "suppressCellFocus": True,
        "suppressNoRowsOverlay": True,
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
    }
    table = dag.AgGrid(
        id=id,
        rowData=[],
        columnDefs=[{"field": "id"}],
        getRowId="params.data.id",
        dashGridOptions=options,
        className="ag-desk",
        style={"height": "100%"},
    )
    return html.Div(table, className="grid", **given(data_kind=kind, aria_label=label or None))


def line(key: str, rank: str, body: Node, height: int = ROW, **fields: Any) -> Row:
    """A line of a grid: a row that knows its height in px."""
    return row(key, rank, body, h=height, **fields)


def button(label: str, shortcut: str = "", kind: str | None = None, **attributes: Any) -> Component:
    """A button of a skeleton, with the key that presses it printed on it."""
    parts: list[Component] = [html.Span(label)]
    if shortcut:
        parts.append(html.Kbd(shortcut.replace("Enter", "↵").replace("+", " ") or "+"))
    marks = given(data_kind=kind, data_key=shortcut or None, **attributes)
    return html.Button(parts, className="btn", type="button", **marks)
