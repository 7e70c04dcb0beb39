"""Requests for a neighbour's unit, as lines: what waits for an answer here, what was answered."""

import json
from typing import Any

from dispatch.vocabulary import LoanState
from layouts.desk_acts import ask_with
from layouts.desk_parts import button, glyph, minutes, press, ticking
from layouts.nodes import Node, node
from layouts.texts import Texts
from layouts.times import clock


def request(one: dict[str, Any], t: Texts, key: str = "") -> Node:
    """A request that this desk answers: what for, what is left without the unit, until when.

    key: the key that lends, for the first request alone.
    """
    where = t("desk.and").join(t.name(to) for to in one["to_names"])
    who, at = t.name(one["asked_by_name"]), clock(one["asked_at"])
    asker = t("loans.asks", where=where, who=who, at=at)
    what = one["incident_title"]
    return node(
        "div.rq",
        node("div.gr",
             glyph(one["force_type"], t),
             node("div.tt", node("b", t.name(one["unit_name"]), " ",
                                 t("loans.people", n=one["members"])), node("small", asker)),
             node("div.ag", ticking("left", one["answer_due"]),
                  node("small", t("loans.for_minutes", n=one["minutes"])))),
        node("p", node("span.dim", t("loans.purpose"), " "),
             " · ".join(part for part in (what, one["purpose"]) if part)),
        node("p", node("b", t("loans.without")), " ", _left(one, t), data_low=_low(one)),
        node("p", node("span.dim", t("loans.cover"), " "), _cover(one, t)),
        _answers(one, key, t),
        ask_with(one["loan"], "loan.decline", "reason", {"loan": one["loan"]},
                 t("loans.keep_why"), t("loans.keep_do"), t),
        node("p.dim", t(f"loans.silence_{one['silence']}")),
        data_loan=one["loan"],
    )  # fmt: skip


def _left(one: dict[str, Any], t: Texts) -> str:
    force = t(f"force.{one['force_type']}")
    words = t("loans.after", force=force, n=one["after"], all=one["total"])
    return words + (t("loans.after_floor", n=one["floor"]) if one["floor"] else "")


def _low(one: dict[str, Any]) -> str | None:
    return "1" if one["floor"] and one["after"] < one["floor"] else None


def _cover(one: dict[str, Any], t: Texts) -> str:
    n = minutes(one["cover_s"])
    return t("loans.covered", unit=t.name(one["cover"]), n=n) if n else t("loans.no_cover")


def _answers(one: dict[str, Any], key: str, t: Texts) -> Node:
    body = json.dumps({"loan": one["loan"]})
    return node(
        "div.acts",
        press("loan.grant", t("loans.lend"), key, "primary", data_body=body),
        button(t("loans.keep"), "", data_do="line", data_for=one["loan"]),
    )


def state(one: dict[str, Any], t: Texts) -> str:
    """How a request stands, for those who asked."""
    known = one["state"]
    if known == LoanState.LENT and one["silent"]:
        return t("loans.lent_silent")
    who = t.name(one["answered_by_name"]) if one.get("answered_by_name") else ""
    return t(f"loan_state.{known}", who=who, why=one["note"])


def asked(one: dict[str, Any], t: Texts) -> Node:
    """A request that was made here: to whom, and how it stands."""
    waits = one["state"] == LoanState.ASKED
    home = t("loans.asked_from", where=t.name(one["from_name"]), what=one["incident_title"])
    body = json.dumps({"loan": one["loan"]})
    take_back = press("loan.withdraw", t("loans.withdraw"), data_body=body) if waits else None
    return node(
        "div.gr",
        glyph(one["force_type"], t),
        node("div.tt", node("b", t.name(one["unit_name"])), node("small", home),
             node("small", state(one, t))),
        node("div.ag", ticking("left", one["answer_due"]) if waits else None, take_back),
        data_loan=one["loan"],
    )  # fmt: skip
