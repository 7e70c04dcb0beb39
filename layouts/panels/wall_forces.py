"""力量: how many units of each service are on scene, on the way, free."""

from collections import Counter
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import ForceType, UnitStatus
from layouts import harm
from layouts.kit import Children, head, listed, timer
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.wall_parts import force, share
from streams.view import View

SHOWN = 4
MOVING = (UnitStatus.ASSIGNED, UnitStatus.EN_ROUTE)


def skeleton(t: Texts, screen: str) -> Component:
    small: Children = [t("wall_forces.legend"), " · ", timer("clock")]
    return html.Div(
        [head(t("wall_forces.title"), small), listed("wall-forces-list")], className="same"
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    counts = tally(pictures["units"]["units"])
    busiest = sorted(ForceType, key=lambda kind: (-_busy(counts[kind]), -_all(counts[kind]), kind))
    shown = [kind for kind in busiest if _all(counts[kind])][:SHOWN]
    lines = [row(kind, f"1{n}", _line(kind, counts[kind], t)) for n, kind in enumerate(shown)]
    short = _shortages(pictures["ruling"]["incident"], t)
    return {("wall-forces-list", "rows"): [*short, *lines][:SHOWN]}


def _shortages(incident: dict[str, Any] | None, t: Texts) -> list[Row]:
    """What the incident lacks, as its officer has entered it, before the forces."""
    needs = (incident or {}).get("facts", {}).get("needs", {}).get("value", [])
    return [row(f"need:{n}", f"0{n}", _shortage(one, t)) for n, one in enumerate(needs)]


def _shortage(need: dict[str, Any], t: Texts) -> Node:
    have = share(need["have"], 0, need["need"])
    bar = node("div.gb", node("b"), node("u"), style_b=have, style_u=0)
    words = node("div.g", node("b", harm.shortage(need, t)))
    return node("div.gap.short", node("span"), node("div.nm", need["what"]), bar, words)


def tally(units: list[dict[str, Any]]) -> dict[ForceType, Counter[str]]:
    """Service -> status -> number of units."""
    counts: dict[ForceType, Counter[str]] = {kind: Counter() for kind in ForceType}
    for unit in units:
        counts[ForceType(unit["force_type"])][unit["status"]] += 1
    return counts


def _busy(count: Counter[str]) -> int:
    return count[UnitStatus.ON_SCENE] + sum(count[state] for state in MOVING)


def _all(count: Counter[str]) -> int:
    return sum(count.values())


def _line(kind: ForceType, count: Counter[str], t: Texts) -> Node:
    whole = _all(count)
    arrived, moving = count[UnitStatus.ON_SCENE], sum(count[state] for state in MOVING)
    free = node("span.dim", t("wall_forces.free", n=count[UnitStatus.AVAILABLE], all=whole))
    words = node("div.g", node("b.n", str(arrived)), t("wall_forces.arrived"),
                 node("b.n", str(moving)), t("wall_forces.moving"), free)  # fmt: skip
    bar = node(
        "div.gb",
        node("b"),
        node("u"),
        style_b=share(arrived, 0, whole),
        style_u=share(moving, 0, whole),
    )
    return node("div.gap", force(kind, t), node("div.nm", t(f"force.{kind}")), bar, words)


PANEL = Panel(
    id="wall-forces",
    screens={"wall": "gaps"},
    pictures=("units", "ruling"),
    skeleton=skeleton,
    props=props,
)
