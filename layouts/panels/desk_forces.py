"""Forces that fit the incident, best first, with the reasons; ticked ones get the next order."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import UnitStatus
from layouts.desk_lists import button, listing
from layouts.desk_parts import glyph, minutes
from layouts.kit import given
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

LIST, NEEDS = "forces-list", "forces-needs"
SHOWN = 40


def skeleton(t: Texts, _screen: str) -> Component:
    chosen = html.Span([html.B("0", id="forces-count", className="n"), " ", t("recommend.chosen")])
    loans = button(t("loans.title"), "I", data_do="side", data_side="loans")
    write = button(t("recommend.write"), "D", "primary", data_do="write")
    return html.Div(
        [
            html.H2(
                [t("recommend.title"), html.Kbd("U"), html.Small(t("recommend.straight"))],
                className="ph",
            ),
            listing(NEEDS, "chips"),
            html.Div(
                [listing(LIST), html.P(t("recommend.none"), className="none")],
                className="scr",
                tabIndex=0,
                **given(data_list="forces", data_key="U", data_do="focus"),
            ),
            html.Div([chosen, loans, write], className="bar"),
        ],
        className="col",
    )


def props(pictures: Pictures, t: Texts, _view: View) -> Props:
    picture = pictures["recommend"]
    units = picture["units"][:SHOWN]
    return {
        (NEEDS, "rows"): [_need(n, one, t) for n, one in enumerate(picture["needs"])],
        (LIST, "rows"): [row(one["id"], f"{n:03d}", _unit(one, t)) for n, one in enumerate(units)],
    }


def _need(n: int, need: dict[str, Any], t: Texts) -> Row:
    """What a step of the plan asks for: a force, and what it must be able to do."""
    force = t(f"force.{need['force_type']}") if need["force_type"] else t("recommend.any")
    words = [force, *(_skill(one, t) for one in need["capabilities"])]
    return row(f"need:{n}", f"{n:03d}", node("span.chip", " · ".join(words)))


def _unit(unit: dict[str, Any], t: Texts) -> Node:
    """A force with its tick box: what it can and lacks, how far; a held one cannot be ticked."""
    why, held = unit["reasons"], not unit["offered"]
    eta, away = minutes(why.get("eta_s")), why.get("distance_m")
    score = node("span.score", t("recommend.score", n=round(unit["score"])))
    return node(
        "label.sg",
        node("input", type="checkbox", name="force", value=unit["id"], disabled=held,
             data_district=unit["district"], data_focus=f"force:{unit['id']}"),
        glyph(unit["force_type"], t, "EN_ROUTE" if held else "AVAILABLE"),
        node("div.tt", node("b", t.name(unit["name"])), score,
             node("small", _skills(why, t)), node("small.why", _doubts(unit, t))),
        node("div.eta.n", t("time.minutes", n=eta) if eta else "—",
             node("small", t("recommend.km", n=f"{away / 1000:.1f}") if away is not None else "")),
        data_held="1" if held else None,
    )  # fmt: skip


def _skills(why: dict[str, Any], t: Texts) -> str:
    found = []
    if why["capabilities"]:
        found.append(t("recommend.can", what=_named(why["capabilities"], t)))
    if why["missing"]:
        found.append(t("recommend.lacks", what=_named(why["missing"], t)))
    return " · ".join(found) or t("recommend.no_need")


def _doubts(unit: dict[str, Any], t: Texts) -> str:
    """How sure the place is, and what keeps the unit from being sent."""
    why, found = unit["reasons"], [t(f"heard.{unit['heard']}", n=unit["reasons"]["fresh_s"] or 0)]
    if why["busy"]:
        found.insert(0, t("recommend.busy", order=why["busy"]))
    elif why["lent_to"]:
        where = t("desk.and").join(t.name(one) for one in why["lent_to"])
        found.insert(0, t("recommend.lent", where=where))
    elif unit["status"] != UnitStatus.AVAILABLE:
        found.insert(0, t(f"unit_status.{unit['status']}"))
    if unit["last_of_district"]:
        found.append(t("recommend.last"))
    return " · ".join(found)


def _named(skills: list[str], t: Texts) -> str:
    return t("desk.and").join(_skill(one, t) for one in skills)


def _skill(skill: str, t: Texts) -> str:
    """A capability in words; one that only this city has stands as the city writes it."""
    try:
        return t(f"capability.{skill}")
    except KeyError:
        return skill


PANEL = Panel(
    id="forces",
    screens={"desk": "forces"},
    pictures=("recommend",),
    skeleton=skeleton,
    props=props,
    subject="incident",
)
