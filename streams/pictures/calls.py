"""Calls: who is in them, whom they wait for, what was kept of them."""

from typing import Any

from sqlalchemy import select

from dispatch.models import call, incident, order, party, private_note, recording
from dispatch.vocabulary import IN_CALL, UNSIGNED, CallState, PartyState, Role
from streams.look import Look, Row
from streams.pictures.picture import Picture, in_scope
from streams.stale import about
from streams.view import View

EVENTS = about("Call")
SHOWN = 200


def running(look: Look, view: View) -> dict[str, Any]:
    """{calls}: those that are on, in order of opening; of the parties those who are in it.

    A call: its row and `incident_title`, `incident_level`, `parties`. A party: its row and
    `name`, `unit_name`, `unsigned` (an order that its unit has not signed for, or None).
    """
    return {"calls": [_whole(look, row) for row in in_scope(_running(look), view)]}


def of_phone(look: Look, view: View) -> dict[str, Any]:
    """{calls, me}: those that a unit's person may be in; the subject is the unit."""
    if not view.subject:
        return {"calls": [], "me": ""}
    me = next((one.id for one in look.city.people if one.unit == view.subject), "")
    mine = {one["call"]: one for one in _parties(look) if one["account"] == me}
    works = {row["incident"] for row in _held(look) if row["unit"] == view.subject}
    shown = [row for row in _running(look) if _for_me(row, mine.get(row["id"]), works)]
    return {"calls": [_whole(look, row) for row in shown], "me": me}


def recordings(look: Look, view: View) -> dict[str, Any]:
    """{recordings}: of an incident (the subject), or the last of all in sight; newest first."""
    where = (recording.c.incident == view.subject,) if view.subject else ()
    rows = look.rows(recording, *where, latest_by=recording.c.started_at, limit=SHOWN)
    names = _names(look)
    seen = [row for row in in_scope(rows, view) if view.role is not Role.RESPONDER]
    return {"recordings": [{**row, "name": _name_of(look, row, names)} for row in seen]}


def _for_me(row: Row, mine: Row | None, works: set[Any]) -> bool:
    if mine is not None:
        return bool(mine["state"] != PartyState.REMOVED)
    return row["incident"] is not None and row["incident"] in works


def _running(look: Look) -> list[Row]:
    return look.once("calls.on", lambda: look.rows(call, call.c.state == CallState.OPEN))


def _parties(look: Look) -> list[Row]:
    ids = [one["id"] for one in _running(look)]
    if not ids:
        return []
    return look.once("calls.parties", lambda: look.rows(party, party.c.call.in_(ids)))


def _held(look: Look) -> list[Row]:
    wanted = order.c.state.in_((*UNSIGNED, "ACKED", "EN_ROUTE", "ON_SCENE"))
    return look.once("calls.orders", lambda: look.rows(order, wanted))


def _whole(look: Look, row: Row) -> Row:
    found = look.find(incident, row["incident"])
    inside = [one for one in _parties(look) if one["call"] == row["id"]]
    names = _names(look)
    return {
        **row,
        "incident_title": found["title"] if found else None,
        "incident_level": found["grade"] if found else None,
        "parties": [
            {**one, "name": _party_name(look, one, names), "unsigned": _unsigned(look, one)}
            for one in inside
            if one["state"] in IN_CALL
        ],
    }


def _unsigned(look: Look, one: Row) -> Row | None:
    for row in _held(look):
        if one["unit"] and row["unit"] == one["unit"] and row["state"] in UNSIGNED:
            return {"id": row["id"], "ack_due": row["ack_due"]}
    return None


def _names(look: Look) -> dict[str, dict[str, str]]:
    """What guests are called, by the id of their place: the desk's word, and their own."""

    def read() -> dict[str, dict[str, str]]:
        kinds = ("name", "said_name")
        query = select(private_note).where(
            private_note.c.realm == look.moment.realm,
            private_note.c.kind.in_(kinds),
            private_note.c.subject.like("TH-%"),
        )
        found: dict[str, dict[str, str]] = {}
        for row in look.all(query):
            found.setdefault(row["subject"], {})[row["kind"]] = row["value"]
        return found

    return look.once("calls.names", read)


def _party_name(look: Look, one: Row, names: dict[str, dict[str, str]]) -> dict[str, str]:
    if one["account"]:
        return look.names.actor(one["account"])
    known = names.get(one["id"], {})
    given = (known[kind] for kind in ("said_name", "name") if kind in known)
    words = " · ".join(dict.fromkeys(given))
    return {"zh": words or one["party"], "en": words or one["party"]}


def _name_of(look: Look, row: Row, names: dict[str, dict[str, str]]) -> dict[str, str] | None:
    if row["party"] is None:
        return None
    id = f"{row['call']}.{row['party']}"
    account = None if id in names else row["party"]
    return _party_name(look, {"id": id, "account": account, "party": row["party"]}, names)


PICTURES = (
    Picture("calls", running, EVENTS | about("Order", "Incident")),
    Picture("phone_calls", of_phone, EVENTS | about("Order"), by_subject=True),
    Picture("recordings", recordings, about("Recording"), by_subject=True, by_role=True),
)
