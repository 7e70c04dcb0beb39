"""What the wall shows of an incident, who put what there, and who watches which camera."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dispatch.access import covers, meets
from dispatch.models import alert, incident, upload, viewing, wall_layout, wall_push
from dispatch.vocabulary import Mode, Role
from streams.autowall import Eye, Pick, Push, choose
from streams.look import Look, Row
from streams.pictures.activations import activations
from streams.pictures.drones import flying
from streams.pictures.feeds import feeds, heard
from streams.pictures.picture import Picture, in_scope
from streams.pictures.senders import senders
from streams.stale import ACTIVATION, INCIDENT, about
from streams.view import View

CELLS, QUIET_CELLS = 4, 3
TURN_MS = 60_000
SPARES = 3
UPLOADS = 12


def autowall(look: Look, view: View) -> dict[str, Any]:
    """{incident, alert, title, cells, picks, spares, wall}: pictures of the thing that is open.

    picks: the places and their pictures; spares: what follows; wall: what the walls of this
    jurisdiction show now. watched: leave to watch, by picture.
    """
    known = _known(look, view)
    pushes = _pushes(look, view)
    subject = _opened(look, view) if view.subject else _ruling(look, view)
    shown = _shown(look, view, known, subject, [] if view.subject else pushes)
    wall = shown
    if view.subject:
        seen = _known(look, replace(view, role=Role.WALL))
        wall = _shown(look, view, seen, _ruling(look, view), pushes)
    kind = "alert" if subject and "incident" in subject else "incident"
    return {
        "incident": None,
        "alert": None,
        **({kind: subject["id"]} if subject else {}),
        "title": subject["title"] if subject else "",
        **shown,
        "wall": [{"slot": one["slot"], "name": one["name"]} for one in wall["picks"]],
        "pushed": [_pushed(look, row, known) for row in pushes],
        "watched": _watched(look, view),
        "cells_set": _cells(look, view),
        "uploads": _uploads(look, subject["id"]) if subject and view.subject else [],
    }


def _uploads(look: Look, incident_id: str) -> list[Row]:
    """Photos and videos from the scene of an incident, the newest first."""
    kept = ("id", "kind", "unit", "unit_name", "taken_at", "received_at", "sha256", "size")
    rows = look.rows(upload, upload.c.incident == incident_id)
    return [{name: row[name] for name in kept} for row in reversed(rows)][:UPLOADS]


def _known(look: Look, view: View) -> dict[str, Row]:
    """Every picture by its path: the registry's cameras, drones that fly, phones that send.

    A drone may fly and send no picture: whether there is one, the media process says.
    """
    return look.once(("autowall.known", view.role, view.scope), lambda: _all(look, view))


def _all(look: Look, view: View) -> dict[str, Row]:
    cameras = {row["path"]: {**row, "drone": False} for row in feeds(look, view)["feeds"]}
    drones = {
        feed: {**row, **heard(look, feed), "drone": True, "sub": ""}
        for row in flying(look, view)
        for feed in [row["feed"]]
    }
    phones = {row["path"]: row for row in senders(look, view)}
    return cameras | drones | phones


def _eye(feed: str, row: Row) -> Eye:
    return Eye(
        feed=feed,
        lat=row["lat"],
        lon=row["lon"],
        heading=row.get("heading") or 0.0,
        fov=row.get("fov") or 0.0,
        state=row["state"],
        playable=row["playable"],
        drone=row["drone"],
        looks_at=tuple(row["centre"]) if row.get("centre") else None,
    )


def _shown(
    look: Look, view: View, known: Mapping[str, Row], subject: Row | None, pushes: list[Row]
) -> dict[str, Any]:
    target = (subject["lat"], subject["lon"]) if subject else None
    cells = _cells(look, view) if target else QUIET_CELLS
    turn = look.moment.now // TURN_MS
    eyes = [_eye(feed, row) for feed, row in known.items() if row["lat"] is not None]
    asked = [Push(row["id"], row["slot"], row["feed"]) for row in pushes]
    choice = choose(eyes, target, cells, asked, turn)
    return {
        "cells": cells,
        "picks": [_row(pick, known) for pick in choice.picks],
        "spares": [_row(pick, known) for pick in choice.spares[:SPARES]],
    }


def _row(pick: Pick, known: Mapping[str, Row]) -> Row:
    about = known[pick.feed]
    kept = (
        "name",
        "sub",
        "state",
        "reason",
        "since",
        "last_frame_at",
        "playable",
        "recordable",
        "small",
        "drone",
    )
    instead = known.get(pick.instead_of or "")
    return {
        **{name: about.get(name) for name in kept},
        "slot": pick.slot,
        "feed": pick.feed,
        "why": pick.why.value,
        "distance_m": pick.distance_m,
        "bearing": pick.bearing,
        "alt": about.get("alt"),
        "instead_of": instead["name"] if instead else None,
        "push": pick.push,
    }


def _opened(look: Look, view: View) -> Row | None:
    """What the view has open, if it is of its jurisdiction."""
    found = _subject(look, view.subject)
    return found if found and in_scope([found], view) else None


def _subject(look: Look, id: str) -> Row | None:
    """The incident, or the alert, that is open; only one that has a place."""
    found = look.find(incident, id) or look.find(alert, id)
    if found and found.get("incident"):
        found = look.find(incident, found["incident"]) or found
    return found if found and found["lat"] is not None else None


def _ruling(look: Look, view: View) -> Row | None:
    """The incident for which this jurisdiction is at war, if it is."""
    now = look.once(("activations", view.scope), lambda: activations(look, view))
    first = next(iter(now["active"]), None)
    if first is None or first["mode"] != Mode.WARTIME:
        return None
    return _subject(look, first["incident"])


def _pushes(look: Look, view: View) -> list[Row]:
    """What was put on walls of this jurisdiction and has not run out, the own before wider ones."""
    rows = look.once("wall_push", lambda: look.rows(wall_push))
    mine = [row for row in rows if covers(row["scope"], view.scope)]
    running = [row for row in mine if row["until"] > look.moment.now]
    own = {row["slot"]: row for row in running if set(row["scope"]) == set(view.scope)}
    return [row for row in running if own.get(row["slot"], row) is row]


def _pushed(look: Look, row: Row, known: Mapping[str, Row]) -> Row:
    kept = ("id", "slot", "feed", "until", "reason", "pushed_by")
    named = known.get(row["feed"])
    return {
        **{name: row[name] for name in kept},
        "name": named["name"] if named else None,
        "by_name": look.names.actor(row["pushed_by"]),
    }


def _cells(look: Look, view: View) -> int:
    rows = look.once("wall_layout", lambda: look.rows(wall_layout))
    mine = [row for row in rows if covers(row["scope"], view.scope)]
    mine.sort(key=lambda row: set(row["scope"]) != set(view.scope))
    return int(mine[0]["cells"]) if mine else CELLS


def _watched(look: Look, view: View) -> dict[str, list[Row]]:
    """Leave to watch that has not run out: {path: [{id, by, name, reason, until}]}."""
    found: dict[str, list[Row]] = {}
    for row in look.once("viewing", lambda: look.rows(viewing)):
        if row["until"] > look.moment.now and meets(view.scope, row["scope"]):
            said = {name: row[name] for name in ("id", "reason", "incident", "since", "until")}
            by = {"by": row["watched_by"], "name": look.names.actor(row["watched_by"])}
            found.setdefault(row["feed"], []).append({**said, **by})
    return found


STALE = ACTIVATION | INCIDENT | about("Wall", "Viewing", "Upload", "Sending")
"""Not alerts: it is taken anew each second, and its choice costs more than all else of an alert."""

PICTURES = (Picture("autowall", autowall, STALE, every_s=1.0, by_subject=True, by_role=True),)
