"""Alerts as they arrive: one meaning for every door, in whatever order messages come.

A message is known by its source and the source's own id. The same message again changes nothing,
an update makes a new revision, a cancellation that overtakes its alert waits for it.
"""

from typing import Any

from dispatch import alert_names, canonical, merging, naming
from dispatch.alert_names import CANCELLED, KNOWN, SUPERSEDED
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.incoming import Incoming, Name, content_of, is_ahead
from dispatch.log import Row, Work
from dispatch.models import alert
from dispatch.neighbours import Neighbours
from dispatch.vocabulary import (
    CITY,
    OPEN_ALERTS,
    AlertState,
    TimerKind,
)

__all__ = ["Incoming", "Name", "beginning", "ends_at", "limit_ms", "receive", "received"]

VALID_MOST_MS = 24 * 3_600_000  # so long an alert in doubt is held to be valid
ACK_LIMIT_MS = {1: 60_000, 2: 180_000, 3: 600_000, 4: 1_800_000}
NEW_AGAIN = {
    "state": AlertState.NEW.value,
    "closed_at": None,
    "acked_by": None,
    "acked_at": None,
    "verified_by": None,
    "verified_at": None,
}


def receive(work: Work, city: City, parsed: Incoming) -> dict[str, Any]:
    """Take one message of a source.

    outcome: new, updated, repeated (known already), stale (older than what is known),
    cancelled, or remembered (a cancellation that came before its alert).
    """
    ids, cancelled = alert_names.find(work, parsed)
    if parsed.kind == "cancel":
        return _cancel(work, parsed, ids)
    if not ids:
        return _create(work, city, parsed, cancelled)
    rows = [work.get(alert, id) for id in ids]
    first = _lasting(rows)
    answer = _renew(work, city, parsed, first)
    if parsed.kind == "update":
        _supersede(work, parsed, first["id"], rows)
    return answer


def limit_ms(severity: int) -> int:
    """How long a new alert may wait for somebody to take it."""
    return ACK_LIMIT_MS[severity]


def ends_at(row: Row, now: int) -> int | None:
    """Until when an alert that has just come is valid by our clock; None for always.

    One that is over when it comes is late, or its clock or ours is wrong, and nobody knows which.
    It does not end unseen: it stays for as long as its source gave it, a day at most, and no
    shorter than somebody has to take it. A source that calls it over itself is believed.
    """
    end, sent = row["expires_at"], row["sent_at"]
    if end is None or end > now or (sent is not None and end <= sent):
        return None if end is None else int(end)
    given = end - (row["occurred_at"] if sent is None else sent)
    return now + max(limit_ms(row["severity"]), min(given, VALID_MOST_MS))


def _create(work: Work, city: City, parsed: Incoming, cancelled: bool) -> dict[str, Any]:
    id = naming.next_id(work, naming.ALERT, city.settings.timezone)
    alert_names.remember(work, parsed, id, CANCELLED if cancelled else KNOWN)
    row = work.put(alert, id, **beginning(work.now, parsed), **content_of(work.now, city, parsed))
    near = Neighbours(work.connection, (row["occurred_at"], row["occurred_at"]))
    received(work, row, near.similar(row))
    if cancelled:
        return _close(work, row)
    _watch(work, row, {})
    return _answer(row, "new")


def beginning(now: int, parsed: Incoming) -> dict[str, Any]:
    """What an alert is when it comes, beside what its source says."""
    return {
        "source": parsed.source,
        "ext_id": parsed.ext_id,
        "revision": 1,
        "state": AlertState.NEW.value,
        "received_at": now,
        "ack_due": now + limit_ms(parsed.severity),
        "note": "",
    }


def received(work: Work, row: Row, similar: list[str]) -> dict[str, Any]:
    """Say that a new alert has come; what its source is answered."""
    body = {"level": row["severity"], "source": row["source"], "similar": similar}
    work.emit("AlertReceived", row["id"], canonical.loads(row["scope_json"]), body)
    return _answer(row, "new")


def _renew(work: Work, city: City, parsed: Incoming, row: Row) -> dict[str, Any]:
    """Take a further message about an alert that is known."""
    overtaken = _overtaken(work, parsed, row)
    alert_names.remember(work, parsed, row["id"], KNOWN)
    if row["state"] == AlertState.CANCELLED:
        return _answer(row, "cancelled")
    if overtaken:
        return _answer(row, "stale")
    content = {**content_of(work.now, city, parsed), **_known_times(parsed, row)}
    if all(row[name] == value for name, value in content.items() if name != "sent_at"):
        return _answer(row, "repeated")
    return _revise(work, row, content)


def _lasting(rows: list[Row]) -> Row:
    """Of the alerts that a message is about the first that is neither over nor part of another."""
    ids = [row["id"] for row in rows]
    for row in rows:
        merged = row["state"] == AlertState.MERGED and row["merged_into"] in ids
        if row["state"] != AlertState.CANCELLED and not merged:
            return row
    return rows[0]


def _supersede(work: Work, parsed: Incoming, id: str, rows: list[Row]) -> None:
    """An update stands for every message that it refers to: so does its alert for theirs.

    What belongs to an incident stays there; the incident is told.
    """
    target = work.get(alert, id)
    if target["state"] == AlertState.CANCELLED:
        return
    for row in rows:
        if row["id"] == id or _overtaken(work, parsed, row):
            continue
        if row["state"] in OPEN_ALERTS:
            merging.merge(work, row, target)
        elif row["state"] == AlertState.LINKED and row["incident"] != target["incident"]:
            merging.tell(work, row, target)


def _known_times(parsed: Incoming, row: Row) -> Row:
    """The times that stay: of those nothing new was said."""
    known = {} if parsed.sent_at is not None else {"sent_at": row["sent_at"]}
    if parsed.occurred_at in (None, row["said_at"]):
        known |= {name: row[name] for name in ("occurred_at", "said_at")}
    return known


def _overtaken(work: Work, parsed: Incoming, row: Row) -> bool:
    """Whether something newer is known: by the times of sending, else by what replaced it.

    A time of sending that has not come yet, by our clock, says nothing against one that has.
    """
    if parsed.sent_at is not None and row["sent_at"] is not None:
        both = is_ahead(parsed.sent_at, work.now) == is_ahead(row["sent_at"], work.now)
        return both and bool(parsed.sent_at < row["sent_at"])
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
        if (due := ends_at(row, work.now)) is not None:
            arm(work, TimerKind.ALERT_EXPIRY, row["id"], due)


def _cancel(work: Work, parsed: Incoming, ids: list[str]) -> dict[str, Any]:
    """End every alert that the message is about, or keep in mind that it is over when it comes."""
    before = [row["alert"] for row in alert_names.known(work, parsed) if row["fate"] == CANCELLED]
    alert_names.remember(work, parsed, ids[0] if ids else None, CANCELLED, bind=False)
    if not ids:
        if not before:
            subject = f"{parsed.source}:{parsed.ext_id}"[:64]
            work.emit("AlertCancelled", subject, [CITY], {"early": True})
        return {"alert": None, "state": AlertState.CANCELLED.value, "outcome": "remembered"}
    answers = [_cancel_one(work, work.get(alert, id), id in before) for id in ids]
    return answers[0]


def _cancel_one(work: Work, row: Row, before: bool) -> dict[str, Any]:
    if row["state"] in OPEN_ALERTS:
        return _close(work, row)
    if not before:
        scope, body = canonical.loads(row["scope_json"]), {"state": row["state"]}
        work.emit("AlertCancelled", row["id"], scope, body, incident=row["incident"])
    return _answer(row, "cancelled")


def _close(work: Work, row: Row) -> dict[str, Any]:
    new = work.put(alert, row["id"], state=AlertState.CANCELLED.value, closed_at=work.now)
    work.emit("AlertCancelled", row["id"], canonical.loads(row["scope_json"]))
    disarm(work, row["id"])
    return _answer(new, "cancelled")


def _answer(row: Row, outcome: str) -> dict[str, Any]:
    return {"alert": row["id"], "state": row["state"], "outcome": outcome}
