"""Drafts of orders, a line each: what it says, for whom, and why it cannot go out, if it cannot."""

import json
from typing import Any

from dispatch.vocabulary import LoanState, OrderState, Priority
from layouts.desk_parts import press, ticking
from layouts.hindrance import Units
from layouts.loan_parts import state
from layouts.nodes import Node, Row, node, row
from layouts.texts import Texts

CHOICES = 12

Loan = dict[str, Any]
Order = dict[str, Any]


def drafts_of(orders: list[Order]) -> list[Order]:
    """An incident's drafts in the order of their steps."""
    drafts = [one for one in orders if one["state"] == OrderState.DRAFT]
    return sorted(drafts, key=lambda one: (one["plan_step"] or 999, one["drafted_at"], one["id"]))


def lines(
    drafts: list[Order],
    offered: list[dict[str, Any]],
    loans: dict[str, Loan],
    units: Units,
    t: Texts,
) -> list[Row]:
    """One line a draft: tick, step, text, unit, priority; a change is sent when a field is left.

    offered: the recommended units; loans: unit -> what was asked of its district for the incident.
    """
    first: dict[str, str] = {}
    for one in drafts:
        first.setdefault(one["unit"], one["id"])
    found = []
    for n, one in enumerate(drafts):
        again = bool(one["unit"]) and first[one["unit"]] != one["id"]
        body = _line(one, offered, loans.get(one["unit"]), units, again, t)
        found.append(row(one["id"], f"{n:03d}", body))
    return found


def _line(
    order: Order,
    offered: list[dict[str, Any]],
    loan: Loan | None,
    units: Units,
    again: bool,
    t: Texts,
) -> Node:
    """What cannot go out is not ticked; what nobody could issue cannot be ticked.

    again: a draft above asks for the same unit.
    """
    held, why = _hindrance(order, units, again, t)
    return node(
        "div.draft",
        node("input", type="checkbox", name="draft", value=order["id"], checked=why is None,
             disabled=held, aria_label=t("composer.include"), title=why,
             data_focus=f"draft:{order['id']}"),
        node("b.n.dim", str(order["plan_step"] or "·")),
        node("input", type="text", name="text", value=order["text"], maxlength=500,
             data_edit=order["id"], aria_label=t("composer.text")),
        node("select", _choices(order, offered, units, t), name="unit", data_edit=order["id"],
             aria_label=t("composer.unit"), data_missing=None if order["unit"] else "1",
             data_held="1" if held else None),
        node("select", priorities(order["priority"], t), name="priority", data_edit=order["id"],
             data_number="1", aria_label=t("composer.priority")),
        node("button.btn", "✕", type="button", title=t("composer.discard"),
             data_act="order.discard", data_body=json.dumps({"order": order["id"]})),
        _under(order, loan, units, (held, why), t),
    )  # fmt: skip


def _hindrance(order: Order, units: Units, again: bool, t: Texts) -> tuple[bool, str | None]:
    """Why the draft cannot go out from this desk as it is, and whether that is so for everybody."""
    if not order["unit"]:
        return False, t("composer.no_unit")
    if held := units.held(order["unit"]):
        return True, held
    if not units.sendable(order["unit"], order["unit_district"]):
        return False, t("composer.leader_sends")
    return False, t("taken.again") if again else None


def _under(
    order: Order, loan: Loan | None, units: Units, hindered: tuple[bool, str | None], t: Texts
) -> Node | None:
    """Under the line: what keeps its unit, how it stands with a neighbour's, or that it is free."""
    held, why = hindered
    if not order["unit"]:
        return None
    if held:
        asked = loan is not None and loan["state"] == LoanState.ASKED
        also = node("span", state(loan, t)) if loan and asked else None
        return node("div.borrow", node("span", why), also, data_held="1")
    if loan or not units.sendable(order["unit"], order["unit_district"]):
        return _borrow(order, loan, t)
    said = why or units.freed(order["unit"], order["drafted_at"])
    return node("div.borrow", node("span", said)) if said else None


def _borrow(order: Order, loan: Loan | None, t: Texts) -> Node:
    """A neighbour's unit: how the request for it stands, or the button that asks for it."""
    waits = loan is not None and loan["state"] in (LoanState.ASKED, LoanState.LENT)
    body = {"incident": order["incident"], "unit": order["unit"], "purpose": order["text"]}
    ask = press("loan.ask", t("composer.borrow"), data_body=json.dumps(body))
    return node(
        "div.borrow",
        node("span", state(loan, t) if loan else t("composer.leader_sends")),
        ticking("left", loan["answer_due"]) if loan and loan["state"] == LoanState.ASKED else None,
        None if waits else ask,
    )


def _choices(order: Order, offered: list[dict[str, Any]], units: Units, t: Texts) -> list[Node]:
    """The proposed unit first, then the best recommended ones that nothing keeps."""
    own = order["unit"]
    free = [one for one in offered if one["id"] != own and not units.held(one["id"])]
    first = [node("option", t("composer.no_unit"), value="", selected=not own)]
    if own:
        first.append(
            node("option", t.name(order.get("unit_name")) or own, value=own, selected=True)
        )
    return first + [node("option", t.name(one["name"]), value=one["id"]) for one in free[:CHOICES]]


def priorities(chosen: int | None, t: Texts) -> list[Node]:
    return [
        node("option", t(f"priority.{int(one)}"), value=int(one), selected=one == chosen)
        for one in Priority
    ]
