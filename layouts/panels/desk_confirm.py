"""A change of mode that waits for its second person: what is asked, what changes, who signs."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.access import LEAD
from dispatch.vocabulary import Mode
from layouts import grounds, harm
from layouts.desk_acts import ask_with
from layouts.desk_lists import listing
from layouts.desk_parts import answer, badge, button, fact, press, response_name, section, ticking
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.war import districts
from streams.view import View

BODY, ACTS = "confirm-body", "confirm-acts"


def skeleton(_t: Texts, _screen: str) -> Component:
    return html.Div(
        [html.Div(listing(BODY), className="scr"), listing(ACTS, "actbar")], className="col"
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["activations"]
    waiting = sorted(picture["proposed"], key=lambda one: one["expires_at"])
    if not waiting:
        return {(BODY, "rows"): [], (ACTS, "rows"): []}
    one, screens = waiting[0], pictures["screens"]
    return {
        (BODY, "rows"): rows(
            ("head", _head(one, picture["mode"], t)),
            ("facts", _facts(one, t)),
            ("grounds", grounds.table(one, t)),
            ("changes", _changes(one, screens["total"], t)),
            ("signs", _signs(one, view, t)),
            ("void", node("p.words", t("confirm.void"))),
            (
                "more",
                node("p.words", t("confirm.more", n=len(waiting) - 1)) if waiting[1:] else None,
            ),
        ),
        (ACTS, "rows"): rows(
            (
                "line",
                ask_with(
                    "reject",
                    "activation.reject",
                    "reason",
                    {"activation": one["id"]},
                    t("acts.reason"),
                    t("confirm.reject_do"),
                    t,
                ),
            ),
            ("acts", _acts(one, view, t)),
            ("answer", answer()),
        ),
    }


def may_sign(view: View) -> bool:
    return view.role in LEAD


def _head(one: dict[str, Any], now: str, t: Texts) -> Node:
    title = t("confirm.title", old=t(f"mode.{now}"), new=t(f"mode.{one['mode']}"))
    return node(
        "h2.ph.big",
        title,
        node("small", t("confirm.valid"), " ", ticking("left", one["expires_at"])),
        data_lv=one["level"],
    )


def _facts(one: dict[str, Any], t: Texts) -> Node:
    who = t.name(one.get("proposed_by_name"))
    title = one.get("incident_title") or ""
    return node(
        "div.fx",
        fact(t("confirm.asked"), node("b", who), " ", clock(one["proposed_at"])),
        fact(t("confirm.incident"), f"{one['incident']} {title}"),
        fact(t("confirm.scope"), node("b", districts(one, t)), " ", t("confirm.rest")),
        fact(t("confirm.response"), badge(one["level"], t), " ",
             node("b", response_name(one["mode"], one["level"], t)), " ",
             node("span.mid", t(f"confirm.authority_{one['level']}"))),
        fact(t("confirm.people"), node("b", t("confirm.residents", n=f"{one['residents']:,}")), " ",
             node("span.mid", t("confirm.residents_of"))),
        fact(t("confirm.harm"), harm.told(one["harm"], t)),
        fact(t("confirm.basis"), t.name(one.get("plan_name")) or t("confirm.no_plan")),
        fact(t("confirm.reason"), one["reason"]),
    )  # fmt: skip


def _changes(one: dict[str, Any], screens: int | None, t: Texts) -> Node:
    """What will be different beside what will not. screens: None where it is not recorded."""
    war = one["mode"] == Mode.WARTIME
    will = [*(["screens"] if screens is not None else []), "limits" if war else "strip", "log"]
    wont = ["alerts", "others", "records"]
    return node(
        "div",
        section(t("confirm.will"), t("confirm.wont")),
        node(
            "div.two",
            node("ul", [node("li", t(f"confirm.will_{name}", n=screens)) for name in will]),
            node("ul.mid", [node("li", t(f"confirm.wont_{name}")) for name in wont]),
        ),
    )


def _signs(one: dict[str, Any], view: View, t: Texts) -> Node:
    """A box for each signature: those given, then those that are missing."""
    given = [
        node("div", node("span.dim", t(f"role.{sign['role']}")),
             node("b", "✓ ", t.name(sign.get("by_name"))), node("span.mid.n", clock(sign["at"])))
        for sign in one["signed"]
    ]  # fmt: skip
    missing = [
        node("div.now", node("span.dim", t(f"signature.{need}")), node("b", t("confirm.open")),
             node("span.mid", t("confirm.here") if may_sign(view) else t("confirm.not_here")))
        for need in one["needs"]
    ]  # fmt: skip
    return node(
        "div", section(t("confirm.signs"), t("confirm.apart")), node("div.signs", given, missing)
    )


def _acts(one: dict[str, Any], view: View, t: Texts) -> Node:
    off = not may_sign(view)
    why = t("acts.needs_lead") if off else None
    return node(
        "div.acts",
        press(
            "activation.sign",
            t("confirm.sign"),
            "Ctrl+Enter",
            "primary",
            disabled=off,
            title=why,
            data_body=json.dumps({"activation": one["id"]}),
            data_first="1",
            data_signed=" ".join(sign["by"] for sign in one["signed"]),
        ),
        button(
            t("confirm.reject"), "F10", data_do="line", data_for="reject", disabled=off, title=why
        ),
        button(t("confirm.fold"), "F9", data_do="confirm"),
    )


PANEL = Panel(
    id="confirm",
    screens={"desk": "confirm"},
    pictures=("activations", "screens"),
    skeleton=skeleton,
    props=props,
    classes="p ask",
)
