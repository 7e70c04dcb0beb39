"""Units lent, borrowed and asked for, units that two incidents want, and what is left."""

import itertools
import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.access import covers
from dispatch.vocabulary import LoanState
from layouts import desk_lists
from layouts.desk_acts import ask_with
from layouts.desk_lists import listing
from layouts.desk_parts import button, empty, glyph, minutes, press, section, ticking
from layouts.kit import given
from layouts.loan_parts import asked, request
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.panels.desk_switcher import signs as numbers
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import share
from streams.view import View

LIST = "loans-list"
LEND = "F9"
TOLD = (LoanState.ASKED, LoanState.DECLINED, LoanState.LAPSED)


def skeleton(t: Texts, _screen: str) -> Component:
    back = desk_lists.button(t("desk.back"), "Esc", data_do="side", data_side="detail")
    return html.Div(
        [
            html.H2([t("loans.title"), html.Small(t("loans.note"))], className="ph"),
            html.Div(listing(LIST), className="scr"),
            html.Div(className="ans", role="status", **given(data_answer="1")),
            html.Div(back, className="acts one"),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture, signing = pictures["loans"], bool(pictures["activations"]["proposed"])
    return {
        (LIST, "rows"): rows(
            ("waiting", section(t("loans.waiting"), str(len(picture["requests"])))),
            *_requests(picture["requests"], signing, t),
            ("wanted", section(t("loans.wanted"), t("loans.by_person"))),
            *_wanted(picture["wanted"], numbers(pictures["incidents"]["incidents"]), view, t),
            ("lent", _group("lent", picture["lent"], t, view)),
            ("borrowed", _group("borrowed", picture["borrowed"], t, view)),
            ("asked", _asked(picture["asked"], t)),
            ("left", _left(picture["left"], t)),
        )
    }


def _requests(
    requests: list[dict[str, Any]], signing: bool, t: Texts
) -> list[tuple[str, Node | None]]:
    """What waits for this desk's answer, each a line of its own.

    signing: a war waits for a signature; then its key is not also the key that lends.
    """
    keys = itertools.chain([LEND if not signing else ""], itertools.repeat(""))
    shown = [(one["loan"], request(one, t, key)) for one, key in zip(requests, keys, strict=False)]
    return [*shown] or [("none", empty(t("loans.no_waiting")))]


def _asked(made: list[dict[str, Any]], t: Texts) -> Node | None:
    """Requests made here that are not lent units by now, nor over."""
    shown = [one for one in made if one["state"] in TOLD]
    if not shown:
        return None
    return node("div", section(t("loans.asked"), str(len(shown))), [asked(o, t) for o in shown])


def _group(name: str, loans: list[dict[str, Any]], t: Texts, view: View) -> Node:
    lines = [_loan(one, name, t, view) for one in loans] or [empty(t(f"loans.no_{name}"))]
    return node("div", section(t(f"loans.{name}"), str(len(loans))), lines)


def _loan(one: dict[str, Any], name: str, t: Texts, view: View) -> Node:
    """Who is away, where and for what, since when, how far the order is."""
    there = t("desk.and").join(t.name(to) for to in one["to_names"])
    where = there if name == "lent" else t.name(one["from_name"])
    since = clock(one["since"], seconds=False)
    words = t(f"loans.{name}_to", where=where, at=since, what=one["incident_title"])
    words += t("loans.by_silence") if one.get("silent") else ""
    return node(
        "div.gr",
        glyph(one["force_type"], t, "EN_ROUTE"),
        node("div.tt", node("b", t.name(one["unit_name"])), node("small", words)),
        node("div.ag", _time(one), _limit(one, t), _back(one, view, t)),
        data_select=f"order:{one['id']}" if one["id"] != one.get("loan") else None,
    )  # fmt: skip


def _time(one: dict[str, Any]) -> Node:
    """What is left of a loan's time, or by how much it is over; else how long it has been."""
    due = one.get("due_back")
    return ticking("left", due) if due else ticking("age", one["since"])


def _limit(one: dict[str, Any], t: Texts) -> Node:
    """How far its order is, and for how long it was lent, or since when that is over."""
    idle = one["state"] == LoanState.LENT
    words = t("loans.no_order") if idle else t(f"order_state.{one['state']}")
    limit = t("loans.for_minutes", n=one["minutes"]) if "minutes" in one else ""
    if one.get("over"):
        limit = t("loans.over_since", at=clock(one["due_back"], seconds=False))
    return node("small", " · ".join(part for part in (words, limit) if part))


def _back(one: dict[str, Any], view: View, t: Texts) -> Node | None:
    """While no order holds a unit its borrower gives it back, or its own district calls it."""
    if one["state"] != LoanState.LENT:
        return None
    body = json.dumps({"loan": one["loan"]})
    if covers(view.scope, one["to"]):
        return press("loan.give_back", t("loans.give_back"), data_body=body)
    if covers(view.scope, [one["from"]]):
        return press("loan.recall", t("loans.recall"), data_body=body)
    return None


def _wanted(
    wanted: list[dict[str, Any]], signs: dict[str, str], view: View, t: Texts
) -> list[tuple[str, Node]]:
    """What two incidents want, each a line of its own. signs: the incidents' numbers."""
    shown = [(f"wanted:{one['id']}", _conflict(one, signs, view, t)) for one in wanted]
    return shown or [("no_wanted", empty(t("loans.no_wanted")))]


def _conflict(one: dict[str, Any], signs: dict[str, str], view: View, t: Texts) -> Node:
    """A unit that one incident asks for and another holds, until when somebody should decide."""
    holder = one["holder"]
    state = t(f"order_state.{holder['state']}")
    titles = [
        f"{signs.get(o['incident'], '')} {o['incident_title']}".strip() for o in (one, holder)
    ]
    asked = t("loans.asked_by", what=titles[0], order=one["id"])
    held = t("loans.held_by", what=titles[1], order=holder["id"], state=state)
    return node(
        "div.gr",
        glyph(one["force_type"], t, "EN_ROUTE"),
        node("div.tt", node("b", t.name(one["unit_name"])), node("small", asked),
             node("small", held)),
        node("div.ag", ticking("left", one["due"], data_from=one["since"]),
             node("small", t("loans.wanted_since", at=clock(one["since"], seconds=False)))),
        node("div.sides", _sides(one, titles, decides(one, view), t)),
        _reasons(one, t) if decides(one, view) else None,
        node("p.dim.full", t("loans.undecided") if decides(one, view) else t("loans.above")),
        data_conflict=one["id"],
        data_lv=one["level"],
    )  # fmt: skip


def decides(one: dict[str, Any], view: View) -> bool:
    """Whoever answers for both incidents says which of them gets the unit."""
    return covers(view.scope, one["to"]) and covers(view.scope, one["holder"]["to"])


def _sides(one: dict[str, Any], titles: list[str], able: bool, t: Texts) -> list[Node]:
    """What each incident would gain by the unit; the one for which more speaks, with the reason."""
    weighed = one["weighed"]
    return [
        _side(side, what, weighed, line if able else None, t)
        for side, what, line in zip(weighed["sides"], titles, _lines(one), strict=True)
    ]


def _lines(one: dict[str, Any]) -> tuple[str, str]:
    """The fields that ask why: the unit goes, the unit stays."""
    return f"move:{one['id']}", f"forgo:{one['id']}"


def _reasons(one: dict[str, Any], t: Texts) -> Node:
    """Either way somebody says why; it goes into the log of both."""
    goes, stays = _lines(one)
    move = {"order": one["holder"]["id"], "to": one["id"]}
    forgo = {"order": one["id"], "stays": one["holder"]["id"]}
    hint = t("loans.decide_why")
    return node(
        "div.full",
        ask_with(goes, "order.move", "reason", move, hint, t("loans.goes_do"), t),
        ask_with(stays, "order.forgo", "reason", forgo, hint, t("loans.stays_do"), t),
    )


def _side(
    side: dict[str, Any], what: str, weighed: dict[str, Any], line: str | None, t: Texts
) -> Node:
    """line: the field that this side's button opens, for whoever may decide."""
    chosen = side["order"] == weighed["suggest"]
    mark = node("b.tag", t("loans.suggested")) if chosen else None
    why = t(f"loans.because_{weighed['why']}", n=weighed["n"]) if chosen else None
    label = t("loans.goes") if line and line.startswith("move") else t("loans.stays")
    kind = "primary" if chosen else ""
    return node(
        "div.side",
        node("b", t("loans.give", what=what), " ", mark),
        node("small", _there(side, t), " · ", _instead(side, t)),
        node("small", why) if why else None,
        button(label, "", kind, data_do="line", data_for=line) if line else None,
        data_suggested="1" if chosen else None,
    )


def _there(side: dict[str, Any], t: Texts) -> str:
    if side["here"]:
        return t("loans.there_now")
    n = minutes(side["eta_s"])
    return t("loans.there_in", n=n) if n else t("loans.no_place")


def _instead(side: dict[str, Any], t: Texts) -> str:
    n = minutes(side["instead_s"])
    return t("loans.instead", unit=t.name(side["instead"]), n=n) if n else t("loans.no_instead")


def _left(left: list[dict[str, Any]], t: Texts) -> Node:
    return node(
        "div", section(t("loans.left"), t("loans.floor_note")), [_force(o, t) for o in left]
    )


def _force(one: dict[str, Any], t: Texts) -> Node:
    low = one["floor"] and one["free"] <= one["floor"]
    floor = t("loans.floor", n=one["floor"]) if one["floor"] else t("loans.no_floor")
    ends = {"style_a": 0, "style_b": share(one["free"], 0, one["total"]), "style_v": 0}
    notch = share(one["floor"], 0, one["total"])
    target = None if one["floor"] else "none"
    marks = {"style_t": notch, "data_value": "none", "data_target": target}
    bar = node("div.bul", node("u"), node("b"), **ends, **marks)
    return node(
        "div.gr.left",
        node("span", t(f"force.{one['force_type']}")),
        bar,
        node("div.ag", node("b.n", f"{one['free']} / {one['total']}"), node("small", floor)),
        data_low="1" if low else None,
    )


PANEL = Panel(
    id="loans",
    screens={"desk": "detail"},
    pictures=("loans", "activations", "incidents"),
    skeleton=skeleton,
    props=props,
)
