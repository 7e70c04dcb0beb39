"""What people at the desk do with an alert, and what happens when nobody does."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import insert

from dispatch import alerts, canonical, jumps, merging
from dispatch.access import Actor, require
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.errors import Conflict, Invalid
from dispatch.inputs import (
    Body,
    Id,
    Kind,
    Lat,
    LevelNumber,
    Line,
    Lon,
    MaybeProse,
    Phone,
    Prose,
    Title,
)
from dispatch.log import Row, Work
from dispatch.models import alert, private_note
from dispatch.vocabulary import OPEN_ALERTS, AlertState, Category, Level, TimerKind

DESK = "desk"
"""The source of what people report by telephone."""
GRACE_MS = 600_000  # a grave alert that somebody took is shown this much longer than it is valid


class Report(Body):
    what: Title
    category: Category
    severity: LevelNumber
    lat: Lat
    lon: Lon
    place: Line
    minutes_ago: Annotated[int, Field(ge=0, le=1440)] = 0
    type: Kind = "other"
    caller_name: Line | None = None
    caller_phone: Phone | None = None
    text: MaybeProse = ""


class One(Body):
    alert: Id


class Verify(Body):
    alert: Id
    note: MaybeProse = ""


class Dismiss(Body):
    alert: Id
    reason: Prose


class Merge(Body):
    alert: Id
    into: Id


def report(work: Work, body: Report, actor: Actor, city: City) -> dict[str, Any]:
    """Take a report by telephone; the caller's name and number stay out of the log."""
    number = f"{work.seq}-{work.now}"
    parsed = alerts.Incoming(
        source=DESK,
        ext_id=number,
        title=body.what,
        text=body.text,
        category=body.category,
        type=body.type,
        severity=body.severity,
        lat=body.lat,
        lon=body.lon,
        place=body.place,
        occurred_at=work.now - body.minutes_ago * 60_000,
        sent_at=work.now,
    )
    id = alerts.receive(work, city, parsed)["alert"]
    keep_private(work, id, caller_name=body.caller_name, caller_phone=body.caller_phone)
    return {"alert": id}


def keep_private(work: Work, subject: str, **values: str | None) -> None:
    """Keep what names a person beside the log, where it can be forgotten later."""
    for kind, value in values.items():
        if value:
            row = {"realm": work.realm, "subject": subject, "kind": kind, "value": value}
            work.connection.execute(insert(private_note).values(**row))


def acknowledge(work: Work, body: One, actor: Actor, city: City) -> dict[str, Any]:
    """Somebody is looking at it; the first who says so is named."""
    row = _handled(work, body.alert, actor)
    if row["acked_by"] is None:
        _expect(row, AlertState.NEW)
        row = work.put(
            alert,
            row["id"],
            state=AlertState.ACKNOWLEDGED.value,
            acked_by=actor.id,
            acked_at=work.now,
        )
        _say(work, "AlertAcknowledged", row, late=work.now > row["ack_due"])
        disarm(work, row["id"], TimerKind.ALERT_ACK)
    return {"alert": row["id"], "acked_by": row["acked_by"]}


def verify(work: Work, body: Verify, actor: Actor, city: City) -> dict[str, Any]:
    """It is true."""
    row = _handled(work, body.alert, actor)
    if row["state"] not in (AlertState.CONFIRMED, AlertState.LINKED):
        confirm(work, row, actor, body.note)
    return {"alert": row["id"]}


def confirm(work: Work, row: Row, actor: Actor, note: str) -> Row:
    """Mark an open alert as true; whoever verifies has also seen it."""
    _expect(row, AlertState.NEW, AlertState.ACKNOWLEDGED)
    new = work.put(
        alert,
        row["id"],
        state=AlertState.CONFIRMED.value,
        verified_by=actor.id,
        verified_at=work.now,
        acked_by=row["acked_by"] or actor.id,
        acked_at=row["acked_at"] or work.now,
        note=note or row["note"],
    )
    _say(work, "AlertVerified", new, note=note)
    disarm(work, row["id"])
    return new


def dismiss(work: Work, body: Dismiss, actor: Actor, city: City) -> dict[str, Any]:
    """It is not true, or not ours: the reason counts in the source's precision."""
    row = _handled(work, body.alert, actor)
    if row["state"] != AlertState.FALSE:
        _expect(row, *OPEN_ALERTS)
        values = {"state": AlertState.FALSE.value, "note": body.reason, "closed_at": work.now}
        row = work.put(alert, row["id"], **values)
        _say(work, "AlertDismissed", row, reason=body.reason)
        disarm(work, row["id"])
    return {"alert": row["id"]}


def merge(work: Work, body: Merge, actor: Actor, city: City) -> dict[str, Any]:
    """It tells of the same thing as another alert, which stands for both from now on."""
    row = _handled(work, body.alert, actor)
    target = _root(work, _handled(work, body.into, actor, "into"))
    if row["id"] == target["id"]:
        raise Invalid("same_alert", "into", "an alert cannot be merged into itself")
    if row["merged_into"] != target["id"]:
        _expect(row, *OPEN_ALERTS)
        _expect(target, *OPEN_ALERTS, AlertState.LINKED, field="into")
        merging.merge(work, row, target)
    return {"alert": row["id"], "into": target["id"]}


def escalate(work: Work, city: City, fired: Row) -> None:
    """The time to take an alert is over: tell, and tell a grave one's superior later."""
    row = work.get(alert, fired["subject"])
    if row["state"] != AlertState.NEW:
        return
    _say(work, "AlertEscalated", row, step=fired["step"])
    if fired["step"] == 1 and row["severity"] <= Level.II:
        due = fired["due_at"] + alerts.limit_ms(row["severity"])
        arm(work, TimerKind.ALERT_ACK, row["id"], due, step=2)


def expire(work: Work, city: City, fired: Row) -> None:
    """An alert is no longer valid. A grave one is never dropped before somebody has seen it."""
    row = work.get(alert, fired["subject"])
    if row["state"] not in (AlertState.NEW, AlertState.ACKNOWLEDGED):
        return
    if _is_early(work, row["expires_at"], fired):
        return
    if row["severity"] <= Level.II and fired["step"] == 1:
        _say(work, "AlertEscalated", row, step=1, expired=True)
        if row["state"] == AlertState.ACKNOWLEDGED:
            arm(work, TimerKind.ALERT_EXPIRY, row["id"], work.now + GRACE_MS, step=2)
        return
    new = work.put(alert, row["id"], state=AlertState.EXPIRED.value, closed_at=work.now)
    _say(work, "AlertExpired", new)
    disarm(work, row["id"])


def _is_early(work: Work, expires_at: int | None, fired: Row) -> bool:
    """Whether only a clock that was set has ended an alert: then it ends when it would have.

    Its source said the end by its own clock; ours stands further on, until somebody compares them.
    """
    jump = jumps.standing(work.connection, work.seq, work.realm)
    if jump is None or expires_at is None or expires_at + jump["by_ms"] <= work.now:
        return False
    arm(work, TimerKind.ALERT_EXPIRY, fired["subject"], expires_at + jump["by_ms"], fired["step"])
    return True


def _root(work: Work, row: Row) -> Row:
    """The alert that stands for a merged one."""
    while row["state"] == AlertState.MERGED and row["merged_into"]:
        row = work.get(alert, row["merged_into"], "into")
    return row


def _handled(work: Work, id: str, actor: Actor, field: str = "alert") -> Row:
    row = work.get(alert, id, field)
    require(actor, "alert.handle", canonical.loads(row["scope_json"]))
    return row


def _expect(row: Row, *states: AlertState, field: str = "alert") -> None:
    if row["state"] not in states:
        raise Conflict("wrong_state", field, f"{row['id']} is {row['state']}")


def _say(work: Work, type: str, row: Row, **body: Any) -> None:
    scope = canonical.loads(row["scope_json"])
    work.emit(type, row["id"], scope, {"level": row["severity"], **body}, row["incident"])
