"""Orders against their states: who has it, who is late, and what is being done about it."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import UNSIGNED, OrderState
from layouts.desk_acts import ask
from layouts.desk_lists import grid, line, listing
from layouts.desk_parts import answer, button, press, ticking
from layouts.desk_words import number
from layouts.kit import given
from layouts.nodes import Node, Row, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from streams.view import View

LIST, LATE, FOOT = "matrix-grid", "matrix-late", "matrix-foot"
COLUMNS = ("ISSUED", "DELIVERED", "READ", "ACKED", "EN_ROUTE", "ON_SCENE", "DONE", "VERIFIED")
LINE, WITH_REMEDY = 34, 58
ENDED = (OrderState.CANCELLED, OrderState.VERIFIED, OrderState.DECLINED)
NO_DUE = 9_999_999_999_999


def skeleton(t: Texts, _screen: str) -> Component:
    heads = [html.Span(t(f"matrix.col_{name}")) for name in COLUMNS]
    head = [html.Span(t("matrix.order")), *heads, html.Span(t("matrix.limit"))]
    return html.Div(
        [
            html.H2(
                [t("matrix.title"), html.Span(id=LATE, className="lc"), html.Kbd("O"),
                 html.Small(t("matrix.signs"))],
                className="ph",
            ),
            html.Div(head, className="mx th"),
            html.Div(grid(LIST, "order", LINE, t("matrix.title")), className="fill", tabIndex=0,
                     **given(data_list=LIST, data_key="O", data_do="focus")),
            listing(FOOT, "matrixbar"),
        ],
        className="col",
    )  # fmt: skip


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    orders = [
        one for one in pictures["incident"].get("orders", []) if one["state"] != OrderState.DRAFT
    ]
    late = sum(overdue(one) for one in orders)
    incident = pictures["incident"].get("incident")
    level = incident["grade"] if incident else None
    units = pictures["recommend"].get("units", [])
    return {
        (LATE, "children"): t("matrix.late", n=late) if late else "",
        (LIST, "rowData"): [_line(one, level, t) for one in orders],
        (FOOT, "rows"): rows(*_foot(units, t)),
    }


def overdue(order: dict[str, Any]) -> bool:
    """Whether nobody signed it in time: the timer of its limit has gone off."""
    return order["state"] in UNSIGNED and order["escalation"] > 0


def rank(order: dict[str, Any], late: bool) -> str:
    """Late ones first, then unsigned by what is left, then the working, the ended last."""
    place = 0 if late else 1 if order["state"] in UNSIGNED else 3 if order["state"] in ENDED else 2
    return f"{place}{order['ack_due'] or NO_DUE:014d}{order['id']}"


def _line(order: dict[str, Any], level: int | None, t: Texts) -> Row:
    late = overdue(order)
    unit = t.name(order.get("unit_name"))
    what = node("span.what", node("b.n.dim", number(order)), node("b", unit),
                node("span", order["text"]), title=order["text"])  # fmt: skip
    body = node(
        "div.mxrow",
        node("div.mx", what, [cell(order, name, late, t) for name in COLUMNS], _limit(order, late)),
        _remedy(order, late, t),
        data_select=f"order:{order['id']}",
        data_lv=level,
        data_late="1" if late else None,
        data_state=order["state"],
    )
    remedy = late or order["state"] in (OrderState.DECLINED, OrderState.DONE)
    height = WITH_REMEDY if remedy else LINE
    return line(order["id"], rank(order, late), body, height, state=order["state"])


def cell(order: dict[str, Any], name: str, late: bool, t: Texts) -> Node:
    """One state of one order: when it was reached, what is awaited, or that it was passed over."""
    stamp = (order["stamps"] or {}).get(name)
    if stamp:
        by_phone = stamp.get("via") == "telephone"
        sign = t("matrix.by_phone") if by_phone else ""
        return node("span.s", clock(stamp["at"], seconds=False), sign, data_s="done",
                    data_overdue="1" if stamp.get("late") else None)  # fmt: skip
    if name == "ACKED" and order["state"] == OrderState.DECLINED:
        return node("span.s", t("order_state.DECLINED"), data_s="late")
    if name == "ACKED" and order["state"] in UNSIGNED:
        kind = "late" if late else "wait"
        return node("span.s", ticking("left", order["ack_due"]), data_s=kind)
    return node("span.s", "·", data_s="none")


def _limit(order: dict[str, Any], late: bool) -> Node:
    return node("span.n.lim", clock(order["ack_due"]), data_late="1" if late else None)


def _remedy(order: dict[str, Any], late: bool, t: Texts) -> Node | None:
    """What has been tried and what comes next, on its own line under a late or declined order."""
    if order["state"] == OrderState.DECLINED:
        lost = (order["stamps"].get("DECLINED") or {}).get("via") == "unreachable"
        said = "matrix.out_of_reach" if lost else "matrix.declined"
        return node("div.rem", t(said, why=order["note"] or "—"))
    if order["state"] == OrderState.DONE:
        return node("div.rem", t("matrix.to_verify"))
    if not late:
        return None
    parts = [t(f"matrix.step_{min(order['escalation'], 3)}")]
    if order["reminded_at"]:
        parts.insert(0, t("matrix.reminded", at=clock(order["reminded_at"])))
    if order.get("proposed"):
        parts.append(t("matrix.proposed", unit=order["proposed"]))
    return node("div.rem", " · ".join(parts))


def _foot(units: list[dict[str, Any]], t: Texts) -> list[tuple[str, Node | None]]:
    """What can be done about the chosen order; each part a line, so that none repaints another."""
    free = [one for one in units if one["offered"]][:12]
    reason, do, lost = t("acts.reason"), t("matrix.cancel_do"), t("matrix.lost_do")
    return [
        ("phone", _phone_line(t)),
        ("other", _other_line(free, t)),
        ("cancel", ask("cancel", "order.cancel", "reason", "order", reason, do, t)),
        ("lost", ask("lost", "order.unreachable", "reason", "order", reason, lost, t)),
        ("bar", _bar(t)),
        ("answer", answer()),
    ]


def _bar(t: Texts) -> Node:
    return node(
        "div.bar",
        node("span.mid", data_selected="order"),
        press("order.remind", t("matrix.remind"), "R", "primary", data_with="order"),
        button(t("matrix.phone"), "Y", data_do="line", data_for="phone"),
        button(t("matrix.reassign"), "T", data_do="line", data_for="reassign"),
        button(t("matrix.lost"), "", data_do="line", data_for="lost"),
        button(t("matrix.cancel"), "", data_do="line", data_for="cancel"),
        press("order.verify", t("matrix.verify"), "H", data_with="order"),
    )


def _phone_line(t: Texts) -> Node:
    return node(
        "div.askline",
        node("b", t("matrix.phone")),
        node("input", name="who", type="text", maxlength=80, placeholder=t("matrix.who")),
        node("input", name="number", type="tel", maxlength=40, placeholder=t("matrix.number")),
        press("order.acknowledge_by_phone", t("matrix.phone_do"), "", "primary", data_with="order",
              data_need="who number", data_enter="1"),
        data_line="phone",
        data_form="1",
    )  # fmt: skip


def _other_line(free: list[dict[str, Any]], t: Texts) -> Node:
    options = [node("option", t.name(one["name"]), value=one["id"]) for one in free]
    return node(
        "div.askline",
        node("b", t("matrix.reassign")),
        node("select", options, name="unit", aria_label=t("composer.unit")),
        node("input", name="reason", type="text", maxlength=300, placeholder=t("acts.reason")),
        press("order.reassign", t("matrix.reassign_do"), "", "primary", data_with="order",
              data_need="unit reason", data_enter="1"),
        data_line="reassign",
        data_form="1",
    )  # fmt: skip


PANEL = Panel(
    id="matrix",
    screens={"desk": "matrix"},
    pictures=("incident", "recommend"),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
