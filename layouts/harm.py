"""What is known of an incident's harm and needs, each number with its time and source."""

from collections.abc import Mapping
from typing import Any

from layouts.desk_parts import button, section
from layouts.nodes import Node, node
from layouts.texts import Texts
from layouts.times import clock

CASUALTIES = ("dead", "missing", "serious", "minor")
COUNTS = (*CASUALTIES, "trapped", "moved")


def checked(fact: Mapping[str, Any], t: Texts) -> str:
    """已核实 14:50, or 待核 14:50."""
    state = "harm.verified" if fact["verified"] else "harm.unverified"
    return f"{t(state)} {clock(fact['as_of'], seconds=False)}"


def listed(facts: Mapping[str, Any], t: Texts) -> Node:
    """Every number that was told, else that nobody has told any."""
    lines = [_line(t(f"harm.{name}"), str(facts[name]["value"]), facts[name], t)
             for name in COUNTS if name in facts]  # fmt: skip
    for need in facts.get("needs", {}).get("value", []):
        lines.append(_line(need["what"], shortage(need, t), facts["needs"], t))
    body = lines or node("p.words.dim", t("harm.none"))
    return node("div", section(t("harm.title"), t("harm.by_officer")), node("div.harm", body))


def told(facts: Mapping[str, Any], t: Texts) -> str:
    """Every number in one line, each with whose word it is and its time."""
    parts = [
        t("harm.one", what=t(f"harm.{name}"), n=fact["value"], source=fact["source"],
          state=checked(fact, t))
        for name in COUNTS
        if (fact := facts.get(name))
    ]  # fmt: skip
    return t("harm.between").join(parts) or t("harm.none")


def shortage(need: Mapping[str, Any], t: Texts) -> str:
    return t("harm.short", need=need["need"], lack=max(0, need["need"] - need["have"]))


def _line(label: str, value: str, fact: Mapping[str, Any], t: Texts) -> Node:
    source = node("span.mid", f"{fact['source']} · {checked(fact, t)}")
    return node("div.hm", node("span", label), node("b.n", value), source)


def form(t: Texts) -> Node:
    """The numbers to enter, whose word they are, and whether it was checked."""
    numbers = [_number(name, t(f"harm.{name}")) for name in COUNTS]
    what = _words("need_what", t("harm.what"), 80)
    amounts = (_number("need_need", t("harm.need")), _number("need_have", t("harm.have")))
    needs = node("div.need", what, *amounts)
    source = _words("harm_source", t("harm.source"), 120)
    tick = node("input", type="checkbox", name="harm_verified", value="yes")
    verified = node("label.tickbox", tick, node("span", t("harm.verified")))
    send = button(t("harm.send"), "", "primary", data_do="facts", data_enter="1")
    return node("div.askline.harmform", numbers, needs, source, verified, send, data_line="facts")


def _words(name: str, hint: str, longest: int) -> Node:
    return node(
        "input", name=name, type="text", maxlength=longest, placeholder=hint, aria_label=hint
    )


def _number(name: str, label: str) -> Node:
    field = node("input", name=name, type="number", min=0, max=1_000_000, inputmode="numeric")
    return node("label.num", node("span", label), field)
