"""Where orders are written: the plan's drafts to edit and issue together, and a new one."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.access import may_send
from dispatch.vocabulary import LoanState, OrderKind, OrderState, Priority
from layouts.desk_lists import button, listing
from layouts.desk_parts import press, ticking
from layouts.kit import given
from layouts.loan_parts import state
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

DRAFTS, WRITE, TOTAL = "composer-drafts", "composer-write", "composer-total"
CHOICES = 12
LENT_OUT = "composer.lent_out"

Loan = dict[str, Any]


def skeleton(t: Texts, _screen: str) -> Component:
    issue = button(t("composer.issue"), "Ctrl+Enter", "primary", data_do="issue")
    return html.Div(
        [
            html.H2(
                [
                    t("composer.title"),
                    html.Span(id=TOTAL, className="n mid"),
                    html.Small(t("composer.hint")),
                ],
                className="ph",
            ),
            html.Div(listing(DRAFTS, "drafts"), className="scr"),
            html.Div([listing(WRITE, "fill"), issue], className="write"),
            html.Div(
                className="ans", id="composer-answer", role="status", **given(data_answer="1")
            ),
        ],
        className="col",
        **given(data_keep="1"),
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    loans = _loans(pictures["loans"]["asked"], view.subject)
    away = {one["unit"]: one for one in pictures["loans"]["out"]}
    orders, units = pictures["incident"].get("orders", []), pictures["recommend"].get("units", [])
    drafts = [one for one in orders if one["state"] == OrderState.DRAFT]
    drafts.sort(key=lambda one: (one["plan_step"] or 999, one["drafted_at"], one["id"]))
    return {
        (TOTAL, "children"): t("composer.drafts", n=len(drafts)),
        (DRAFTS, "rows"): [
            _draft(n, one, units, (loans.get(one["unit"]), away.get(one["unit"])), view, t)
            for n, one in enumerate(drafts)
        ],
        (WRITE, "rows"): [row("write", "0", _write(t))],
    }


def _loans(asked: list[Loan], incident: str) -> dict[str, Loan]:
    """What was asked of the neighbours for this incident, by unit."""
    return {one["unit"]: one for one in asked if one["incident"] == incident}


def _draft(
    n: int,
    order: dict[str, Any],
    units: list[dict[str, Any]],
    loans: tuple[Loan | None, Loan | None],
    view: View,
    t: Texts,
) -> Row:
    """A draft line: tick, step, text, unit, priority; a change is sent when the field is left.

    loans: the unit's loan for this incident, and where it is lent now. What this desk cannot
    issue, because it has no unit, or the unit is lent out or another district's, is not ticked;
    that district can be asked for it.
    """
    loan, away = loans
    step, hindrance = order["plan_step"], _hindrance(order, away, view)
    why = t(hindrance, where=_where(away, t)) if hindrance else None
    body = node(
        "div.draft",
        node("input", type="checkbox", name="draft", value=order["id"],
             checked=hindrance is None, aria_label=t("composer.include"),
             title=why, data_focus=f"draft:{order['id']}"),
        node("b.n.dim", str(step) if step else "·"),
        node("input", type="text", name="text", value=order["text"], maxlength=500,
             data_edit=order["id"], aria_label=t("composer.text")),
        node("select", _units(order, units, t), name="unit", data_edit=order["id"],
             aria_label=t("composer.unit"), data_missing=None if order["unit"] else "1"),
        node("select", _priorities(order["priority"], t), name="priority", data_edit=order["id"],
             data_number="1", aria_label=t("composer.priority")),
        node("button.btn", "✕", type="button", title=t("composer.discard"),
             data_act="order.discard", data_body=f'{{"order":"{order["id"]}"}}'),
        _whose(order, loan, hindrance, why, t),
    )  # fmt: skip
    return row(order["id"], f"{n:03d}", body)


def _where(away: Loan | None, t: Texts) -> str:
    return t("desk.and").join(t.name(to) for to in away["to_names"]) if away else ""


def _whose(
    order: dict[str, Any], loan: Loan | None, hindrance: str | None, why: str | None, t: Texts
) -> Node | None:
    """Under the line: to whom the unit is lent, or how it stands with a neighbour's."""
    if hindrance == LENT_OUT:
        return node("div.borrow", node("span", why))
    return _borrow(order, loan, t) if loan or hindrance == "composer.leader_sends" else None


def _borrow(order: dict[str, Any], loan: Loan | None, t: Texts) -> Node:
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


def _hindrance(order: dict[str, Any], away: Loan | None, view: View) -> str | None:
    """Why this desk cannot issue the draft as it is: a text's key. away: its unit's loan now."""
    if not order["unit"]:
        return "composer.no_unit"
    if away is not None:
        return None if away["incident"] == order["incident"] else LENT_OUT
    if not may_send(view.role, view.scope, order["unit_district"]):
        return "composer.leader_sends"
    return None


def _units(order: dict[str, Any], units: list[dict[str, Any]], t: Texts) -> list[Node]:
    """The proposed unit first, then the best recommended ones that nobody holds or borrows."""
    own = order["unit"]
    taken = [one["id"] for one in units if one["reasons"]["busy"] or one["reasons"]["lent_to"]]
    free = [one for one in units if one["id"] not in (own, *taken)]
    first = [node("option", t("composer.no_unit"), value="", selected=not own)]
    if own:
        first.append(
            node("option", t.name(order.get("unit_name")) or own, value=own, selected=True)
        )
    return first + [node("option", t.name(one["name"]), value=one["id"]) for one in free[:CHOICES]]


def _priorities(chosen: int | None, t: Texts) -> list[Node]:
    return [
        node("option", t(f"priority.{int(one)}"), value=int(one), selected=one == chosen)
        for one in Priority
    ]


def _write(t: Texts) -> Node:
    """The new order: recipients, text, kind, priority, time to acknowledge."""
    text = node(
        "textarea",
        name="order_text",
        rows=2,
        maxlength=1000,
        data_focus="order_text",
        placeholder=t("composer.placeholder"),
        aria_label=t("composer.text"),
    )
    return node("div.new", _recipients(t), text, _terms(t))


def _recipients(t: Texts) -> Node:
    find = node(
        "input",
        type="text",
        name="to",
        data_unitfind="1",
        data_focus="to",
        placeholder=t("composer.add"),
        autocomplete="off",
    )
    chosen = node("span.to", data_to="1")
    return node(
        "div.mt", node("b", t("composer.new")), chosen, node("label", node("kbd", "@"), " ", find)
    )


def _terms(t: Texts) -> Node:
    kinds = [node("option", t(f"order_kind.{one}"), value=one) for one in OrderKind]
    limit = node(
        "input", type="number", name="limit", min=1, max=120, placeholder=t("composer.by_rule")
    )
    return node(
        "div.mt",
        t("composer.kind"),
        node("select", kinds, name="kind"),
        t("composer.priority"),
        node("select", _priorities(Priority.URGENT, t), name="new_priority"),
        t("composer.limit"),
        limit,
        t("composer.minutes"),
        node("span.dim", t("composer.escalates")),
    )


PANEL = Panel(
    id="composer",
    screens={"desk": "composer"},
    pictures=("incident", "recommend", "loans"),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
