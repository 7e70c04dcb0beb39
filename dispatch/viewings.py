"""Leave to watch a camera: who, why and until when. Nobody watches without one, and all run out.

A wall needs none: what it shows is chosen for an incident, or pushed by a named person.
"""

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import Field, model_validator
from sqlalchemy import Connection, select

from dispatch import canonical
from dispatch.access import Actor, require, require_part
from dispatch.city import City
from dispatch.deadlines import arm, disarm
from dispatch.errors import Forbidden
from dispatch.feeds import Feed, district_of
from dispatch.inputs import Body, Id, MaybeLine
from dispatch.log import Row, Work
from dispatch.models import alert, incident, viewing
from dispatch.naming import next_id
from dispatch.vocabulary import OPEN_ALERTS, OPEN_INCIDENTS, REAL, TimerKind

PREFIX = "SK"
MINUTE_MS = 60_000


class Start(Body):
    """Watching is for an open incident, an open alert, or a reason that is written down."""

    feed: Feed
    minutes: Annotated[int, Field(ge=1, le=60)] = 15
    incident: Id | None = None
    alert: Id | None = None
    reason: MaybeLine = ""

    @model_validator(mode="after")
    def _why(self) -> "Start":
        if self.incident is None and self.alert is None and not self.reason:
            raise ValueError("an incident, an alert or a reason is needed")
        return self


class End(Body):
    viewing: Id


def start(work: Work, body: Start, actor: Actor, city: City) -> dict[str, Any]:
    """Take leave to watch, or have it for longer.

    Each incident has its own: it is kept as evidence for each of them.
    """
    district = district_of(work, city, body.feed)
    require(actor, "camera.view", [district])
    if body.incident is not None:
        known = work.get(incident, body.incident, "incident")
        _open(known, "incident", OPEN_INCIDENTS, body, actor)
    if body.alert is not None:
        _open(work.get(alert, body.alert, "alert"), "alert", OPEN_ALERTS, body, actor)
    until = work.now + body.minutes * MINUTE_MS
    reason = body.reason or body.alert or ""
    old = _own(work, actor, body)
    id = old["id"] if old else next_id(work, PREFIX, city.settings.timezone)
    new = work.put(
        viewing,
        id,
        feed=body.feed,
        watched_by=actor.id,
        scope_json=canonical.dumps([district]),
        incident=body.incident,
        reason=reason,
        since=old["since"] if old else work.now,
        until=until,
    )
    disarm(work, id, TimerKind.VIEWING)
    arm(work, TimerKind.VIEWING, id, until)
    said = {"feed": body.feed, "until": until, "reason": reason}
    told = "ViewingExtended" if old else "ViewingStarted"
    work.emit(told, id, [district], said, new["incident"])
    return {"viewing": id, "until": until}


def _open(row: Row, field: str, states: Collection[str], body: Start, actor: Actor) -> None:
    require_part(actor, canonical.loads(row["scope_json"]), field)
    if row["state"] not in states and not body.reason:
        raise Forbidden("incident_over", field, f"{row['id']} is over: give a reason")


def end(work: Work, body: End, actor: Actor, city: City) -> dict[str, Any]:
    """Stop watching before the time is over."""
    row = work.find(viewing, body.viewing)
    if row is not None:
        if row["watched_by"] != actor.id:
            raise Forbidden("not_yours", "viewing", f"{row['id']} is another's")
        _end(work, row, "ended")
    return {"viewing": body.viewing}


def lapse(work: Work, city: City, fired: Row) -> None:
    """The time is over."""
    row = work.find(viewing, fired["subject"])
    if row is not None:
        _end(work, row, "lapsed")


def runs(connection: Connection, actor: Actor, feed: str, now: int, realm: str = REAL) -> bool:
    """Whether the actor has leave to watch this picture now."""
    mine = select(viewing.c.row).where(
        viewing.c.realm == realm,
        viewing.c.to_seq.is_(None),
        viewing.c.watched_by == actor.id,
        viewing.c.feed == feed,
        viewing.c.until > now,
    )
    return connection.execute(mine.limit(1)).first() is not None


def _own(work: Work, actor: Actor, body: Start) -> Row | None:
    rows = work.rows(viewing, viewing.c.watched_by == actor.id, viewing.c.feed == body.feed)
    return next((row for row in rows if row["incident"] == body.incident), None)


def _end(work: Work, row: Row, how: str) -> None:
    disarm(work, row["id"], TimerKind.VIEWING)
    work.end(viewing, row["id"])
    said = {"feed": row["feed"], "how": how}
    scope = canonical.loads(row["scope_json"])
    work.emit("ViewingEnded", row["id"], scope, said, row["incident"])
