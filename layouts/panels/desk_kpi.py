"""The eight indicators over the desk: value, unit, age, band and target, 24 hours; each opens."""

import json
from typing import Any

from dash.development.base_component import Component

from layouts.desk_lists import listing
from layouts.desk_parts import figure
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

LIST = "kpi-tiles"


def skeleton(t: Texts, _screen: str) -> Component:
    return listing(LIST, "kpis", aria_label=t("kpi.title"))


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    tiles = pictures["indicators"]["tiles"]
    return {
        (LIST, "rows"): [
            row(tile["id"], f"{n:03d}", _tile(tile, t)) for n, tile in enumerate(tiles)
        ]
    }


def _tile(tile: dict[str, Any], t: Texts) -> Node:
    missing = tile["value"] is None
    return node(
        "button.kt",
        node("span.nm", node("span", t.name(tile["name"])), node("small", _when(tile, t))),
        node(
            "span.v",
            t("kpi.none") if missing else figure(tile["value"]),
            None if missing else node("small", t.name(tile["unit"])),
            node("i.kpi", title=t("kpi.off_target")) if tile["off_target"] else None,
        ),
        node("span.rt", _spark(tile), _bullet(tile)),
        type="button",
        title=_says(tile, t),
        data_off="1" if tile["off_target"] else None,
        data_fresh=tile["freshness"],
        data_valid=tile["valid_until"],
        data_do="side",
        data_side="tile",
        data_open=f"tile:{tile['id']}",
        data_focus=f"kpi:{tile['id']}",
    )


def _when(tile: dict[str, Any], t: Texts) -> str:
    """As-of time; for old data the word and since when."""
    if tile["as_of"] is None:
        return t("kpi.never")
    at = clock(tile["as_of"], seconds=False)
    return at if tile["freshness"] == "ok" else t(f"kpi.{tile['freshness']}", at=at)


def _says(tile: dict[str, Any], t: Texts) -> str:
    target = figure(tile["target"]) if tile["target"] is not None else t("kpi.no_target")
    return t("kpi.says", source=t.name(tile["source"]), target=target, rows=tile["rows"])


def _spark(tile: dict[str, Any]) -> Node:
    values = [point[1] for point in tile["trend"]]
    drawn = {
        "values": values,
        "low": tile["low"],
        "high": tile["high"],
        "scale": [tile["scale_low"], tile["scale_high"]],
    }
    return node("span.spk", data_spark=json.dumps(drawn))


def _bullet(tile: dict[str, Any]) -> Node:
    """Band, target and needle in per cent of the tile's one fixed scale."""
    ends = (tile["low"], tile["high"], tile["target"], tile["value"])
    low, high, target, value = (_share(tile, one) for one in ends)
    return node(
        "span.bul",
        node("u"),
        node("b"),
        style_a=0 if low is None else low,
        style_b=100 if high is None else high,
        style_t=target,
        style_v=value,
        data_target="none" if target is None else None,
        data_value="none" if value is None else None,
        data_band="none" if low is None and high is None else None,
    )


def _share(tile: dict[str, Any], value: float | None) -> float | None:
    low, high = tile["scale_low"], tile["scale_high"]
    if value is None or high == low:
        return None
    return round(min(1.0, max(0.0, (value - low) / (high - low))) * 100, 1)


PANEL = Panel(
    id="kpi",
    screens={"desk": "kpi"},
    pictures=("indicators",),
    skeleton=skeleton,
    props=props,
    classes="plain",
)
