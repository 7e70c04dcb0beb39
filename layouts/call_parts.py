"""What the call panels of desk, wall and phone share: a party's line, a call's marks."""

import json
from typing import Any

from dispatch.vocabulary import PartyState
from layouts.nodes import Node, node
from layouts.texts import Texts
from layouts.wall_parts import tick

STATES = {PartyState.INVITED: "call.invited", PartyState.AWAY: "call.away"}


def party(one: Any, t: Texts, call: str = "") -> Node:
    """One participant. call: with it, the desk's hands stand beside."""
    marks = [node("b", t.name(one["name"]))]
    if one["unit"] and one.get("unit_name"):
        marks.append(node("span.dim", t.name(one["unit_name"])))
    if one["state"] in STATES:
        marks.append(node("span.tag", t(STATES[one["state"]])))
        since = one["invited_at"] if one["state"] == PartyState.INVITED else one["left_at"]
        marks.append(tick("age", since))
    if one["hand_at"] is not None:
        marks.append(node("span.tag", t("call.hand_up"), data_hand="1"))
    if one["muted"]:
        marks.append(node("span.tag", t("call.muted_by_desk")))
    if one["unsigned"]:
        words = t("call.unsigned", order=one["unsigned"]["id"])
        marks.append(node("span.late", words, " ", tick("left", one["unsigned"]["ack_due"])))
    hands = _hands(one, t, call) if call else None
    return node("div.party", node("span.who", *marks), hands, data_party=one["party"],
                data_state=one["state"])  # fmt: skip


def of_incident(id: str, running: list[Any], t: Texts) -> Node:
    """The incident's call in one line: a button into it, who is there, the own hands."""
    on = next((one for one in running if one["incident"] == id), None)
    known = [node("span", t("call.with", n=inside(on))), tick("elapsed", on["opened_at"]),
             recorded(on, t)] if on else []  # fmt: skip
    hands = (("mic", "mic"), ("hang_up", "leave"), ("stage", "stage"))
    own = [
        node("button.btn", t(f"call.{word}"), type="button", data_call=verb) for word, verb in hands
    ]
    choice = unrecorded(t) if on is None else None
    return node(
        "div.callbar",
        node("button.btn", t("call.here"), type="button", data_call="here", data_id=id,
             title=t("call.here_note")),
        choice,
        *known,
        node("span.call-mine", node("span", data_call_state="1", role="status"), *own),
        data_call_of=id,
    )  # fmt: skip


def recorded(row: Any, t: Texts) -> Node:
    words = t("call.recording") if row["recorded"] else t("call.not_recorded")
    return node("span.rec", words, data_on="1" if row["recorded"] else "0")


def unrecorded(t: Texts) -> Node:
    """The choice to open a call without recording it; in sight only where the page offers it."""
    tick = node("input", type="checkbox", name="record", value="false", data_json="false")
    return node("label.unrecorded", tick, " ", t("call.unrecorded"),
                node("small", t("call.unrecorded_note")))  # fmt: skip


def inside(row: Any) -> int:
    """How many are in the call now."""
    return sum(one["state"] == PartyState.JOINED for one in row["parties"])


def _hands(one: Any, t: Texts, call: str) -> Node:
    word = t("call.unmute") if one["muted"] else t("call.mute")
    about = {"call": call, "party": one["party"]}
    mute = json.dumps({**about, "muted": not one["muted"]})
    return node(
        "span.hands",
        node("button.btn", word, type="button", data_act="call.mute", data_body=mute),
        node("button.btn", t("call.remove"), type="button", data_act="call.remove",
             data_body=json.dumps(about), data_hold="600"),
    )  # fmt: skip
