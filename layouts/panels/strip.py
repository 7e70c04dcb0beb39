"""The strip under the top bar: districts in STANDBY, and other places that are at war."""

from typing import Any

from dash.development.base_component import Component

from dispatch.vocabulary import Mode
from layouts import war
from layouts.kit import listed
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import level, tick
from streams.view import View


def skeleton(t: Texts, screen: str) -> Component:
    return listed("strip-list", className="strip")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["activations"]
    ruling = war.ruling(picture)
    shown = [*_own(picture, ruling, t)]
    shown += [
        row(one["id"], f"1{n:02d}", _neighbour(one, t))
        for n, one in enumerate(picture["neighbours"])
    ]
    return {("strip-list", "rows"): shown}


def _own(picture: Any, ruling: Any, t: Texts) -> list[Row]:
    """What the banner does not say: every STANDBY, and further wars in this jurisdiction."""
    rest = [one for one in war.own(picture) if one is not ruling or one["mode"] == Mode.STANDBY]
    return [row(one["id"], f"0{n:02d}", _one(one, t)) for n, one in enumerate(rest)]


def _one(one: Any, t: Texts) -> Node:
    return _standby(one, t) if one["mode"] == Mode.STANDBY else _neighbour(one, t)


def _standby(one: Any, t: Texts) -> Node:
    where = t("strip.standby", mode=t("mode.STANDBY"), where=war.districts(one, t))
    since = t("strip.since", at=clock(one["started_at"], seconds=False))
    return node("div.stby", level(one["level"]), node("b", where), node("span.one", one["reason"]),
                node("span.dim", since), tick("elapsed", one["started_at"]))  # fmt: skip


def _neighbour(one: Any, t: Texts) -> Node:
    title = one.get("incident_title") or one["incident"]
    where = f"{war.districts(one, t)} · {war.response(one, t)}"
    return node("div.nbr", level(one["level"]), node("b", where), node("span.one", title),
                tick("elapsed", one["started_at"]), data_lv=one["level"])  # fmt: skip


PANEL = Panel(
    id="strip",
    screens={"wall": "strip", "phone": "strip"},
    pictures=("activations",),
    skeleton=skeleton,
    props=props,
    classes="same",
)
