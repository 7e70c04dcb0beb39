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

SHOWN = 9
CLOSED = (OrderState.DONE, OrderState.VERIFIED, OrderState.CANCELLED)
LAST = 10**14


def skeleton(t: Texts, screen: str) -> Component:
    counts = html.Span(id="orders-counts", className="n")
    overdue = html.Span(id="orders-overdue", className="lc")
    title: Children = [t("orders.title"), " ", counts, " ", overdue]
    small: Children = [t("orders.pips"), " ", html.Span(id="orders-more")]
    return html.Div([head(title, small), listed("orders-list")], className="same")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    orders = pictures["orders"]["orders"]
    lines = sorted((_line(one, t) for one in orders), key=lambda line: line["rank"])
    overdue, hidden = sum(map(late, orders)), len(lines) - SHOWN
    return {
        ("orders-counts", "children"): str(len(orders)),
        ("orders-overdue", "children"): t("orders.overdue", n=overdue) if overdue else "",
        ("orders-more", "children"): t("orders.more", n=hidden) if hidden > 0 else "",
        ("orders-list", "rows"): lines[:SHOWN] or [row("none", "0", nothing(t("orders.none")))],
    }


def rank(one: dict[str, Any]) -> str:
    """Late before unsigned by their limits, then the others, newest first, closed ones last."""
    if late(one) or one["state"] == OrderState.DECLINED:
        return f"0{one['ack_due'] or 0:014d}{one['id']}"
    if unsigned(one):
        return f"1{one['ack_due'] or 0:014d}{one['id']}"
    group = 3 if one["state"] in CLOSED else 2
    return f"{group}{LAST - (one['issued_at'] or 0):014d}{one['id']}"


def _line(one: dict[str, Any], t: Texts) -> Row:
    tardy = late(one)
    body = node(
        "div.or",
        node("div.t.n", clock(one["issued_at"])),
        node("div.tt", node("b.no", one["id"]), "　", one["text"], node("small", _to(one, t)),
             _remedy(one, t)),
        node("div.sx", pips(one, tardy), _state(one, t, tardy)),
        data_lv=one.get("incident_level"),
        data_late="1" if tardy else None,
        data_unack="1" if tardy else None,
        data_state=one["state"],
        data_order=one["id"],
    )  # fmt: skip
    return row(one["id"], rank(one), body)


def _to(one: dict[str, Any], t: Texts) -> str:
    return t.name(one.get("unit_name")) or str(one.get("unit") or "—")


def _remedy(one: dict[str, Any], t: Texts) -> Node | None:
    """What is being done about an order that nobody took."""
    if one["state"] == OrderState.DECLINED:
        return node("small.rem", t("orders.declined", reason=one.get("note") or "—"))
    if late(one):
        return node("small.rem", t("orders.escalated", n=one["escalation"]))
    return None


def _state(one: dict[str, Any], t: Texts, tardy: bool) -> Node:
    """The state in words, with one time: until the limit, or since the state began."""
    word = t("orders.unsigned") if tardy else t(f"order_state.{one['state']}")
    if unsigned(one):
        return node("div", word, " ", tick("left", one["ack_due"]))
    stamp = (one.get("stamps") or {}).get(_stamp(one)) or {}
    return node("div", word, " ", node("span.n", clock(stamp.get("at"), seconds=False)))


def _stamp(one: dict[str, Any]) -> str:
    return str(one["state"])


PANEL = Panel(
    id="orders",
    screens={"wall": "orders"},
    pictures=("orders",),
    skeleton=skeleton,
    props=props,
)
