"""Small parts of the wall's and the phone's lists, as nodes."""

from collections.abc import Iterable, Mapping
from typing import Any

from dispatch.vocabulary import OPEN_ALERTS, AlertState, OrderState
from layouts.nodes import Node, node
from layouts.texts import Texts

Thing = Mapping[str, Any]
STEPS = {
    OrderState.ISSUED: (1, ""),
    OrderState.DELIVERED: (2, ""),
    OrderState.READ: (2, "half"),
    OrderState.ACKED: (3, ""),
    OrderState.EN_ROUTE: (3, "half"),
    OrderState.ON_SCENE: (4, ""),
    OrderState.DONE: (5, ""),
    OrderState.VERIFIED: (5, ""),
    OrderState.DECLINED: (2, "stop"),
    OrderState.CANCELLED: (1, "stop"),
}
"""State of an order -> how many of the five pips are full, and what the next one is."""
RUNNING = (*OPEN_ALERTS, AlertState.LINKED)
UNSIGNED = (OrderState.ISSUED, OrderState.DELIVERED, OrderState.READ)


def level(number: int | None, **attributes: Any) -> Node:
    """The level badge; shape, numeral and colour follow the number."""
    return node("i.lv", data_lv=number or 0, **attributes)


def tick(kind: str, at: int | None, **attributes: Any) -> Node:
    """A time that the browser keeps going from `at`, a dash if there is none."""
    if at is None:
        return node("span.n", "—")
    return node("time.n", data_t=kind, data_t0=at, **attributes)


def pips(order: Thing, late: bool = False) -> Node:
    """下达 送达 签收 执行 办结: how far an order is."""
    at, following = STEPS.get(OrderState(order["state"]), (0, ""))
    shown = "late" if late else following
    return node("span.ack", *(node("i") for _ in range(5)), data_at=at, data_next=shown or None)


def bullet(tile: Thing) -> Node:
    """Normal band, target notch and needle of a tile, on its one fixed scale."""
    low, high = tile["scale_low"], tile["scale_high"]
    value, target = tile["value"], tile.get("target")
    band = (tile["low"], tile["high"])
    return node(
        "div.bul",
        node("u"),
        node("b"),
        style_a=share(band[0] if band[0] is not None else low, low, high),
        style_b=share(band[1] if band[1] is not None else high, low, high),
        style_v=share(value, low, high),
        style_t=share(target, low, high),
        data_value=None if value is not None else "none",
        data_target=None if target is not None else "none",
        data_band="none" if band == (None, None) else None,
    )


def share(value: float | None, low: float, high: float) -> float:
    """Where a value stands on a scale, in per cent; what lies outside stands at the end."""
    if value is None or high <= low:
        return 0
    return round(min(max((value - low) / (high - low), 0), 1) * 100, 1)


def figure(value: float | None) -> str:
    """A number as people write it: 2,184 or 95.1 or 0.31."""
    if value is None:
        return "—"
    digits = 2 if abs(value) < 10 else 1
    words = f"{value:,.{digits}f}"
    return words.rstrip("0").rstrip(".")


def force(kind: str, t: Texts, state: str | None = None) -> Node:
    """A service's character in its frame."""
    return node("i.u", t(f"mark.{kind}"), data_force=kind, data_state=state)


def nothing(words: str) -> Node:
    """An honest nothing, with the time to which it holds."""
    return node("div.empty", words, " · ", node("time.n", data_t="clock"))


def in_force(alerts: Iterable[Thing], sources: Iterable[Thing]) -> list[Thing]:
    """Public warnings that run, the worst first: what comes as CAP and has an end."""
    public = {one["id"] for one in sources if one.get("kind") == "cap"}
    found = [
        one
        for one in alerts
        if one["source"] in public and one.get("expires_at") and one["state"] in RUNNING
    ]
    return sorted(found, key=lambda one: (one["severity"], one["occurred_at"], one["id"]))


def unsigned(order: Thing) -> bool:
    return order["state"] in UNSIGNED


def late(order: Thing) -> bool:
    """Not acknowledged in time, as the timers of the log have found it."""
    return unsigned(order) and bool(order.get("overdue") or order.get("escalation"))
