"""Units lent and asked for, units that two incidents want, and what is left."""

from collections import Counter
from typing import Any

from dispatch.access import covers, meets
from dispatch.mode import effective
from dispatch.models import loan
from dispatch.scoring import Need
from dispatch.vocabulary import (
    HOLDING,
    ActivationState,
    ForceType,
    LoanState,
    Mode,
    OrderState,
    Role,
    UnitStatus,
)
from streams.look import Look, Row
from streams.pictures.contention import DECIDE_MS, asked_since, weigh
from streams.pictures.picture import Picture
from streams.pictures.recommend import ranked
from streams.rows import current_activations, open_incidents, orders, unit_rows
from streams.stale import INCIDENT, LOAN, MODE, ORDER, UNIT
from streams.view import View

COVER = {ForceType.FIR: 1}
"""How many free units of a force each district keeps, as the recommendation warns."""


def loans(look: Look, view: View) -> dict[str, Any]:
    """{lent, borrowed, requests, asked, wanted, left}: as seen from the view's districts.

    requests: what waits for an answer from here; asked: what was asked from here, and its answer.
    """
    incidents = {row["id"]: row for row in open_incidents(look)}
    held = [row for row in orders(look) if row["state"] in HOLDING and row["unit"]]
    away = _away(look, incidents, held)
    asked = [_request(look, row, incidents[row["incident"]]) for row in _loans(look)]
    return {
        "lent": [row for row in away if meets(view.scope, [row["from"]])],
        "borrowed": [
            row
            for row in away
            if meets(view.scope, row["to"]) and not meets(view.scope, [row["from"]])
        ],
        "requests": [
            {**row, **_without(look, row)}
            for row in asked
            if row["state"] == LoanState.ASKED and covers(view.scope, [row["from"]])
        ],
        "asked": [row for row in asked if meets(view.scope, row["to"])],
        "wanted": _wanted(look, view, incidents, held),
        "left": _left(look, view),
    }


def _away(look: Look, incidents: dict[str, Row], held: list[Row]) -> list[Row]:
    """Units that are lent, and those that a leader sent out of their district without asking."""
    working = {row["unit"]: row for row in held}
    lent = [row for row in _loans(look) if row["state"] == LoanState.LENT]
    found = [
        {
            **_loan(look, working.get(row["unit"]) or row, incidents[row["incident"]]),
            "loan": row["id"],
            "since": row["answered_at"],
            "minutes": row["minutes"],
            "due_back": row["due_back"],
            "over": row["due_back"] is not None and row["due_back"] <= look.moment.now,
            "silent": row["answered_by"] is None,
        }
        for row in lent
    ]
    known = {row["unit"] for row in lent}
    unasked = [one for one in held if one["unit"] not in known]
    sent = [_loan(look, one, incidents[one["incident"]]) for one in unasked]
    return found + [row for row in sent if not meets(row["to"], [row["from"]])]


def _loans(look: Look) -> list[Row]:
    """Every loan and request of the open incidents, the latest of a unit and incident alone."""
    ids = [one["id"] for one in open_incidents(look)]
    if not ids:
        return []
    rows = look.once("loans", lambda: look.rows(loan, loan.c.incident.in_(ids)))
    return list({(row["unit"], row["incident"]): row for row in rows}.values())


def _request(look: Look, row: Row, task: Row) -> Row:
    """A request as both sides see it. silence: what no answer means."""
    active = [one for one in current_activations(look) if one["state"] == ActivationState.ACTIVE]
    war = effective(active, task["scope"])[0] is Mode.WARTIME
    said = ("purpose", "minutes", "answer_due", "asked_at", "asked_by_name", "note", "answered_at",
            "answered_by_name")  # fmt: skip
    return {
        **_loan(look, row, task),
        **{name: row.get(name) for name in said},
        "loan": row["id"],
        "incident_level": task["grade"],
        "silent": row["answered_by"] is None,
        "silence": LoanState.LENT.value if war else LoanState.LAPSED.value,
    }


def _without(look: Look, row: Row) -> Row:
    """What the district has left of this force without the unit, and who else would cover it."""
    known = look.board.units[row["unit"]]
    left = next(
        one
        for one in _left(look, View(Role.OFFICER, (known.district,)))
        if one["force_type"] == known.force_type
    )
    near = ranked(look, Need(known.force_type, known.lat, known.lon))
    others = [o for o in near if o.offered and o.id != known.id and o.eta_s is not None]
    cover = min(others, key=lambda one: (one.eta_s or 0, one.id), default=None)
    return {
        "members": known.members,
        "after": max(0, left["free"] - 1),
        "total": left["total"],
        "floor": left["floor"],
        "cover": look.names.unit(cover.id) if cover else None,
        "cover_s": cover.eta_s if cover else None,
    }


def _loan(look: Look, row: Row, task: Row) -> Row:
    """An order or a loan of a unit: whose it is, for which incident."""
    known = look.board.units.get(row["unit"])
    home = known.district if known else ""
    return {
        "id": row["id"],
        "unit": row["unit"],
        "unit_name": row.get("unit_name"),
        "force_type": known.force_type if known else None,
        "state": row["state"],
        "since": row.get("issued_at"),
        "incident": task["id"],
        "incident_title": task["title"],
        "from": home,
        "from_name": look.names.districts([home])[0] if home else None,
        "to": task["scope"],
        "to_names": task["scope_names"],
    }


def _wanted(look: Look, view: View, incidents: dict[str, Row], held: list[Row]) -> list[Row]:
    """Drafts that ask for a unit which another incident's order holds, the oldest first.

    since: from when both wanted it; due: until when a person should say who gets it.
    """
    holders = {row["unit"]: row for row in held}
    found = []
    for row in orders(look):
        holder = holders.get(row["unit"])
        if row["state"] != OrderState.DRAFT or holder is None:
            continue
        asks, holds = incidents[row["incident"]], incidents[holder["incident"]]
        if asks is holds or not meets(view.scope, [*asks["scope"], *holds["scope"]]):
            continue
        shown = {**_loan(look, row, asks), "holder": _loan(look, holder, holds)}
        since = max(asked_since(look, row), holder["issued_at"])
        weighed = weigh(look, row, holder, incidents)
        found.append({**shown, "since": since, "due": since + DECIDE_MS})
        found[-1] |= {"level": min(asks["grade"], holds["grade"]), "weighed": weighed}
    return sorted(found, key=lambda one: (one["due"], one["id"]))


def _left(look: Look, view: View) -> list[Row]:
    """Each force of the districts: how many are free, of how many, and how many should stay."""
    states = unit_rows(look)
    lent = {row["unit"] for row in _loans(look) if row["state"] == LoanState.LENT}
    mine = [one for one in look.city.units if meets(view.scope, (one.district,))]
    whole = Counter(one.force_type for one in mine)
    free = Counter(
        one.force_type
        for one in mine
        if one.id not in lent
        and (one.id not in states or states[one.id]["status"] == UnitStatus.AVAILABLE)
    )
    districts = {one.district for one in mine}
    return [
        {
            "force_type": force.value,
            "free": free[force],
            "total": whole[force],
            "floor": COVER.get(force, 0) * len(districts),
        }
        for force in ForceType
        if whole[force]
    ]


PICTURES = (Picture("loans", loans, ORDER | INCIDENT | UNIT | LOAN | MODE),)
"""What changes with every order and loan that takes or frees a unit."""
