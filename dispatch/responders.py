"""What a responder's phone tells besides answers to orders: place, safety, call for help.

A place is shared only when its owner says so, and no longer than the order runs. The safety timer
is asked for by the responder too; when it runs out unheard, the desks are alarmed.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Table

from dispatch import alerts, canonical
from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.errors import Conflict, Forbidden
from dispatch.inputs import Body, Id, Lat, Lon, MaybeLine, Millis
from dispatch.log import Row, Work
from dispatch.models import incident, order, safety, sharing
from dispatch.units import find
from dispatch.vocabulary import HOLDING, Category, Level, OrderState, TimerKind

MINUTE_MS = 60_000
RUNNING, DOWN = "RUNNING", "DOWN"
SOURCE = "phone"
"""The source of alerts that a responder's phone raises."""


class Share(Body):
    order: Id
    on: bool
    at: Millis | None = None


class Watch(Body):
    """minutes: how long the unit may be silent; 0 ends the timer. text: what its alarm will say."""

    order: Id
    text: MaybeLine = ""
    minutes: Annotated[int, Field(ge=0, le=120)]
    at: Millis | None = None


class Safe(Body):
    order: Id
    at: Millis | None = None


class Help(Body):
    order: Id
    lat: Lat | None = None
    lon: Lon | None = None
    text: MaybeLine = ""
    at: Millis | None = None


def share(work: Work, body: Share, actor: Actor, city: City) -> dict[str, Any]:
    """Begin or stop to share the unit's place."""
    row = own(work, body.order, actor, running=body.on)
    if turn(work, sharing, row, body.on, shared_by=actor.id):
        _say(work, "SharingStarted" if body.on else "SharingEnded", row, city)
    return {"order": row["id"], "on": body.on}


def turn(work: Work, table: Table, row: Row, on: bool, **by: str) -> bool:
    """Begin or end what a unit gives while its order runs; whether that changed anything."""
    known = work.find(table, row["unit"])
    if on and (known is None or known["dispatch_order"] != row["id"]):
        work.put(table, row["unit"], dispatch_order=row["id"], since=work.now, **by)
        return True
    if not on and known is not None:
        work.end(table, row["unit"])
        return True
    return False


def watch(work: Work, body: Watch, actor: Actor, city: City) -> dict[str, Any]:
    """Start the safety timer, change it, or end it."""
    row = own(work, body.order, actor, running=body.minutes > 0)
    if body.minutes == 0:
        _stop(work, row, city)
        return {"order": row["id"], "due_at": None}
    new = _run(work, row, body.minutes, body.text)
    _say(work, "SafetyStarted", row, city, minutes=body.minutes, due_at=new["due_at"])
    return {"order": row["id"], "due_at": new["due_at"]}


def safe(work: Work, body: Safe, actor: Actor, city: City) -> dict[str, Any]:
    """The unit is well: the timer begins anew, an alarm that it raised is answered."""
    row = own(work, body.order, actor, running=False)
    known = work.find(safety, row["unit"])
    if known is None:
        return {"order": row["id"], "due_at": None}
    new = _run(work, row, known["minutes"], known["words"])
    _say(work, "SafetyConfirmed", row, city, at=_when(work, body.at), was=known["state"])
    return {"order": row["id"], "due_at": new["due_at"]}


def ask_help(work: Work, body: Help, actor: Actor, city: City) -> dict[str, Any]:
    """The unit needs help now."""
    row = own(work, body.order, actor, running=False)
    at = _when(work, body.at)
    place = (body.lat, body.lon) if body.lat is not None and body.lon is not None else None
    alarm = _Alarm("responder_help", f"{row['id']}-help-{work.seq}", body.text, at, place)
    id = _raise(work, city, row, alarm)
    _say(work, "HelpAsked", row, city, alert=id, at=at, text=body.text)
    return {"order": row["id"], "alert": id}


def silent(work: Work, city: City, fired: Row) -> None:
    """The safety timer has run out: the desks are told, by an alert of the highest level but one.

    An order that ended meanwhile ends its timer.
    """
    known = work.find(safety, fired["subject"])
    if known is None or known["state"] == DOWN:
        return
    row = work.get(order, known["dispatch_order"])
    if row["state"] not in HOLDING:
        work.end(safety, known["id"])
        _say(work, "SafetyEnded", row, city)
        return
    number = f"{row['id']}-silent-{known['due_at']}"
    alarm = _Alarm("responder_down", number, known["words"], known["due_at"])
    id = _raise(work, city, row, alarm)
    work.put(safety, known["id"], state=DOWN, alert=id)
    _say(work, "PersonDown", row, city, alert=id, heard_at=known["heard_at"])


def shares(work_row: Row | None, order_row: Row | None) -> bool:
    """Whether a unit's place may be taken: it was shared for an order that still runs."""
    return (
        work_row is not None
        and order_row is not None
        and order_row["id"] == work_row["dispatch_order"]
        and order_row["state"] in HOLDING
    )


def own(work: Work, id: str, actor: Actor, running: bool) -> Row:
    """An order to the actor's own unit; `running` asks that it has not ended."""
    row = work.get(order, id, "order")
    require(actor, "order.answer")
    if row["unit"] is None or row["unit"] != actor.unit or row["state"] == OrderState.DRAFT:
        raise Forbidden("not_your_order", "order", f"{id} is not an order to your unit")
    if running and row["state"] not in HOLDING:
        raise Conflict("order_closed", "order", f"{id} is {row['state']}")
    return row


def _run(work: Work, row: Row, minutes: int, words: str) -> Row:
    due = work.now + minutes * MINUTE_MS
    new = work.put(
        safety,
        row["unit"],
        dispatch_order=row["id"],
        incident=row["incident"],
        state=RUNNING,
        minutes=minutes,
        words=words,
        heard_at=work.now,
        due_at=due,
        alert=None,
    )
    disarm(work, row["unit"], TimerKind.SAFETY)
    arm(work, TimerKind.SAFETY, row["unit"], due)
    return new


def _stop(work: Work, row: Row, city: City) -> None:
    if work.find(safety, row["unit"]) is not None:
        disarm(work, row["unit"], TimerKind.SAFETY)
        work.end(safety, row["unit"])
        _say(work, "SafetyEnded", row, city)


@dataclass(frozen=True)
class _Alarm:
    """words: as the phone says it; place: where the phone is, if it says so."""

    type: str
    number: str
    words: str
    at: int
    place: tuple[float, float] | None = None


def _raise(work: Work, city: City, row: Row, alarm: _Alarm) -> str:
    """An alert at the incident's place, or where the phone says it is; its number."""
    scene = work.get(incident, row["incident"])
    lat, lon = alarm.place or (scene["lat"], scene["lon"])
    parts = (alarm.words, find(city, row["unit"]).name_zh, row["id"])
    raised = alerts.Incoming(
        source=SOURCE,
        ext_id=alarm.number,
        title=" · ".join(part for part in parts if part),
        category=Category.ACCIDENT,
        type=alarm.type,
        severity=Level.II,
        lat=lat,
        lon=lon,
        place=scene["place"],
        district=canonical.loads(row["scope_json"])[0] if lat is None else None,
        occurred_at=alarm.at,
        sent_at=work.now,
    )
    return str(alerts.receive(work, city, raised)["alert"])


def _when(work: Work, at: int | None) -> int:
    return work.now if at is None else min(at, work.now)


def _say(work: Work, type: str, row: Row, city: City, **body: Any) -> None:
    scope = canonical.loads(row["scope_json"])
    work.emit(type, row["id"], scope, {"unit": row["unit"], **body}, row["incident"])
