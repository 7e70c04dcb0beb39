"""Photos and short videos from the scene: what is known of each; the file itself lies in var.

The log holds the file's hash, so that a changed file shows. A photo is never asked for before an
order may be done: it may follow, even when the order is over.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from dispatch import canonical
from dispatch.access import Actor
from dispatch.city import City
from dispatch.errors import Conflict
from dispatch.log import Request, Work
from dispatch.models import position, sharing, upload
from dispatch.naming import next_id
from dispatch.responders import own
from dispatch.vocabulary import REAL

__all__ = ["Kept", "record"]

PREFIX = "ZP"
AFTER_MS = 30 * 86_400_000  # how long after its order something may still follow
FRESH_MS = 120_000  # a shared place older than this says nothing of where a photo was taken


@dataclass(frozen=True)
class Kept:
    """A file as it was stored. received_sha256: of what came, before its places were taken out."""

    kind: str
    type: str
    size: int
    sha256: str
    received_sha256: str


def record(
    actor: Actor, city: City, order: str, at: int | None, kept: Kept, key: str, now: int
) -> Request:
    """The request that puts a stored file into the log: {upload}.

    at: when it was taken, by the phone. Raises Refused when it is carried out.
    """
    content = {"command": "upload.record", "order": order, "at": at, **asdict(kept)}

    def run(work: Work) -> dict[str, Any]:
        return _record(work, city, actor, order, at, kept)

    return Request(actor.id, key, content, run, now, REAL)


def _record(
    work: Work, city: City, actor: Actor, order: str, at: int | None, kept: Kept
) -> dict[str, Any]:
    row = own(work, order, actor, running=False)
    taken = work.now if at is None else max(row["issued_at"], min(at, work.now))
    if work.now - row["issued_at"] > AFTER_MS:
        raise Conflict("order_closed", "order", f"{order} is long over")
    id = next_id(work, PREFIX, city.settings.timezone)
    lat, lon = _shared_place(work, row["unit"], row["id"], taken)
    work.put(
        upload,
        id,
        dispatch_order=row["id"],
        incident=row["incident"],
        unit=row["unit"],
        scope_json=row["scope_json"],
        **asdict(kept),
        taken_at=taken,
        received_at=work.now,
        lat=lat,
        lon=lon,
        sent_by=actor.id,
    )
    said = {"unit": row["unit"], "order": row["id"], "taken_at": taken, **asdict(kept)}
    scope = canonical.loads(row["scope_json"])
    work.emit("UploadReceived", id, scope, said, row["incident"])
    return {"upload": id}


def _shared_place(
    work: Work, unit: str, order: str, taken: int
) -> tuple[float, float] | tuple[None, None]:
    """Where the unit was, if it shares its place for this order and was heard of lately."""
    known = work.find(sharing, unit)
    if known is None or known["dispatch_order"] != order:
        return None, None
    near = select(position.c.lat, position.c.lon).where(
        position.c.realm == work.realm,
        position.c.unit == unit,
        position.c.at.between(taken - FRESH_MS, taken + FRESH_MS),
    )
    found = work.connection.execute(near.order_by(position.c.at.desc()).limit(1)).first()
    return (found[0], found[1]) if found else (None, None)
