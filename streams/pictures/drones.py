"""Drones that fly: where each was last heard of, what it sees, how much is left of it."""

from typing import Any

from sqlalchemy import and_, func, select

from dispatch.access import meets
from dispatch.canonical import loads
from dispatch.models import drone_fix
from dispatch.vocabulary import ForceType
from streams.look import Look, Row
from streams.pictures.picture import Picture
from streams.view import View

HEARD_MS = 60_000  # a drone that was silent for longer is no more in the air, or lost
LATE_MS = 3_000


def drones(look: Look, view: View) -> dict[str, Any]:
    """{drones}: the last report of each, thinned to one a second."""
    return {"drones": flying(look, view)}


def flying(look: Look, view: View) -> list[Row]:
    """The drones of a jurisdiction that were heard of lately."""
    known = {
        one.id: one
        for one in look.city.units
        if one.force_type is ForceType.UAV and meets(view.scope, (one.district,))
    }
    fixes = look.once("drone_fix", lambda: _fixes(look))
    return [_row(look, row) for row in fixes if row["drone"] in known]


def _fixes(look: Look) -> list[Row]:
    now, realm = look.moment.now, look.moment.realm
    heard = and_(
        drone_fix.c.realm == realm,
        drone_fix.c.at.between(now - HEARD_MS, now + HEARD_MS),
        drone_fix.c.received_at <= now,
    )
    last = (
        select(drone_fix.c.drone, func.max(drone_fix.c.at).label("at"))
        .where(heard)
        .group_by(drone_fix.c.drone)
        .subquery()
    )
    same = and_(
        drone_fix.c.realm == realm, drone_fix.c.drone == last.c.drone, drone_fix.c.at == last.c.at
    )
    return look.all(select(drone_fix).join(last, same).order_by(drone_fix.c.drone))


def _row(look: Look, row: Row) -> Row:
    said = loads(row["said_json"])
    late = look.moment.now - row["received_at"] > LATE_MS
    return {
        **said,
        "id": row["drone"],
        "feed": f"drone/{row['drone']}",
        "name": look.names.unit(row["drone"]),
        "lat": row["lat"],
        "lon": row["lon"],
        "at": row["at"],
        "state": "dead" if late else "live",
        "reason": "",
        "since": row["received_at"] if late else None,
        "last_frame_at": None,
    }


PICTURES = (Picture("drones", drones, frozenset(), every_s=1.0),)
