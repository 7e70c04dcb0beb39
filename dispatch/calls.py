"""Calls: one room an incident, who is asked into it, who is in it, who was shown out.

Sound and picture go through the media process. What is said here is who may be there; what the
media process sees (who is connected, whose line is lost) comes back through `observe`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from dispatch import canonical, naming, units
from dispatch.access import Actor, meets, require
from dispatch.city import City
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.inputs import Body, Id
from dispatch.log import Row, Work
from dispatch.models import call, incident, order, party
from dispatch.vocabulary import (
    HOLDING,
    IN_CALL,
    OPEN_INCIDENTS,
    CallState,
    PartyState,
    Role,
)

PREFIX = "TH"
SYSTEM = "calls"


class Open(Body):
    """incident: whose room; unit: whom to ask into it. One of both at least."""

    incident: Id | None = None
    unit: Id | None = None
    record: bool = True


class Invite(Body):
    call: Id
    unit: Id


class One(Body):
    call: Id


class Hand(Body):
    call: Id
    up: bool


class About(Body):
    """party: as the call's picture names it."""

    call: Id
    party: Id


class Mute(Body):
    call: Id
    party: Id
    muted: bool


def open_one(work: Work, body: Open, actor: Actor, city: City) -> dict[str, Any]:
    """Open the incident's room, or find the one that is open; ask the unit into it.

    The answer's `recorded` is how the room is: who is not the first in it may have asked otherwise.
    """
    known = _task(work, body, actor, city)
    row = _running(work, known["id"]) if known else None
    if row is None:
        row = _open(work, body, actor, city, known)
    if body.unit:
        _invite(work, row, body.unit, actor, city)
    return {"call": row["id"], "recorded": bool(row["recorded"])}


def invite(work: Work, body: Invite, actor: Actor, city: City) -> dict[str, Any]:
    """Ask a unit into the call: its phone rings."""
    row = _handled(work, body.call, actor)
    return {"call": row["id"], "party": _invite(work, row, body.unit, actor, city)}


def join(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Come into a call; coming back after a lost line is the same."""
    row = running(work, body.call)
    id = _key(row["id"], actor.id)
    known = work.find(party, id)
    _let_in(work, row, known, actor)
    if known is None or known["state"] != PartyState.JOINED:
        values = {} if known else {**_first(row, actor.id, actor), "unit": actor.unit}
        values |= {"joined_at": work.now, "left_at": None, "hand_at": None}
        new = work.put(party, id, **{**values, "state": PartyState.JOINED.value})
        again = known is not None and known["state"] == PartyState.AWAY
        _say(work, "CallJoined", row, new, again=again)
    return {"call": row["id"], "party": actor.id, "path": path(row["id"], actor.id)}


def leave(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Hang up, or decline to come."""
    row = work.get(call, body.call, "call")
    depart(work, row, work.find(party, _key(row["id"], actor.id)))
    return {"call": row["id"]}


def hand(work: Work, body: Hand, actor: Actor, city: City) -> dict[str, Any]:
    """Ask for the word, or give it back."""
    row = running(work, body.call)
    raise_hand(work, row, _here(work, row, actor.id), body.up)
    return {"call": row["id"], "up": body.up}


def mute(work: Work, body: Mute, actor: Actor, city: City) -> dict[str, Any]:
    """Let nobody hear a participant, or let him be heard again."""
    row = _handled(work, body.call, actor)
    known = _here(work, row, body.party)
    if known["muted"] != body.muted:
        new = work.put(party, known["id"], muted=body.muted, hand_at=None)
        _say(work, "CallMuted" if body.muted else "CallUnmuted", row, new)
    return {"call": row["id"], "party": body.party, "muted": body.muted}


def remove(work: Work, body: About, actor: Actor, city: City) -> dict[str, Any]:
    """Show somebody out; he comes back only when he is asked again."""
    row = _handled(work, body.call, actor)
    known = work.get(party, _key(row["id"], body.party), "party")
    if known["state"] != PartyState.REMOVED:
        new = work.put(party, known["id"], state=PartyState.REMOVED.value, left_at=work.now,
                       hand_at=None)  # fmt: skip
        _say(work, "CallRemoved", row, new)
    return {"call": row["id"], "party": body.party}


def end(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Close the call for everybody."""
    row = work.get(call, body.call, "call")
    require(actor, "call.handle", canonical.loads(row["scope_json"]))
    _end(work, row)
    return {"call": row["id"]}


def end_of(work: Work, incident_id: str) -> None:
    """The incident is over, and its call with it."""
    if (row := _running(work, incident_id)) is not None:
        _end(work, row)


def running(work: Work, id: str) -> Row:
    """A call that is on. Raises NotFound, Conflict."""
    row = work.get(call, id, "call")
    if row["state"] != CallState.OPEN:
        raise Conflict("call_over", "call", f"{id} is over")
    return row


def depart(work: Work, row: Row, known: Row | None) -> None:
    """Somebody hangs up."""
    if known is None or known["state"] not in IN_CALL:
        return
    new = work.put(party, known["id"], state=PartyState.LEFT.value, left_at=work.now, hand_at=None)
    _say(work, "CallLeft", row, new, declined=known["state"] == PartyState.INVITED)


def raise_hand(work: Work, row: Row, known: Row, up: bool) -> None:
    if (known["hand_at"] is not None) != up:
        new = work.put(party, known["id"], hand_at=work.now if up else None)
        _say(work, "CallHandRaised" if up else "CallHandLowered", row, new)


def guest(work: Work, row: Row, invited_by: str, number: int) -> Row:
    """A place for somebody without an account; the link leads to it."""
    name = f"g{number}"
    values = _first(row, name, None)
    values |= {"account": None, "invited_by": invited_by, "invited_at": work.now}
    return work.put(party, _key(row["id"], name), **values, state=PartyState.INVITED.value)


def arrive(work: Work, row: Row, known: Row) -> None:
    """A guest has come by his link, or comes back."""
    if known["state"] == PartyState.REMOVED:
        raise Forbidden("not_in_call", "call", "not in this call any more")
    if known["state"] != PartyState.JOINED:
        again = known["state"] == PartyState.AWAY
        new = work.put(party, known["id"], state=PartyState.JOINED.value, joined_at=work.now,
                       left_at=None)  # fmt: skip
        _say(work, "CallJoined", row, new, again=again)


def observe(work: Work, present: Mapping[str, Iterable[str]], grace_ms: int) -> dict[str, Any]:
    """Take what the media process sees: who is connected to which call.

    Who is not is AWAY once `grace_ms` have passed since he joined; who is again, JOINED.
    """
    changed = []
    for row in work.rows(call, call.c.state == CallState.OPEN):
        here = set(present.get(row["id"], ()))
        states = (PartyState.JOINED, PartyState.AWAY)
        mine = (party.c.call == row["id"], party.c.state.in_(states))
        for known in work.rows(party, *mine):
            connected = known["party"] in here
            if connected and known["state"] == PartyState.AWAY:
                new = work.put(party, known["id"], state=PartyState.JOINED.value, left_at=None)
                _say(work, "CallJoined", row, new, again=True)
                changed.append(known["id"])
            late = work.now - (known["joined_at"] or 0) > grace_ms
            if not connected and late and known["state"] == PartyState.JOINED:
                new = work.put(party, known["id"], state=PartyState.AWAY.value, left_at=work.now,
                               hand_at=None)  # fmt: skip
                _say(work, "CallLost", row, new)
                changed.append(known["id"])
    return {"changed": changed}


@dataclass(frozen=True)
class Running:
    """A call that is on, and who may be in it, as the media process must know it."""

    id: str
    recorded: bool
    parties: tuple[Row, ...]


def all_running(connection: Connection, realm: str) -> list[Running]:
    """Every call that is on."""
    now = (call.c.realm == realm, call.c.to_seq.is_(None), call.c.state == CallState.OPEN)
    rows = [dict(one) for one in connection.execute(select(call).where(*now)).mappings()]
    mine = (party.c.realm == realm, party.c.to_seq.is_(None), party.c.state.in_(IN_CALL))
    known = [dict(one) for one in connection.execute(select(party).where(*mine)).mappings()]
    return [
        Running(row["id"], row["recorded"], tuple(p for p in known if p["call"] == row["id"]))
        for row in rows
    ]


def path(id: str, name: str) -> str:
    """What a participant sends to and receives from."""
    return f"call/{id}/{name}"


def _key(id: str, name: str) -> str:
    return f"{id}.{name}"[:64]


def _task(work: Work, body: Open, actor: Actor, city: City) -> Row | None:
    """The incident of a call: the one that is named, or the one that the unit works on."""
    id = body.incident or (_work_of(work, body.unit) if body.unit else None)
    if id is None and body.unit is None:
        raise Invalid("nobody_to_call", "incident", "name an incident or a unit")
    if id is None:
        return None
    row = work.get(incident, id, "incident")
    require(actor, "call.open", canonical.loads(row["scope_json"]))
    if row["state"] not in OPEN_INCIDENTS:
        raise Conflict("incident_over", "incident", f"{id} is {row['state']}")
    return row


def _work_of(work: Work, unit: str) -> str | None:
    held = work.rows(order, order.c.unit == unit, order.c.state.in_(HOLDING))
    return str(held[-1]["incident"]) if held else None


def _works_on(work: Work, row: Row, unit: str | None) -> bool:
    """Whether the unit works on the call's incident; nobody works on that of a call without one."""
    if unit is None or row["incident"] is None:
        return False
    return _work_of(work, unit) == row["incident"]


def _is_asked(work: Work, row: Row, unit: str | None) -> bool:
    mine = (party.c.call == row["id"], party.c.unit == unit, party.c.state.in_(IN_CALL))
    return unit is not None and bool(work.rows(party, *mine))


def _running(work: Work, incident_id: str) -> Row | None:
    mine = (call.c.incident == incident_id, call.c.state == CallState.OPEN)
    found = work.rows(call, *mine)
    return found[0] if found else None


def _open(work: Work, body: Open, actor: Actor, city: City, known: Row | None) -> Row:
    scope = canonical.loads(known["scope_json"]) if known else _scope_of(body, city)
    require(actor, "call.open", scope)
    id = naming.next_id(work, PREFIX, city.settings.timezone)
    row = work.put(
        call,
        id,
        incident=known["id"] if known else None,
        state=CallState.OPEN.value,
        scope_json=canonical.dumps(scope),
        recorded=body.record,
        opened_by=actor.id,
        opened_at=work.now,
    )
    _tell(work, "CallOpened", row, recorded=body.record)
    return row


def _scope_of(body: Open, city: City) -> list[str]:
    assert body.unit is not None
    return [units.find(city, body.unit).district]


def _invite(work: Work, row: Row, unit: str, actor: Actor, city: City) -> str:
    units.find(city, unit)
    crew = next((one for one in city.people if one.unit == unit), None)
    if crew is None:
        raise Invalid("nobody_to_call", "unit", f"{unit} has no person to call", {"unit": unit})
    id = _key(row["id"], crew.id)
    known = work.find(party, id)
    if known is None or known["state"] not in (PartyState.JOINED, PartyState.INVITED):
        values = {} if known else {**_first(row, crew.id, actor), "unit": unit}
        values |= {"muted": False, "invited_at": work.now, "invited_by": actor.id}
        new = work.put(party, id, **{**values, "state": PartyState.INVITED.value})
        _say(work, "CallInvited", row, new)
    return crew.id


def _first(row: Row, name: str, actor: Actor | None) -> Row:
    return {
        "call": row["id"],
        "party": name,
        "account": name,
        "muted": False,
        "invited_by": actor.id if actor else "",
        "invited_at": row["opened_at"],
    }


def _let_in(work: Work, row: Row, known: Row | None, actor: Actor) -> None:
    """Raise Forbidden unless this person may be in the call."""
    scope = canonical.loads(row["scope_json"])
    if known is not None and known["state"] == PartyState.REMOVED:
        raise Forbidden("not_in_call", "call", "shown out of this call; to be asked again first")
    if known is not None:
        return
    if actor.role is Role.RESPONDER:
        if not (_works_on(work, row, actor.unit) or _is_asked(work, row, actor.unit)):
            raise Forbidden("not_in_call", "call", "not asked into this call")
    elif not meets(actor.scope, scope):
        raise Forbidden("out_of_scope", "call", "outside your jurisdiction")


def _here(work: Work, row: Row, name: str) -> Row:
    known = work.get(party, _key(row["id"], name), "party")
    if known["state"] not in IN_CALL:
        raise Conflict("not_in_call", "party", f"{name} is not in the call")
    return known


def _handled(work: Work, id: str, actor: Actor) -> Row:
    row = running(work, id)
    require(actor, "call.handle", canonical.loads(row["scope_json"]))
    return row


def _end(work: Work, row: Row) -> None:
    if row["state"] != CallState.OPEN:
        return
    new = work.put(call, row["id"], state=CallState.ENDED.value, ended_at=work.now)
    for known in work.rows(party, party.c.call == row["id"], party.c.state.in_(IN_CALL)):
        work.put(party, known["id"], state=PartyState.LEFT.value, left_at=work.now, hand_at=None)
    _tell(work, "CallEnded", new)


def _say(work: Work, type: str, row: Row, who: Row, **body: Any) -> None:
    """Say what happened to somebody's part in a call."""
    _tell(work, type, row, party=who["party"], unit=who["unit"], **body)


def _tell(work: Work, type: str, row: Row, **body: Any) -> None:
    work.emit(type, row["id"], canonical.loads(row["scope_json"]), body, row["incident"])
