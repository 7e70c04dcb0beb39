"""The desk's calls: the chosen incident's room, who is in it, links into it, what was kept."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.call_parts import inside, party, recorded, unrecorded
from layouts.kit import given, listed
from layouts.nodes import Node, Row, node, row
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from layouts.times import clock
from layouts.wall_parts import tick
from streams.view import View

LIST, OPEN, RECORDS = "calls-list", "calls-open", "calls-records"
KEPT_SHOWN = 40


def skeleton(t: Texts, _screen: str) -> Component:
    """The calls that are on; the stage is painted by the browser's own script."""
    calls = listed(LIST, t("call.none"), data_tells="calls")
    parts = [listed(OPEN), calls, html.Div(id="call-link"), _stage(t)]
    return html.Div(
        [
            html.H2([t("call.title"), html.Small(id="calls-count")], className="ph"),
            html.Div(parts, className="scr calls"),
            html.Details(
                [html.Summary(t("call.records"), className="btn"),
                 listed(RECORDS, t("call.no_records"))],
                className="records",
            ),
        ],
        className="col",
    )  # fmt: skip


def props(pictures: Pictures, t: Texts, view: View) -> Props:
    shown = pictures["calls"]["calls"]
    kept = pictures["recordings"]["recordings"][:KEPT_SHOWN]
    people = sum(inside(one) for one in shown)
    return {
        (OPEN, "rows"): [row("open", "0", _open(t))],
        (LIST, "rows"): [_call(one, t, n) for n, one in enumerate(shown)],
        ("calls-count", "children"): t("call.with", n=people) if shown else "",
        (RECORDS, "rows"): [_record(one, t, n) for n, one in enumerate(kept)],
    }


def _open(t: Texts) -> Node:
    """Opens the call of the chosen incident, unrecorded if that is ticked."""
    button = node("button.btn", t("call.open"), type="button", title=t("call.pick"),
                  data_act="call.open", data_with="incident")  # fmt: skip
    said = node("span.answer", role="status", data_answer="1", data_call_answer="1")
    return node("div.call-open", button, unrecorded(t), said, data_form="1")


def _stage(t: Texts) -> Component:
    """The own call: its pictures and voices, and the hands for it."""
    buttons = [
        html.Button(t("call.talk_desk"), className="btn", type="button", **given(data_talk="1")),
        *(_button(t(f"call.{name}"), verb) for name, verb in BUTTONS),
    ]
    return html.Div(
        [
            html.P(role="status", className="call-said", **given(data_call_state="1")),
            html.Div(id="call-stage", className="call-stage"),
            html.Div(buttons, className="call-tools"),
        ],
        className="call-own",
    )


BUTTONS = (
    ("mic", "mic"), ("camera", "camera"), ("hand", "hand"),
    ("sound_only", "pictures"), ("hang_up", "leave"),
)  # fmt: skip
"""Word and verb of each hand for the own call."""


def _button(words: str, verb: str) -> Component:
    return html.Button(words, className="btn", type="button", **given(data_call=verb))


def _call(one: Any, t: Texts, n: int) -> Row:
    about = json.dumps({"call": one["id"]})
    title = one["incident_title"] or one["id"]
    top = node("div.call-top", node("b", title), node("span.n", one["id"]),
               tick("elapsed", one["opened_at"]), recorded(one, t))  # fmt: skip
    hands = node(
        "div.call-hands",
        node("button.btn", t("call.join"), type="button", data_call="join", data_id=one["id"]),
        node("button.btn", t("call.listen"), type="button", data_call="listen", data_id=one["id"]),
        node("button.btn", t("call.end"), type="button", data_act="call.end", data_body=about,
             data_hold="800"),
    )  # fmt: skip
    parties = [party(who, t, one["id"]) for who in one["parties"]]
    body = node("div.callbox", top, parties, hands, _link(one, t), data_id=one["id"])
    return row(one["id"], f"{n:03d}", body)


def _link(one: Any, t: Texts) -> Node:
    """A link for somebody without an account: label, button; the code appears beside."""
    return node(
        "div.call-link",
        node("input", name="label", placeholder=t("call.link_for"), maxlength=100,
             aria_label=t("call.link_for")),
        node("button.btn", t("call.link"), type="button", data_call="link", data_id=one["id"],
             title=t("call.link_note")),
        data_form="1",
    )  # fmt: skip


def _record(one: Any, t: Texts, n: int) -> Row:
    """One file: whose, when, what is missing in it; a click plays it."""
    missing = sum(len(track["gaps"]) for track in one["tracks"].values())
    name = t.name(one["name"]) if one["name"] else one["feed"] or ""
    still = one["started_at"] == one["ended_at"]
    when = [clock(one["started_at"])] + ([] if still else ["–", clock(one["ended_at"])])
    marks = [node("b.n", *when), node("span", name)]
    if still:
        marks.append(node("span.tag", t("call.record_still")))
    if missing:
        marks.append(node("span.tag", t("call.record_gap", n=missing)))
    if one["salvaged"]:
        marks.append(node("span.tag", t("call.record_salvaged")))
    if one["deleted_at"] is not None:
        return row(one["id"], f"{n:03d}", node("div.lg", *marks, t("call.record_deleted")))
    address = f"/api/v1/recordings/{one['file']}"
    link = node("a.lg", *marks, href=address, target="_blank", title=one["sha256"])
    return row(one["id"], f"{n:03d}", link)


PANEL = Panel("calls", {"desk": "calls"}, ("calls", "recordings"), skeleton, props)
