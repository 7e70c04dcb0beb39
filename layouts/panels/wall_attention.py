"""需要关注: incidents that run, alerts that wait, indicators off their target."""

from collections.abc import Iterable
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OPEN_ALERTS, OPEN_INCIDENTS
from layouts import war
from layouts.kit import head, listed
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import figure, level, nothing, tick
from streams.view import View

SHOWN = 6
KPI_RANK = 5  # an indicator off its target comes after every level


def skeleton(t: Texts, screen: str) -> Component:
    count = html.B(id="wall-attention-count", className="n")
    title = head([t("attention.title"), " ", count], html.Span(id="wall-attention-kinds"))
    return html.Div([title, listed("wall-attention-list")], className="same")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    incidents = [
        one for one in pictures["incidents"]["incidents"] if one["state"] in OPEN_INCIDENTS
    ]
    alerts = [one for one in pictures["alerts"]["alerts"] if one["state"] in OPEN_ALERTS]
    tiles = [one for one in pictures["indicators"]["tiles"] if one.get("off_target")]
    lines = sorted(_lines(incidents, alerts, tiles, t), key=lambda line: line["rank"])
    hidden = len(lines) - SHOWN
    kinds = t("attention.kinds", incidents=len(incidents), alerts=len(alerts), tiles=len(tiles))
    nobody = [row("none", "0", nothing(t("attention.none")))]
    more = t("attention.more", n=hidden) if hidden > 0 else ""
    return {
        ("wall-attention-count", "children"): str(len(lines)),
        ("wall-attention-kinds", "children"): f"{kinds}　{more}".strip(),
        ("wall-attention-list", "rows"): lines[:SHOWN] or nobody,
    }  # fmt: skip


def _lines(
    incidents: Iterable[Any], alerts: Iterable[Any], tiles: Iterable[Any], t: Texts
) -> list[Row]:
    """Level first; of one level what waits for a person before what is being handled."""
    found = [row(one["id"], _rank(one["severity"], 0, one["received_at"]), _alert(one, t))
             for one in alerts]  # fmt: skip
    found += [row(one["id"], _rank(one["grade"], 1, one["reported_at"]), _incident(one, t))
              for one in incidents]  # fmt: skip
    return found + [row(one["id"], _rank(KPI_RANK, 2, 0), _tile(one, t)) for one in tiles]


def _rank(first: int | None, second: int, at: int) -> str:
    return f"{first or 9}{second}{at:014d}"


def _alert(one: Any, t: Texts) -> Node:
    fresh = one["state"] == OPEN_ALERTS[0]
    return _line(
        level(one["severity"]),
        one["title"],
        one["place"] or war.districts(one, t),
        _both(
            t("attention.suggested", level=_word("level", one["severity"], t)),
            _word("alert_state", one["state"], t),
        ),
        tick("age", one["received_at"]),
        tick("left", one["ack_due"]) if fresh else "",
        data_lv=one["severity"],
        data_unack="1" if fresh and one["severity"] in (1, 2) else None,
    )


def _incident(one: Any, t: Texts) -> Node:
    return _line(
        level(one["grade"]),
        one["title"],
        one["place"] or war.districts(one, t),
        _both(
            t("wall.graded", grade=_word("grade", one["grade"], t)),
            _word("incident_state", one["state"], t),
        ),
        tick("age", one["reported_at"]),
        _orders(one["orders"], t) if one["orders"]["total"] else "",
        data_lv=one["grade"],
    )


def _orders(tally: Any, t: Texts) -> str:
    """How far the incident's orders have come: signed of all, and done."""
    signed = tally["total"] - tally["unsigned"]
    return t("attention.orders", signed=signed, total=tally["total"], done=tally["done"])


def _tile(one: Any, t: Texts) -> Node:
    value = f"{figure(one['value'])} {t.name(one['unit'])}".strip()
    target = t("attention.target", value=figure(one["target"]))
    return _line(
        node("i.kpi"),
        f"{t.name(one['name'])} {value}",
        target,
        t.name(one["source"]),
        node("span.n", clock(one["as_of"], seconds=False)),
        "",
    )


def _word(table: str, value: Any, t: Texts) -> str:
    return t(f"{table}.{value}")


def _both(first: str, second: str) -> str:
    return f"{first} · {second}"


def _line(
    mark: Node, title: str, place: str, owner: str, time: Any, limit: Any, **marks: Any
) -> Node:
    words = node("div.tt", node("b", title), node("small", place))
    clocks = node("div.tm", time, node("small", limit) if limit else None)
    return node("div.att", mark, words, node("div.ow", owner), clocks, **marks)


PANEL = Panel(
    id="wall-attention",
    screens={"wall": "attention"},
    pictures=("incidents", "alerts", "indicators"),
    skeleton=skeleton,
    props=props,
)
