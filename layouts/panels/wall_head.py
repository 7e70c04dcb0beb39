"""The wall's top bar: mode and level, what runs, who is on duty, how the sources are."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OPEN_ALERTS, Mode
from layouts import harm, sky, war
from layouts.kit import listed, timer
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import in_force, level, tick
from streams.view import View

MAIN, SIDE = "wall-head-main", "wall-head-side"
FAINT = 4  # the least level
ABROAD = ("EN_ROUTE", "ASSIGNED")


def skeleton(t: Texts, screen: str) -> Component:
    """Banner, facts, then date and clock; the city's name stands in the frame around them."""
    return html.Div(
        [
            listed(MAIN, className="head-main"),
            listed(SIDE, className="head-side"),
            html.Div([html.Div([timer("date"), timer("weekday", className="")], className="dt"),
                      timer("clock", className="clk n")],
                     className="head-clock"),
        ],
        className="same",
    )  # fmt: skip


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    activation = war.ruling(pictures["activations"])
    if activation is None or activation["mode"] != Mode.WARTIME:
        return {
            (MAIN, "rows"): rows(("mode", _calm(activation, t))),
            (SIDE, "rows"): _peace(pictures, activation, t),
        }
    incident = war.incident_of(activation, pictures["incidents"]["incidents"])
    main = (("mode", _banner(activation, t)), ("what", _what(activation, incident, t)))
    return {
        (MAIN, "rows"): rows(*main),
        (SIDE, "rows"): _war(pictures, activation, incident, t),
    }  # fmt: skip


def _calm(activation: Any, t: Texts) -> Node:
    if activation is None:
        return node("div.mode", t("mode.PEACETIME"), node("small", t("wall.routine")))
    where = war.districts(activation, t)
    return node("div.mode", t("mode.STANDBY"), node("small", where), data_kind="standby")


def _peace(pictures: Pictures, activation: Any, t: Texts) -> list[dict[str, Any]]:
    sources = pictures["sources"]["sources"]
    response = war.response(activation, t) if activation else t("wall.no_response")
    return rows(
        ("weather", _weather(pictures["weather"], t)),
        ("warning", _warning(in_force(pictures["alerts"]["alerts"], sources), t)),
        ("response", _item(t("wall.response"), response)),
        ("duty", _duty(pictures["duty"], t)),
        ("sources", _sources(sources, t)),
    )


def _weather(weather: Mapping[str, Any], t: Texts) -> Node:
    return _item(sky.as_of(weather, t), sky.told(weather, t) or t("sky.silent"))


def _warning(running: Sequence[Mapping[str, Any]], t: Texts) -> Node:
    """The worst of the warnings in force, and how many more there are."""
    if not running:
        return _item(t("wall.warnings"), t("wall.no_warning"))
    worst = running[0]
    label = t("wall.warning_of", source=t.name(worst.get("source_name")) or worst["source"])
    more = t("wall.and_more", n=len(running) - 1) if len(running) > 1 else ""
    until = t("wall.until", at=clock(worst["expires_at"], seconds=False))
    words = node("span.one", level(worst["severity"]), node("b", worst["title"]), until, " ", more)
    return _item(label, words)


def _duty(duty: dict[str, Any], t: Texts) -> Node:
    names = [_person(duty.get(role), t) for role in ("leader", "shift_lead")]
    return _item(t("wall.duty"), " / ".join(names))


def _person(person: Any, t: Texts) -> str:
    first = (person[0] if person else None) if isinstance(person, list) else person
    if not first:
        return t("wall.nobody")
    return t.name(first.get("name", first)) or t("wall.nobody")


def _sources(sources: list[dict[str, Any]], t: Texts) -> Node:
    """How many sources speak in time, late, not at all, and how many never spoke."""
    states = [row["state"] for row in sources]
    parts = []
    for state in ("ok", "late", "dead", "none"):
        count = states.count(state)
        if count or state == "ok":
            parts.append(node("span", t(f"fresh.{state}"), " ", node("b.n", str(count)), "　"))
    label = node("span", t("wall.sources", n=len(states)), " · ", node("time.n", data_t="clock"))
    return _item(label, *parts)


def _item(label: Any, *value: Any) -> Node:
    return node("div.it", node("small", label), node("span", *value))


def _banner(activation: Any, t: Texts) -> Node:
    small = t("wall.war_in", mode=t("mode.WARTIME"), where=war.districts(activation, t))
    words = node("div.big", node("small", small), war.response(activation, t))
    return node("div.ban", level(activation["level"], data_on="banner"), words)


def _what(activation: Any, incident: Any, t: Texts) -> Node:
    """Title, first grade, who started the response."""
    if incident is None:
        return node("div.inc", node("div.a", activation["incident"]))
    grade = t("wall.graded", grade=t(f"grade.{incident['grade']}"))
    signed = t("wall.signed_by", who=_signed(activation, t))
    started = t("wall.started", at=clock(activation.get("started_at"), seconds=False))
    below = " · ".join((grade, incident["place"], signed, started))
    return node("div.inc", node("div.a", incident["title"]), node("div.b", below))


def _signed(activation: Any, t: Texts) -> str:
    names = [one.get("name") or one.get("by_name") for one in activation.get("signed") or []
             if isinstance(one, dict)]  # fmt: skip
    known = [t.name(name) for name in names if isinstance(name, dict)]
    return t("wall.and").join(known) or t.name(activation.get("proposed_by_name"))


def _war(pictures: Pictures, activation: Any, incident: Any, t: Texts) -> list[dict[str, Any]]:
    orders = (incident or {}).get("orders") or {}
    units = [row for row in pictures["units"]["units"] if row["incident"] == activation["incident"]]
    arrived = sum(row["status"] == "ON_SCENE" for row in units)
    moving = sum(row["status"] in ABROAD for row in units)
    whole = t("wall.of_orders", n=orders.get("total", 0))
    overdue = orders.get("overdue")
    others = len(war.own(pictures["activations"])) - 1
    return rows(
        ("unsigned", _fact(t("wall.unsigned"), orders.get("unsigned"), whole)),
        ("overdue", _fact(t("wall.overdue"), overdue, t("wall.by_timers"), hot=bool(overdue))),
        ("arrived", _fact(t("wall.arrived"), arrived, t("wall.units_moving", n=moving))),
        ("others", _others(others, t)),
        ("alerts", _open_alerts(pictures["alerts"], t)),
        *_harm((incident or {}).get("facts") or {}, t),
        ("elapsed", _elapsed(incident or activation, t)),
    )  # fmt: skip


def _harm(facts: Mapping[str, Any], t: Texts) -> list[tuple[str, Node]]:
    """死亡 失联 重伤 轻伤, each with its time and whether it was checked; never one total."""
    shown = [*harm.CASUALTIES, *(["moved"] if "moved" in facts else [])]
    return [(f"harm:{name}", _known(name, facts.get(name), t)) for name in shown]


def _known(name: str, fact: Mapping[str, Any] | None, t: Texts) -> Node:
    if fact is None:
        return _fact(t(f"harm.{name}"), None, t("wall.not_reported"))
    return _fact(t(f"harm.{name}"), fact["value"], harm.checked(fact, t))


def _open_alerts(picture: Mapping[str, Any], t: Texts) -> Node:
    """What else has come in: a war does not hide a new alert."""
    waiting = [one for one in picture["alerts"] if one["state"] in OPEN_ALERTS]
    if not waiting:
        return _fact(t("wall.open_alerts"), 0, t("wall.none_open"))
    worst = min(one["severity"] or FAINT for one in waiting)
    note = t("wall.worst", level=t(f"level.{worst}"))
    return _fact(t("wall.open_alerts"), picture["counts"]["waiting"], note)


def _others(count: int, t: Texts) -> Node | None:
    return _fact(t("wall.other_activations"), count, t("wall.own_scope")) if count else None


def _fact(label: str, value: int | None, note: str, hot: bool = False) -> Node:
    number = node("b.n", "—" if value is None else str(value), data_hot="1" if hot else None)
    return node("div.fact", node("small", label), number, node("em", note))


def _elapsed(row: Any, t: Texts) -> Node:
    since = row.get("reported_at") or row.get("started_at")
    label = t("wall.since_report", at=clock(since))
    return node("div.elp", node("div.k", label), tick("elapsed", since))


PANEL = Panel(
    id="wall-head",
    screens={"wall": "head"},
    pictures=("activations", "incidents", "alerts", "duty", "sources", "units", "weather"),
    skeleton=skeleton,
    props=props,
    classes="same",
)
