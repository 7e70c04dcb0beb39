"""Small parts that the desk's lists are made of, as nodes."""

from typing import Any

from dispatch.vocabulary import Mode
from layouts.nodes import Node, node
from layouts.texts import Texts
from layouts.times import local

LEVELS = (1, 2, 3, 4)


def in_doubt(alert: dict[str, Any]) -> bool:
    """Whether an alert's own times do not go with ours: ahead of them, or over when it came."""
    ends, sent = alert.get("expires_at"), alert.get("sent_at")
    over = ends is not None and ends <= alert["received_at"] and (sent is None or sent < ends)
    return bool(alert.get("said_at")) or over


def badge(level: int | None, t: Texts) -> Node:
    """The level badge; the style sheet draws shape, numeral and colour from the level."""
    return node("i.lv", data_lv=level or 0, role="img", aria_label=level_name(level, t))


def glyph(force_type: str, t: Texts, state: str = "AVAILABLE") -> Node:
    """The one-character mark of a service: frame by service, fill by state."""
    label = t(f"force.{force_type}")
    return node(
        "i.u",
        t(f"mark.{force_type}"),
        data_force=force_type,
        data_state=state,
        role="img",
        title=label,
    )


def day_clock(at: int | None, now: int) -> str:
    """14:08, with the day before it if that is not the day of `now`."""
    if at is None:
        return "—"
    moment = local(at)
    return moment.strftime("%H:%M" if moment.date() == local(now).date() else "%m-%d %H:%M")


def ticking(kind: str, at: int | None, **attributes: Any) -> Node:
    """A time that the browser keeps going: age, left, over, elapsed or clock, from `at` (ms)."""
    if at is None:
        return node("time", "—")
    return node("time.n", data_t=kind, data_t0=at, **attributes)


def press(command: str, label: str, shortcut: str = "", kind: str = "", **attributes: Any) -> Node:
    """A button that sends a command; the shortcut that presses it is printed on it."""
    return button(label, shortcut, kind, data_act=command, **attributes)


def button(label: str, shortcut: str = "", kind: str = "", **attributes: Any) -> Node:
    """A button with its key; while it is disabled its key does nothing."""
    off = bool(attributes.get("disabled"))
    return node(
        "button.btn",
        node("span", label),
        node("kbd", shown_key(shortcut)) if shortcut else None,
        type="button",
        data_kind=kind or None,
        data_key=shortcut if shortcut and not off else None,
        **attributes,
    )


def shown_key(shortcut: str) -> str:
    """How a key is printed: "Ctrl+Enter" as "Ctrl ↵"."""
    return shortcut.replace("Enter", "↵").replace("+", " ") if len(shortcut) > 1 else shortcut


def section(title: str, note: Any = None) -> Node:
    return node("div.sec", node("span", title), node("span", note) if note else None)


def fact(label: str, *value: Any) -> tuple[Node, Node]:
    return node("span", label), node("div", *value)


def empty(label: str) -> Node:
    """An honest empty list: what there is none of, and when that was last checked."""
    return node("div.none", node("span", label), node("span.chk", data_checked="1"))


def answer() -> Node:
    """Where the answer to a command is shown."""
    return node("div.ans", role="status", data_answer="1")


def level_name(level: int | None, t: Texts) -> str:
    return t(f"level.{level}") if level in LEVELS else t("desk.no_level")


def grade_name(level: int | None, t: Texts) -> str:
    return t(f"grade.{level}") if level in LEVELS else t("desk.no_level")


def response_name(mode: str, level: int, t: Texts) -> str:
    """The response that an activation stands for: 市级Ⅲ级响应, or Ⅲ级预备."""
    which = "desk.response" if mode == Mode.WARTIME else "desk.standing_by"
    return t(which, level=level_name(level, t))


def minutes(seconds: float | None) -> int | None:
    """Whole minutes, at least one, for a travel time."""
    return None if seconds is None else max(1, round(seconds / 60))


def figure(value: float | None) -> str:
    """A number as people write it: 2,184 or 0.31."""
    if value is None:
        return "—"
    text = f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
