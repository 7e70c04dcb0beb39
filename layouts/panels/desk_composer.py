"""Where orders are written: the plan's drafts to edit and issue together, and a new one."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OrderKind, Priority
from layouts.desk_lists import button, listing
from layouts.draft_lines import drafts_of, lines, priorities
from layouts.hindrance import Units
from layouts.kit import given
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

DRAFTS, WRITE, TOTAL, TAKEN = (f"composer-{one}" for one in ("drafts", "write", "total", "taken"))


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
    asked, taken = pictures["loans"]["asked"], pictures["taken"]
    loans = {one["unit"]: one for one in asked if one["incident"] == view.subject}
    drafts = drafts_of(pictures["incident"].get("orders", []))
    units, offered = Units(taken, view, t), pictures["recommend"].get("units", [])
    return {
        (TOTAL, "children"): _total(drafts, units, t),
        (DRAFTS, "rows"): lines(drafts, offered, loans, units, t),
        (WRITE, "rows"): [row("write", "0", _write(t))],
        (TAKEN, "rows"): units.rows(taken["districts"]),
    }


def _total(drafts: list[dict[str, Any]], units: Units, t: Texts) -> str:
    """How many drafts there are, and how many nobody can issue: those may be out of sight."""
    held = sum(bool(one["unit"] and units.held(one["unit"])) for one in drafts)
    said = [t("composer.drafts", n=len(drafts)), t("composer.held", n=held) if held else ""]
    return " · ".join(part for part in said if part)


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
    held = node("div.held", data_held="1", role="status")
    return node("div.new", _recipients(t), held, text, _terms(t))


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
        node("select", priorities(Priority.URGENT, t), name="new_priority"),
        t("composer.limit"),
        limit,
        t("composer.minutes"),
        node("span.dim", t("composer.escalates")),
    )


PANEL = Panel(
    id="composer",
    screens={"desk": "composer"},
    pictures=("incident", "recommend", "loans", "taken"),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
