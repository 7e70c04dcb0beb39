"""What is known of the chosen alert or incident, and what can be done about it."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.vocabulary import OPEN_INCIDENTS
from layouts import call_parts, desk_acts, harm
from layouts.desk_lists import listing
from layouts.desk_parts import (
    badge,
    button,
    day_clock,
    fact,
    figure,
    glyph,
    grade_name,
    in_doubt,
    level_name,
    minutes,
    section,
)
from layouts.nodes import Node, node, rows
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import MINUTE, clock, duration
from streams.view import View

HEAD, BODY, ACTS = "detail-head", "detail-body", "detail-acts"
SUGGESTED = 6


def skeleton(_t: Texts, _screen: str) -> Component:
    return html.Div(
        [listing(HEAD), html.Div(listing(BODY), className="scr"), listing(ACTS, "actbar")],
        className="col",
    )


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    picture = pictures["incident"]
    alert, incident = picture.get("alert"), picture.get("incident")
    subject = incident or alert
    if subject is None:
        hint = node("div.none", t("detail.none"))
        return {(HEAD, "rows"): rows(("none", hint)), (BODY, "rows"): [], (ACTS, "rows"): []}
    units = pictures["recommend"].get("units", [])
    return {
        (HEAD, "rows"): rows(
            ("head", _head(subject, incident, t)),
            ("facts", _facts(alert, incident, t)),
            ("call", _call(incident, pictures["calls"]["calls"], t)),
        ),
        (BODY, "rows"): rows(
            ("evidence", _evidence(alert, t) if alert else None),
            ("similar", _similar(alert, t) if alert and not incident else None),
            ("harm", harm.listed(incident["facts"], t) if incident else None),
            ("grade", _grade(alert, incident, t)),
            ("actions", _actions(picture, t)),
            ("units", _units(units, bool(incident), t)),
        ),
        (ACTS, "rows"): rows(*desk_acts.bar(alert, incident, picture.get("activation"), view, t)),
    }


def _head(subject: dict[str, Any], incident: dict[str, Any] | None, t: Texts) -> Node:
    level = incident["grade"] if incident else subject["severity"]
    table = "incident_state" if incident else "alert_state"
    state = t(f"{table}.{subject['state']}")
    return node(
        "div.hd1",
        badge(level, t),
        node(
            "div",
            node("h2", subject["title"]),
            node("p", f"{subject['place']} · {subject['id']} · {state}"),
        ),
    )


def _facts(alert: dict[str, Any] | None, incident: dict[str, Any] | None, t: Texts) -> Node:
    found: list[Any] = []
    if alert:
        source = t.name(alert.get("source_name")) or alert["source"]
        found += fact(t("detail.first"), _since(alert), " ", node("span.mid", source))
        found += fact(t("detail.received"), clock(alert["received_at"]), " ", _late(alert, t))
        found += _handled(alert, t)
    if incident:
        opened = f"{clock(incident['opened_at'])} {t.name(incident.get('opened_by_name'))}"
        found += fact(t("detail.opened"), opened)
    return node("div.fx", found)


def _call(incident: dict[str, Any] | None, running: list[Any], t: Texts) -> Node | None:
    """The call of an open incident; an alert has none before it is set up."""
    if incident is None or incident["state"] not in OPEN_INCIDENTS:
        return None
    return call_parts.of_incident(incident["id"], running, t)


def _since(alert: dict[str, Any]) -> str:
    """When it happened; with the day if it came in on another."""
    return day_clock(alert["occurred_at"], alert["received_at"])


def _late(alert: dict[str, Any], t: Texts) -> Node | None:
    """How much later than it happened the alert came in, or that its time is in doubt."""
    if alert.get("said_at"):
        said = day_clock(alert["said_at"], alert["received_at"])
        return node("span.mid", t("detail.time_doubtful", at=said), data_doubt="time")
    if in_doubt(alert):
        ended = day_clock(alert["expires_at"], alert["received_at"])
        return node("span.mid", t("detail.end_doubtful", at=ended), data_doubt="time")
    delay = alert["received_at"] - alert["occurred_at"]
    if delay < MINUTE:
        return None
    return node("span.mid", t("detail.delay", span=duration(t, delay)))


def _handled(alert: dict[str, Any], t: Texts) -> list[Any]:
    found: list[Any] = []
    if alert["acked_at"]:
        who = t.name(alert.get("acked_by_name"))
        found += fact(t("detail.acked"), f"{clock(alert['acked_at'])} {who}")
    if alert["verified_at"]:
        who = t.name(alert.get("verified_by_name"))
        found += fact(t("detail.verified"), f"{clock(alert['verified_at'])} {who}")
    if alert["note"]:
        found += fact(t("detail.note"), alert["note"])
    return found


def _evidence(alert: dict[str, Any], t: Texts) -> Node:
    trust = alert["confidence"]
    known = (
        t("detail.confidence", value=f"{trust:.2f}") if trust is not None else t("detail.no_trust")
    )
    return node(
        "div",
        section(t("detail.evidence"), known),
        node(
            "div.ev",
            _reading(alert["reading"], t),
            button(t("desk.pictures"), data_do="view", data_view="video"),
        ),
        node("p.words", alert["text"]) if alert["text"] else None,
    )


def _reading(reading: dict[str, Any] | None, t: Texts) -> Node:
    """The measured value that the alert came with, in its unit, against its limit."""
    if not reading or reading.get("value") is None:
        return node("div.mini", node("span.dim", t("detail.no_reading")))
    limit = reading.get("limit") or reading.get("alarm")
    return node(
        "div.mini",
        node("span", str(reading.get("sensor") or reading.get("metric") or "")),
        node("b.n", figure(reading["value"]), node("small", str(reading.get("unit") or ""))),
        node("span.dim", t("detail.limit", value=figure(limit))) if limit is not None else None,
    )


def _similar(alert: dict[str, Any], t: Texts) -> Node:
    similar = alert.get("similar") or []
    if not similar:
        return node(
            "div", section(t("detail.similar")), node("p.words.dim", t("detail.no_similar"))
        )
    lines = [_twin(one, t) for one in similar]
    note = t("detail.merge_hint")
    return node("div", section(t("detail.similar"), note), node("div.dup", lines))


def _twin(one: dict[str, Any], t: Texts) -> Node:
    away = one.get("distance_m")
    return node(
        "label",
        node("input", type="checkbox", name="merge", value=one["id"], checked=True),
        node("b.n", clock(one["occurred_at"], seconds=False)),
        node("span", one["title"]),
        node("span.mid", t("detail.metres", n=round(away)) if away is not None else ""),
    )


def _grade(alert: dict[str, Any] | None, incident: dict[str, Any] | None, t: Texts) -> Node:
    chosen = incident["grade"] if incident else (alert or {}).get("severity")
    suggested = level_name(alert["severity"], t) if alert else t("desk.no_level")
    picks = [
        node(
            "label",
            node("input", type="radio", name="grade", value=n, checked=n == chosen),
            badge(n, t),
            node("span", grade_name(n, t)),
        )
        for n in (1, 2, 3, 4)
    ]
    title = t("detail.grade", level=suggested) if alert else t("detail.graded")
    return node("div", section(title, t("detail.by_person")), node("div.lvpick", picks))


def _actions(picture: dict[str, Any], t: Texts) -> Node:
    """The first steps of the plan that fits, as suggestions."""
    steps, plan = picture.get("steps") or [], picture.get("plan")
    if not steps:
        return node("div", section(t("detail.actions")), node("p.words.dim", t("detail.no_plan")))
    lines = [node("li", t.name(step["text"])) for step in steps[:SUGGESTED]]
    return node("div", section(t("detail.actions"), _plan_name(plan, t)), node("ol.steps", lines))


def _plan_name(plan: Any, t: Texts) -> str:
    if isinstance(plan, dict):
        return t.name(plan.get("name")) or plan.get("id", "")
    return str(plan or "")


def _units(units: list[dict[str, Any]], opened: bool, t: Texts) -> Node:
    units = [one for one in units if one["offered"]]
    if not units:
        hint = t("detail.no_units") if opened else t("detail.units_later")
        return node("div", section(t("detail.units")), node("p.words.dim", hint))
    lines = [_unit(one, t) for one in units[:3]]
    return node("div", section(t("detail.units"), t("recommend.straight")), node("div.fu", lines))


def _unit(unit: dict[str, Any], t: Texts) -> list[Node]:
    eta = minutes(unit["reasons"].get("eta_s"))
    return [
        glyph(unit["force_type"], t, "AVAILABLE"),
        node("span", t.name(unit["name"])),
        node("b.n", t("time.minutes", n=eta) if eta else "—"),
    ]


PANEL = Panel(
    id="detail",
    screens={"desk": "detail"},
    pictures=("incident", "recommend", "calls"),
    skeleton=skeleton,
    props=props,
    subject="alert",
)
