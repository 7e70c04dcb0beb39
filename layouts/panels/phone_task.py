"""The phone's task: what is ordered, where, how long there is to acknowledge, how far it is."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OrderState
from layouts.kit import listed
from layouts.nodes import Node, Row, node, row, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import level, nothing, tick, unsigned
from streams.view import View

HAZARDS = ("hazmat_leak", "gas", "gas_leak", "fire", "flood", "weather", "traffic", "rescue")
STEPS = (OrderState.ACKED, OrderState.EN_ROUTE, OrderState.ON_SCENE, OrderState.DONE)


def skeleton(t: Texts, screen: str) -> Component:
    """The order, then what this phone has not been able to send yet (filled by the queue)."""
    queue = html.Div(id="phone-queue", className="queue")
    return html.Div([listed("phone-order"), queue], className="scr task")


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    orders = pictures["phone"]["orders"]
    if not orders:
        return {("phone-order", "rows"): rows(("none", _idle(pictures["phone"], t)))}
    return {("phone-order", "rows"): _card(orders[0], t) + _others(orders[1:], t)}


def _idle(picture: Any, t: Texts) -> Node:
    done = node("div.dim", t("phone.done_today", n=picture["done_today"]))
    return node(
        "div.idle", node("h2", t("phone.no_order")), nothing(t("phone.no_order_note")), done
    )


def _card(one: Any, t: Texts) -> list[Row]:
    incident = one["incident"] or {}
    return rows(
        ("steps", None if unsigned(one) else _steps(one, t)),
        ("limit", _limit(one, t) if unsigned(one) else None),
        ("text", node("h2", one["text"], data_read=one["id"], data_state=one["state"])),
        ("facts", _facts(one, incident, t)),
        ("hazard", _hazard(incident, t)),
    )


def _others(orders: list[Any], t: Texts) -> list[Row]:
    return [row(one["id"], f"9{n}", _other(one, t)) for n, one in enumerate(orders)]


def _other(one: Any, t: Texts) -> Node:
    state = t(f"order_state.{one['state']}")
    words = (node("small", one["id"], " · ", state), one["text"])
    return node("div.msg", *words, data_came=one["id"], data_state=one["state"])


def _limit(one: Any, t: Texts) -> Node:
    """How long there is to acknowledge; it turns into how late it is."""
    late = "1" if one.get("escalation") else None
    time = tick("left", one["ack_due"])
    return node("div.sla", time, node("span", t("phone.to_acknowledge")), data_late=late)


def _steps(one: Any, t: Texts) -> Node:
    """签收 出动 到场 办结, each with its time; the one that is under way is white."""
    stamps = one.get("stamps") or {}
    return node("div.stp", [_step(state, one, stamps.get(state), t) for state in STEPS])


def _step(state: OrderState, one: Any, stamp: Any, t: Texts) -> Node:
    done = "now" if one["state"] == state else "done" if stamp else None
    at = clock(stamp["at"], seconds=False) if stamp else "—"
    return node("div", t(f"phone.do_{state}"), node("small.n", at), data_done=done)


def _facts(one: Any, incident: Any, t: Texts) -> Node:
    place = [node("b", incident.get("place") or "—")]
    urgency = t(f"priority.{one['priority']}")
    if one.get("distance_m") is not None:
        place.append(node("span.dim", t("phone.distance", km=f"{one['distance_m'] / 1000:.1f}")))
    issued = f"{t.name(one.get('issued_by_name'))} {clock(one['issued_at'])}"
    return node(
        "div.kv",
        node("span", t("phone.order")), node("div", node("b.n", one["id"]), " · ", urgency),
        node("span", t("phone.to")), node("div", node("b", t.name(one.get("unit_name")))),
        node("span", t("phone.place")), node("div", *place),
        node("span", t("phone.incident")), node("div", incident.get("title") or "—"),
        node("span", t("phone.issued")), node("div", issued),
    )  # fmt: skip


def _hazard(incident: Any, t: Texts) -> Node | None:
    """What is dangerous about this kind of event, in the incident's own level."""
    if not incident:
        return None
    head = node("b", level(incident["level"]), t(f"grade.{incident['level']}"), " · ",
                t(f"category.{incident['category']}"))  # fmt: skip
    note = _hazard_of(incident, t)
    return node("div.warn", head, node("div", note), data_lv=incident["level"])


def _hazard_of(incident: Any, t: Texts) -> str:
    """By the kind of event if there are words for it, else by its class."""
    kind = str(incident.get("type"))
    return t(f"hazard.{kind if kind in HAZARDS else incident['category']}")


PANEL = Panel(
    id="phone-task",
    screens={"phone": "task"},
    pictures=("phone",),
    skeleton=skeleton,
    props=props,
    subject="unit",
    classes="same",
)
