"""The inputs that spoke for a level, as a table: value, source and age, threshold, met or not."""

from typing import Any

from dispatch.grounds import ALERTS, PEOPLE
from layouts.desk_parts import LEVELS, figure, level_name, section, ticking
from layouts.nodes import Node, node
from layouts.texts import Texts
from layouts.times import clock

MARKS = {True: ("✓", "yes"), False: ("✕", "no"), None: ("?", "open")}
BY_LEVEL = ("grade", "severity")


def table(activation: dict[str, Any], t: Texts) -> Node | None:
    """None for a proposal of before inputs were kept."""
    found = activation.get("grounds") or {}
    inputs = found.get("inputs") or []
    if not inputs:
        return None
    met = sum(one["met"] is True for one in inputs)
    rule = t("grounds.enough", n=found["enough"], met=met, all=len(inputs))
    head = section(f"{t('grounds.title')} {rule}", t("grounds.columns"))
    return node("div", head, node("div.gds", [_input(one, t) for one in inputs]))


def _input(one: dict[str, Any], t: Texts) -> Node:
    sign, state = MARKS[one["met"]]
    threshold = _threshold(one, t)
    return node(
        "div.gd",
        node("span.what", node("b", _name(one, t)), " ", threshold, title=threshold),
        node("b.n", _value(one, t)),
        node("span.src", _source(one, t), " ", ticking("age", one["at"]) if one["at"] else None),
        node("i.ck", sign, data_done=state, role="img", aria_label=t(f"grounds.{state}")),
    )


def _name(one: dict[str, Any], t: Texts) -> str:
    name = one["name"]
    return t(f"grounds.{name}") if isinstance(name, str) else t.name(name)


def _value(one: dict[str, Any], t: Texts) -> str:
    if one["value"] is None:
        return t("grounds.unknown")
    if one["name"] in BY_LEVEL:
        return level_name(int(one["value"]), t)
    return _amount(one["value"], one["unit"], t)


def _amount(value: float, unit: str, t: Texts) -> str:
    """34 ppm as it is; alerts and people in the reader's words."""
    if unit in (ALERTS, PEOPLE):
        return t(f"grounds.{unit}", n=int(value))
    return f"{figure(value)} {unit}".strip()


def _threshold(one: dict[str, Any], t: Texts) -> str:
    """From which value on it speaks for the level."""
    limit = one["threshold"]
    if limit is None:
        return t("grounds.no_threshold")
    if one["name"] in BY_LEVEL and limit in LEVELS:
        return t("grounds.level_or_worse", level=level_name(limit, t))
    return f"{'≥' if one['sign'] == 'at_least' else '≤'} {_amount(limit, one['unit'], t)}"


def _source(one: dict[str, Any], t: Texts) -> str:
    """Whose word it is and of what time; an officer's own judgement has no source."""
    if one["at"] is None:
        return t("grounds.not_reported")
    who = t.name(one.get("source_name")) or one["source"] or t("grounds.officer")
    return f"{who} {clock(one['at'], seconds=False)}"
