"""Alerts as they arrive: one meaning for every door, in whatever order messages come.

A message is known by its source and the source's own id. The same message again changes nothing,
an update makes a new revision, a cancellation that overtakes its alert waits for it.
"""

import hashlib
from typing import Any

from sqlalchemy import select

from dispatch import alert_names, canonical, naming
from dispatch.access import Actor, require
from dispatch.alert_names import CANCELLED, KNOWN, SUPERSEDED
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.errors import Invalid
from dispatch.geo import distance_m
from dispatch.incoming import Incoming, Name, content_of
from dispatch.log import Answer, Request, Row, Work
from dispatch.models import alert
from dispatch.vocabulary import (
    CITY,
    OPEN_ALERTS,
    REAL,
    AlertState,
    TimerKind,
)
from dispatch.writer import Writer

__all__ = ["Incoming", "Name", "alike", "arrival", "limit_ms", "receive", "take"]

ACK_LIMIT_MS = {1: 60_000, 2: 180_000, 3: 600_000, 4: 1_800_000}
NEW_AGAIN = {
    "state": AlertState.NEW.value,
    "closed_at": None,
    "acked_by": None,
    "acked_at": None,
    "verified_by": None,
    "verified_at": None,
}
NEAR_M = 300
NEAR_MS = 600_000


def take(
    writer: Writer, city: City, actor: Actor, parsed: Incoming, now: int, realm: str = REAL
) -> Answer:
    """Bring one message of a source into the log; back when it is on disk.

    body: {alert, state, outcome}; outcome as `receive` says it. Raises Refused.
    """
    return writer.command(arrival(city, actor, parsed, now, realm))


def arrival(city: City, actor: Actor, parsed: Incoming, now: int, realm: str = REAL) -> Request:
    """One message as a request to the log; its key is made of all that it says."""
    require(actor, "alerts:write")
    if actor.source is not None and actor.source != parsed.source:
        raise Invalid("not_your_source", "source", f"this key speaks for {actor.source}")
    content = parsed.model_dump(mode="json")
    digest = hashlib.sha256(canonical.dumps(content).encode()).hexdigest()
    key = f"alert:{realm}:{digest}"  # the same message is another one in a drill
    return Request(actor.id, key, content, lambda work: receive(work, city, parsed), now, realm)


def receive(work: Work, city: City, parsed: Incoming) -> dict[str, Any]:
    """Take one message of a source.

    outcome: new, updated, repeated (known already), stale (older than what is known),
    cancelled, or remembered (a cancellation that came before its alert).
    """
    id, cancelled = alert_names.find(work, parsed)
    if parsed.kind == "cancel":
        return _cancel(work, parsed, id)
    if id is None:
        return _create(work, city, parsed, cancelled)
    return _renew(work, city, parsed, work.get(alert, id))


def alike(one: Row, other: Row) -> bool:
    """Whether two alerts may tell of the same thing: same type, under 300 m and 10 min apart."""
    if one["type"] != other["type"] or None in (one["lat"], other["lat"]):
        return False
    near = abs(one["occurred_at"] - other["occurred_at"]) < NEAR_MS
    return near and distance_m(one["lat"], one["lon"], other["lat"], other["lon"]) < NEAR_M


def limit_ms(severity: int) -> int:
    """How long a new alert may wait for somebody to take it."""
    return ACK_LIMIT_MS[severity]


def _create(work: Work, city: City, parsed: Incoming, cancelled: bool) -> dict[str, Any]:
    id = naming.next_id(work, naming.ALERT, city.settings.timezone)
    alert_names.remember(work, parsed, id, CANCELLED if cancelled else KNOWN)
    row = work.put(alert, id, **_first(work, parsed), **content_of(work.now, city, parsed))
    scope = canonical.loads(row["scope_json"])
    body = {"level": row["severity"], "source": parsed.source, "similar": _similar(work, row)}
    work.emit("AlertReceived", id, scope, body)
    if cancelled:
        return _close(work, row)
    _watch(work, row, {})
    return _answer(row, "new")


def _first(work: Work, parsed: Incoming) -> dict[str, Any]:
    return {
        "source": parsed.source,
        "ext_id": parsed.ext_id,
        "revision": 1,
        "state": AlertState.NEW.value,
        "received_at": work.now,
        "ack_due": work.now + limit_ms(parsed.severity),
        "note": "",
    }


def _renew(work: Work, city: City, parsed: Incoming, row: Row) -> dict[str, Any]:
    """Take a further message about an alert that is known."""
    overtaken = _overtaken(work, parsed, row)
    alert_names.remember(work, parsed, row["id"], KNOWN)
    if row["state"] == AlertState.CANCELLED:
        return _answer(row, "cancelled")
    if overtaken:
        return _answer(row, "stale")
    content = content_of(work.now, city, parsed)
    for name in ("occurred_at", "sent_at"):
        if getattr(parsed, name) is None:
            content[name] = row[name]
    if all(row[name] == value for name, value in content.items() if name != "sent_at"):
        return _answer(row, "repeated")
    return _revise(work, row, content)


def _overtaken(work: Work, parsed: Incoming, row: Row) -> bool:
    """Whether something newer is known: by the times of sending, else by what replaced it."""
    if parsed.sent_at is not None and row["sent_at"] is not None:
        return bool(parsed.sent_at < row["sent_at"])
    own = [one for one in alert_names.known(work, parsed) if one["ext_id"] == parsed.ext_id]
    return bool(own) and own[0]["fate"] == SUPERSEDED


def _revise(work: Work, row: Row, content: dict[str, Any]) -> dict[str, Any]:
    worse = content["severity"] < row["severity"]
    again = row["state"] == AlertState.EXPIRED or (row["state"] == AlertState.FALSE and worse)
    due = _due(work, row, content["severity"], worse, again)
    changes = {**content, "revision": row["revision"] + 1, "ack_due": due}
    new = work.put(alert, row["id"], **changes, **(NEW_AGAIN if again else {}))
    body = {"level": new["severity"], "worse": worse, "reopened": again}
    scope = set(canonical.loads(row["scope_json"])) | set(canonical.loads(new["scope_json"]))
    work.emit("AlertUpdated", row["id"], sorted(scope), body, incident=row["incident"])
    _watch(work, new, {} if again else row)
    return _answer(new, "updated")


def _due(work: Work, row: Row, severity: int, worse: bool, again: bool) -> int:
    """Until when somebody should take it: what grows worse or comes back is waited for anew."""
    fresh = work.now + limit_ms(severity)
    if again or (worse and row["ack_due"] <= work.now):
        return fresh
    return min(int(row["ack_due"]), fresh) if worse else int(row["ack_due"])


def _watch(work: Work, row: Row, before: Row) -> None:
    """Arm what must happen if nobody takes the alert, or when it is no longer valid.

    before: what was armed already; it is not armed again, lest every message escalate.
    """
    if row["state"] == AlertState.NEW and row["ack_due"] != before.get("ack_due"):
        arm(work, TimerKind.ALERT_ACK, row["id"], row["ack_due"])
    waiting = row["state"] in (AlertState.NEW, AlertState.ACKNOWLEDGED)
    if waiting and row["expires_at"] != before.get("expires_at"):
        disarm(work, row["id"], TimerKind.ALERT_EXPIRY)
        if row["expires_at"] is not None:
            arm(work, TimerKind.ALERT_EXPIRY, row["id"], row["expires_at"])


def _cancel(work: Work, parsed: Incoming, id: str | None) -> dict[str, Any]:
    known_before = [row for row in alert_names.known(work, parsed) if row["fate"] == CANCELLED]
    alert_names.remember(work, parsed, id, CANCELLED)
    if id is None:
        if not known_before:
            subject = f"{parsed.source}:{parsed.ext_id}"[:64]
            work.emit("AlertCancelled", subject, [CITY], {"early": True})
        return {"alert": None, "state": AlertState.CANCELLED.value, "outcome": "remembered"}
    row = work.get(alert, id)
    if row["state"] in OPEN_ALERTS:
        return _close(work, row)
    if not known_before:
        scope = canonical.loads(row["scope_json"])
        work.emit("AlertCancelled", id, scope, {"state": row["state"]}, incident=row["incident"])
    return _answer(row, "cancelled")


def _close(work: Work, row: Row) -> dict[str, Any]:
    new = work.put(alert, row["id"], state=AlertState.CANCELLED.value, closed_at=work.now)
    work.emit("AlertCancelled", row["id"], canonical.loads(row["scope_json"]))
    disarm(work, row["id"])
    return _answer(new, "cancelled")


def _similar(work: Work, row: Row) -> list[str]:
    """Open alerts that may tell of the same thing."""
    if row["lat"] is None:
        return []
    columns = (alert.c.id, alert.c.type, alert.c.lat, alert.c.lon, alert.c.occurred_at)
    query = (
        select(*columns)
        .where(
            alert.c.realm == work.realm,
            alert.c.to_seq.is_(None),
            alert.c.state.in_(OPEN_ALERTS),
            alert.c.type == row["type"],
            alert.c.id != row["id"],
            alert.c.occurred_at > row["occurred_at"] - NEAR_MS,
            alert.c.occurred_at < row["occurred_at"] + NEAR_MS,
        )
        .order_by(alert.c.row.desc())
        .limit(50)
    )
    others = (dict(one) for one in work.connection.execute(query).mappings())
    return [one["id"] for one in others if alike(row, one)]


def _answer(row: Row, outcome: str) -> dict[str, Any]:
    return {"alert": row["id"], "state": row["state"], "outcome": outcome}
