"""待决策: proposals that wait for a signature, and orders that somebody must decide about."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OrderState
from layouts import war
from layouts.kit import Children, head, listed, timer
from layouts.nodes import Node, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import late, nothing, tick
from streams.view import View

SHOWN = 2
LATE_STEP = 2  # the second escalation goes to whoever must decide


def skeleton(t: Texts, screen: str) -> Component:
    count = html.B(id="wall-decisions-count", className="n")
    small: Children = [t("wall_decide.note"), " · ", timer("clock")]
    return html.Div(
        [head([t("wall_decide.title"), " ", count], small), listed("wall-decisions-list")],
        className="same",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    found = items(pictures, t)
    shown: list[dict[str, Any]] = [
        row(key, f"{n:02d}", _item(n + 1, item, t)) for n, (key, item) in enumerate(found[:SHOWN])
    ]
    if not found:
        shown = [row("none", "0", nothing(t("wall_decide.none")))]
    elif len(found) > SHOWN:
        rest = node("div.more", t("wall_decide.more", n=len(found) - SHOWN))
        shown.append(row("more", "99", rest))
    return {
        ("wall-decisions-count", "children"): str(len(found)),
        ("wall-decisions-list", "rows"): shown,
    }


def items(pictures: Pictures, t: Texts) -> list[tuple[str, dict[str, Any]]]:
    """What waits for a decision, the nearest end first: (id, question, why, options, due, who)."""
    proposed = sorted(pictures["activations"]["proposed"], key=lambda one: one["expires_at"])
    titles = {one["id"]: one["title"] for one in pictures["incidents"]["incidents"]}
    found = [(one["id"], _activation(one, titles, t)) for one in proposed]
    return found + [
        (one["id"], _order(one, t)) for one in pictures["orders"]["orders"] if open_question(one)
    ]


def open_question(order: dict[str, Any]) -> bool:
    """An order that its receiver declined, or that nobody took in spite of every reminder."""
    unanswered = late(order) and (order.get("escalation") or 0) >= LATE_STEP
    return order["state"] == OrderState.DECLINED or unanswered


def _activation(one: dict[str, Any], titles: dict[str, str], t: Texts) -> dict[str, Any]:
    where = war.districts(one, t)
    mode = t(f"mode.{one['mode']}")
    return {
        "level": one["level"],
        "question": t(
            "wall_decide.ask_mode", where=where, response=war.response(one, t), mode=mode
        ),
        "why": t(
            "wall_decide.proposed", who=t.name(one.get("proposed_by_name")), reason=one["reason"]
        ),
        "about": titles.get(one["incident"], one["incident"]),
        "options": [
            (t("wall_decide.sign"), t("wall_decide.if_signed", where=where, mode=mode)),
            (t("wall_decide.reject"), t("wall_decide.if_rejected")),
        ],
        "due": one["expires_at"],
        "before": t("wall_decide.before", at=clock(one["expires_at"])),
        "who": t("wall_decide.who", who=war.signers(one, t)),
    }


def _order(one: dict[str, Any], t: Texts) -> dict[str, Any]:
    unit = t.name(one.get("unit_name"))
    declined = one["state"] == OrderState.DECLINED
    stamp = (one.get("stamps") or {}).get("DECLINED") or {}
    why = t("wall_decide.declined", unit=unit, reason=one.get("note") or stamp.get("reason") or "—")
    return {
        "level": one.get("incident_level"),
        "question": t("wall_decide.ask_order", order=one["id"], text=one["text"]),
        "why": why if declined else t("wall_decide.unanswered", unit=unit),
        "about": one.get("incident_title") or "",
        "options": [
            (t("wall_decide.reassign"), t("wall_decide.if_reassigned")),
            (t("wall_decide.cancel"), t("wall_decide.if_cancelled")),
        ],
        "due": None,
        "since": stamp.get("at") or one.get("ack_due"),
        "before": "",
        "who": t("wall_decide.who", who=t("role.shift_lead")),
    }


def _item(number: int, item: dict[str, Any], t: Texts) -> Node:
    return node(
        "div.dec",
        node("div.no.n", str(number)),
        question(item, t),
        due(item, t),
        data_lv=item["level"],
    )  # fmt: skip


def question(item: dict[str, Any], t: Texts) -> Node:
    """What is asked, on which ground, and the options with what follows from each."""
    basis = node("div.rc", node("b", t("wall_decide.basis")), item["why"])
    return node("div.q", node("div.tt", item["question"]), basis, _options(item))


def _options(item: dict[str, Any]) -> list[Node]:
    """A and B, each with what follows from it."""
    return [
        node("div.op", node("b", letter), node("span", node("i", name), "　", follows))
        for letter, (name, follows) in zip("AB", item["options"], strict=True)
    ]


def due(item: dict[str, Any], t: Texts) -> Node:
    """The time that is left (or gone by), until when, and whose decision it is."""
    counts_down = item["due"] is not None
    time = tick("left", item["due"]) if counts_down else tick("age", item.get("since"))
    return node(
        "div.due",
        time,
        node("span", item["before"] or t("wall_decide.since")),
        node("b.wh", item["who"]),
    )


PANEL = Panel(
    id="wall-decisions",
    screens={"wall": "decisions"},
    pictures=("activations", "orders", "incidents"),
    skeleton=skeleton,
    props=props,
)
