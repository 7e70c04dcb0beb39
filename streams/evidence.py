"""Which feeds are written down: what is watched for an incident, what a wall at war shows of it."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from dispatch import cameras, sendings
from dispatch.city import City
from dispatch.models import activation, camera, incident, viewing, wall_push
from dispatch.vocabulary import OPEN_INCIDENTS, REAL, ActivationState, Mode
from streams.autowall import Eye, rank

SHOWN = 4  # of those that look at it; which of them lives, the wall finds out
Pair = tuple[str, str]
"""The path of a feed, and an open incident that it is written for."""


def kept(connection: Connection, city: City, now: int, realm: str = REAL) -> list[Pair]:
    """What is written; a feed that several incidents need stands here for each of them."""
    at_war = _of_war(connection, city, realm)
    phones = {(f"phone/{one.unit}", one.incident) for one in sendings.running(connection, realm)}
    return sorted(at_war | phones | _asked_for(connection, now, realm))


def _asked_for(connection: Connection, now: int, realm: str) -> set[Pair]:
    """What somebody watches, or put on the wall, for an incident that is open."""
    held = select(incident.c.id).where(
        incident.c.realm == realm, incident.c.to_seq.is_(None), incident.c.state.in_(OPEN_INCIDENTS)
    )
    found: set[Pair] = set()
    for table in (viewing, wall_push):
        query = select(table.c.feed, table.c.incident).where(
            table.c.realm == realm,
            table.c.to_seq.is_(None),
            table.c.until > now,
            table.c.incident.in_(held),
        )
        found |= {(row[0], row[1]) for row in connection.execute(query)}
    return found


def _of_war(connection: Connection, city: City, realm: str) -> set[Pair]:
    """The cameras that look best at what is at war, whether they live or not."""
    now = (activation.c.realm == realm, activation.c.to_seq.is_(None))
    war = (activation.c.state == ActivationState.ACTIVE, activation.c.mode == Mode.WARTIME)
    here = (incident.c.id == activation.c.incident, incident.c.realm == realm)
    query = (
        select(incident.c.id, incident.c.lat, incident.c.lon)
        .select_from(activation)
        .join(incident, (here[0]) & (here[1]) & incident.c.to_seq.is_(None))
        .where(*now, *war, incident.c.lat.is_not(None))
    )
    rows = connection.execute(query).all()
    eyes = list(_eyes(connection, city, realm)) if rows else []
    return {(pick.feed, id) for id, lat, lon in rows for pick in rank(eyes, (lat, lon))[:SHOWN]}


def _eyes(connection: Connection, city: City, realm: str) -> Iterator[Eye]:
    """The cameras that are in use and whose pictures we have."""
    off = cameras.disabled(connection, realm)
    columns = (camera.c.id, camera.c.lat, camera.c.lon, camera.c.heading, camera.c.fov)
    mine = (camera.c.realm == realm, camera.c.to_seq.is_(None))
    here = [one for one in city.cameras if comes_here(one.url)]
    own = {one.id: (one.lat, one.lon, one.heading, one.fov) for one in here}
    imported = connection.execute(select(*columns, camera.c.url).where(*mine))
    known = own | {row[0]: tuple(row[1:5]) for row in imported if comes_here(row[5])}
    for id, (lat, lon, heading, fov) in known.items():
        if id not in off:
            yield Eye(f"cam/{id}", lat, lon, heading, fov)


def comes_here(url: str) -> bool:
    """Whether a camera's pictures come by the media process: another engine's cannot be kept."""
    return bool(url) and not url.startswith("whep+")
