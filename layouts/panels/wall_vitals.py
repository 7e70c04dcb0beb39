"""城市体征: every indicator with its value, age, band, target, trend and source."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.kit import head, listed
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import bullet, figure
from streams.view import View


def skeleton(t: Texts, screen: str) -> Component:
    return html.Div(
        [head(t("vitals.title"), t("vitals.legend")), listed("wall-vitals-list")], className="same"
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    tiles = enumerate(pictures["indicators"]["tiles"])
    return {
        ("wall-vitals-list", "rows"): [row(one["id"], f"{n:02d}", tile(one, t)) for n, one in tiles]
    }  # fmt: skip


def tile(one: dict[str, Any], t: Texts) -> Node:
    """One indicator; without data it says so and shows no number."""
    missing = one["value"] is None
    value = t("vitals.no_data") if missing else figure(one["value"])
    unit = None if missing else node("small", t.name(one["unit"]), arrow(one))
    kpi = (
        node("i.kpi", role="img", aria_label=t("vitals.off_target"))
        if one.get("off_target")
        else None
    )
    return node(
        "div.vital",
        node("div.nm", node("span", t.name(one["name"]), " ", kpi), node("small", below(one, t))),
        node("div.v", value, unit, data_none="1" if missing else None),
        bullet(one),
        node("div.tr", node("div.spk", data_spark=spark(one))),
        data_fresh=one["freshness"],
        data_valid=one.get("valid_until"),
        data_off="1" if one.get("off_target") else None,
        data_tile=one["id"],
    )


def below(one: dict[str, Any], t: Texts) -> str:
    """How fresh the value is, of what time, from which source, against which target."""
    parts = [t.name(one["source"]) or "—", clock(one["as_of"], seconds=False)]
    if one["freshness"] != "ok":
        parts.insert(0, t(f"fresh.{one['freshness']}"))
    if one.get("target") is not None:
        parts.append(t(f"vitals.target_{one['direction']}", value=figure(one["target"])))
    return " · ".join(parts)


def arrow(one: dict[str, Any]) -> str:
    """Which way the last hours went, as a sign without a judgement."""
    values = [value for _, value in one["trend"] if value is not None]
    span = one["scale_high"] - one["scale_low"]
    if len(values) < 2 or span <= 0:
        return ""
    move = (values[-1] - values[max(0, len(values) - 4)]) / span
    if abs(move) < 0.02:
        return " →"
    return " ↑" if move > 0 else " ↓"


def spark(one: dict[str, Any]) -> str:
    """The last 24 hours for the line: values in order, holes as null."""
    values = [value for _, value in one["trend"]]
    scale = _stretch([value for value in values if value is not None], one)
    shown = {"values": values, "low": one["low"], "high": one["high"], "scale": scale}
    return json.dumps(shown, allow_nan=False, separators=(",", ":"))


def _stretch(values: list[float], one: dict[str, Any]) -> list[float]:
    """The part of the scale that the line needs, at least a quarter so that noise stays flat."""
    if not values:
        return [one["scale_low"], one["scale_high"]]
    middle = (max(values) + min(values)) / 2
    half = max(max(values) - min(values), (one["scale_high"] - one["scale_low"]) / 4) * 0.55
    return [round(middle - half, 6), round(middle + half, 6)]


PANEL = Panel(
    id="wall-vitals",
    screens={"wall": "vitals"},
    pictures=("indicators",),
    skeleton=skeleton,
    props=props,
)
