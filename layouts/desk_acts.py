"""The desk's action bar: what can be done with the chosen alert or incident, and by whom."""

import json
from typing import Any

from dispatch.access import LEAD
from dispatch.vocabulary import OPEN_ALERTS, OPEN_INCIDENTS, AlertState, IncidentState
from layouts import harm
from layouts.desk_parts import answer, button, press
from layouts.nodes import Node, node
from layouts.texts import Texts
from streams.view import View

Bar = list[tuple[str, Node | None]]


def bar(
    alert: dict[str, Any] | None,
    incident: dict[str, Any] | None,
    activation: dict[str, Any] | None,
    view: View,
    t: Texts,
) -> Bar:
    """The lines of the bar: fields that a button asks for, buttons, the answer."""
    opened = incident is not None and incident["state"] in OPEN_INCIDENTS
    if opened and incident is not None:
        body = [("lines", _incident_lines(t)), ("acts", _incident_acts(incident, t))]
    elif alert is not None and alert["state"] in OPEN_ALERTS:
        body = [("lines", _alert_lines(t)), ("acts", _alert_acts(alert, t))]
    else:
        body = [("acts", node("p.words.dim", t("acts.closed")))]
    return [*body, ("war", _war(opened, activation, view, t)), ("answer", answer())]


def _alert_acts(alert: dict[str, Any], t: Texts) -> Node:
    """Acknowledge, verify, set up: the next of the three stands out."""
    state = alert["state"]
    confirmed, new = state == AlertState.CONFIRMED, state == AlertState.NEW
    twins = bool(alert.get("similar"))
    return node(
        "div.acts",
        press("alert.acknowledge", t("acts.acknowledge"), "A", _kind(new), data_with="alert",
              disabled=not new),
        button(t("acts.verify"), "V", _kind(state == AlertState.ACKNOWLEDGED), data_do="line",
               data_for="verify", disabled=confirmed),
        button(t("acts.set_up"), "E", _kind(confirmed), data_do="set-up", disabled=not confirmed,
               title=None if confirmed else t("acts.verify_first")),
        button(t("acts.merge"), "M", data_do="merge", disabled=not twins),
        button(t("acts.dismiss"), "X", data_do="line", data_for="dismiss"),
        button(t("acts.log"), "N", disabled=True, title=t("acts.needs_incident")),
    )  # fmt: skip


def _incident_acts(incident: dict[str, Any], t: Texts) -> Node:
    controlled = incident["state"] == IncidentState.CONTROLLED
    return node(
        "div.acts",
        button(
            t("acts.dispatch"), "D", _kind(not controlled), data_do="view", data_view="dispatch"
        ),
        button(t("acts.regrade"), "G", data_do="regrade"),
        press(
            "incident.control", t("acts.control"), "K", data_with="incident", disabled=controlled
        ),
        button(t("acts.log"), "N", data_do="line", data_for="note"),
        button(t("harm.enter"), "B", data_do="line", data_for="facts"),
        button(t("acts.end"), "X", _kind(controlled), data_do="line", data_for="end"),
        button(t("standdown.open"), "J", data_do="view", data_view="standdown"),
    )


def _war(opened: bool, activation: dict[str, Any] | None, view: View, t: Texts) -> Node:
    """Propose standby or wartime: needs an incident and a person who may lead."""
    if activation and activation["state"] == "ACTIVE":
        return node("p.words.dim", t("acts.active", id=activation["id"]))
    allowed = view.role in LEAD
    label = t("acts.propose") if opened else t("acts.propose_later")
    note = None if allowed else t("acts.needs_lead")
    return node(
        "div.acts.one",
        button(label if allowed else f"{label} · {note}", "Alt+W", "danger", data_do="side",
               data_side="activate", data_anywhere="1", disabled=not (opened and allowed),
               title=note),
    )  # fmt: skip


def _alert_lines(t: Texts) -> Node:
    return node(
        "div",
        ask(
            "verify", "alert.verify", "note", "alert", t("acts.verify_note"), t("acts.verify_do"), t
        ),
        ask(
            "dismiss", "alert.dismiss", "reason", "alert", t("acts.reason"), t("acts.dismiss_do"), t
        ),
    )


def _incident_lines(t: Texts) -> Node:
    return node(
        "div",
        ask("note", "incident.note", "text", "incident", t("acts.note_text"), t("acts.note_do"), t),
        ask("end", "incident.end", "reason", "incident", t("acts.reason"), t("acts.end_do"), t),
        harm.form(t),
    )


def ask(line: str, command: str, name: str, about: str, hint: str, label: str, t: Texts) -> Node:
    """A field that stays folded until its button asks for it, about the chosen thing."""
    return _ask(line, command, name, hint, label, t, data_with=about)


def ask_with(
    line: str, command: str, name: str, body: dict[str, Any], hint: str, label: str, t: Texts
) -> Node:
    """The same about a thing that is known beforehand."""
    return _ask(line, command, name, hint, label, t, data_body=json.dumps(body))


def _ask(line: str, command: str, name: str, hint: str, label: str, t: Texts, **about: str) -> Node:
    """Enter sends, Esc folds."""
    field = node("input", name=name, type="text", maxlength=500, placeholder=hint, aria_label=hint,
                 autocomplete="off")  # fmt: skip
    send = press(command, label, "", "primary", data_need=name, data_enter="1", **about)
    fold = node("span.dim", node("kbd", "Enter"), " ", node("kbd", "Esc"), title=t("acts.fold"))
    return node("div.askline", field, send, fold, data_line=line, data_form="1")


def _kind(first: bool) -> str:
    return "primary" if first else ""
