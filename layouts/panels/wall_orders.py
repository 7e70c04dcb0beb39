"""指令: every order of the open incidents, those that nobody took in time first."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OrderState
from layouts.kit import Children, head, listed
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import late, nothing, pips, tick, unsigned
from streams.view import View

ROOM = 9.0  # lines of two rows of words that the board has room for; three rows take 1.5
CLOSED = (OrderState.DONE, OrderState.VERIFIED, OrderState.CANCELLED)
LAST = 10**14
PUSHED, NEXT_UNIT = 1, 3  # steps of an order that nobody takes


def skeleton(t: Texts, screen: str) -> Component:
    counts = html.Span(id="wall-orders-counts", className="n")
    overdue = html.Span(id="wall-orders-overdue", className="lc")
    title: Children = [t("wall_orders.title"), " ", counts, " ", overdue]
    small: Children = [t("wall_orders.pips"), " ", html.Span(id="wall-orders-more")]
    return html.Div([head(title, small), listed("wall-orders-list")], className="same")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    orders = pictures["orders"]["orders"]
    lines = sorted((_line(one, t) for one in orders), key=lambda line: line["rank"])
    overdue, fit = sum(map(late, orders)), fitting(lines)
    hidden = len(lines) - fit
    return {
        ("wall-orders-counts", "children"): str(len(orders)),
        ("wall-orders-overdue", "children"): t("wall_orders.overdue", n=overdue) if overdue else "",
        ("wall-orders-more", "children"): t("wall_orders.more", n=hidden) if hidden > 0 else "",
        ("wall-orders-list", "rows"): lines[:fit]
        or [row("none", "0", nothing(t("wall_orders.none")))],
    }


def rank(one: dict[str, Any]) -> str:
    """Late before unsigned by their limits, then the others, newest first, closed ones last."""
    if late(one) or one["state"] == OrderState.DECLINED:
        return f"0{one['ack_due'] or 0:014d}{one['id']}"
    if unsigned(one):
        return f"1{one['ack_due'] or 0:014d}{one['id']}"
    group = 3 if one["state"] in CLOSED else 2
    return f"{group}{LAST - (one['issued_at'] or 0):014d}{one['id']}"


def fitting(lines: list[Row]) -> int:
    """How many of the lines, from the first, the board has room for."""
    left = ROOM
    for n, line in enumerate(lines):
        left -= line["size"]
        if left < 0:
            return n
    return len(lines)


def _line(one: dict[str, Any], t: Texts) -> Row:
    tardy, remedy = late(one), _remedy(one, t)
    body = node(
        "div.or",
        node("div.t.n", clock(one["issued_at"])),
        node("div.tt", one["text"], node("small", node("b.no", one["id"]), " · ", _to(one, t)),
             remedy),
        node("div.sx", pips(one, tardy), _state(one, t, tardy)),
        data_lv=one.get("incident_level"),
        data_late="1" if tardy else None,
        data_unack="1" if tardy else None,
        data_state=one["state"],
        data_order=one["id"],
    )  # fmt: skip
    return row(one["id"], rank(one), body, size=1.5 if remedy else 1)


def _to(one: dict[str, Any], t: Texts) -> str:
    return t.name(one.get("unit_name")) or str(one.get("unit") or "—")


def _remedy(one: dict[str, Any], t: Texts) -> Node | None:
    """What is being done about an order that nobody took."""
    if one["state"] == OrderState.DECLINED:
        return node("small.rem", t("wall_orders.declined", reason=one.get("note") or "—"))
    if not late(one):
        return None
    step = min(one.get("escalation") or PUSHED, NEXT_UNIT)
    other = t.name(one.get("proposed_name")) or one.get("proposed")
    if step == NEXT_UNIT and not other:
        return node("small.rem", t("wall_orders.no_other"))
    return node("small.rem", t(f"wall_orders.escalated_{step}", unit=other))


def _state(one: dict[str, Any], t: Texts, tardy: bool) -> Node:
    """The state in words, with one time: until the limit, or since the state began."""
    word = t("wall_orders.unsigned") if tardy else t(f"order_state.{one['state']}")
    if unsigned(one):
        return node("div", word, " ", tick("left", one["ack_due"]))
    stamp = (one.get("stamps") or {}).get(_stamp(one)) or {}
    return node("div", word, " ", node("span.n", clock(stamp.get("at"), seconds=False)))


def _stamp(one: dict[str, Any]) -> str:
    return str(one["state"])


PANEL = Panel(
    id="wall-orders",
    screens={"wall": "orders"},
    pictures=("orders",),
    skeleton=skeleton,
    props=props,
)
