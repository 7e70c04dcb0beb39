"""Stills of cameras and drones as evidence."""

from flask import Response
from pydantic import BaseModel
from sqlalchemy import Connection, select

from callbacks import stills
from callbacks.rest.cameras import keyed
from callbacks.rest.registry import JSON, Api, answer, body
from callbacks.services import Services
from callbacks.who import current
from dispatch import recordings
from dispatch.errors import Busy, Refused
from dispatch.feeds import Feed
from dispatch.inputs import Body, Id
from dispatch.log import Request, Work
from dispatch.models import drone_fix, incident
from dispatch.recordings import Still

Place = tuple[float, float] | None


class Ask(Body):
    feed: Feed
    incident: Id


class Kept(BaseModel):
    """The file below /api/v1/recordings/, its SHA-256 as the log has it, when it was taken."""

    recording: str
    file: str
    sha256: str
    taken_at: int


def mount(api: Api, services: Services) -> None:
    @api.post(
        "/api/v1/stills", rights=("recording.read",), bodies={JSON: Ask}, keyed=True, answer=Kept,
        answers={403: "no leave to watch", 409: "no picture to be had", 503: "source or media"},
    )  # fmt: skip
    def take_still() -> Response:
        """Keep the newest picture of a camera or drone for an incident, as evidence."""
        return answer(_take(services, body(Ask), keyed()))


def _take(services: Services, asked: Ask, key: str) -> dict[str, object]:
    media, folder, who = services.media, services.settings.recordings, current()
    if media is None or folder is None:
        raise Busy("media_down", detail="no media process is set up")
    media.rights.check(who, asked.feed, "snapshot")
    now = services.now()
    services.database.read(lambda c: _exists(Work(c, services.realm, "", now, 0), asked))
    taken = stills.fetch(media, who.actor.id, asked.feed, now)
    place = _place(services, asked.feed)
    data = stills.marked(taken, f"{asked.feed} {asked.incident} {who.actor.id}", place)
    file, digest = stills.keep(folder, asked.incident, asked.feed, taken.at, data)
    one = Still(file, asked.feed, asked.incident, taken.at, len(data), digest, place)
    try:
        done = _record(services, asked, one, key)
    except Refused:
        (folder / file).unlink(missing_ok=True)
        raise
    if done["file"] != file:  # the same request came twice
        (folder / file).unlink(missing_ok=True)
    return done


def _exists(work: Work, asked: Ask) -> None:
    """Raises NotFound before anything is fetched or written for an incident that is none."""
    work.get(incident, asked.incident, "incident")


def _record(services: Services, asked: Ask, one: Still, key: str) -> dict[str, object]:
    actor = current().actor

    def run(work: Work) -> dict[str, object]:
        return recordings.still(work, one, actor)

    content = asked.model_dump(mode="json")
    request = Request(actor.id, key, content, run, services.now(), services.realm)
    return services.writer.command(request).body


def _place(services: Services, feed: str) -> Place:
    """Where the camera stands, or the drone was last heard of."""
    camera = services.board.feeds.find(feed)
    if camera is not None:
        return camera.lat, camera.lon

    def last(connection: Connection) -> Place:
        mine = (drone_fix.c.realm == services.realm, drone_fix.c.drone == feed.split("/")[1])
        query = select(drone_fix.c.lat, drone_fix.c.lon).where(*mine)
        row = connection.execute(query.order_by(drone_fix.c.at.desc()).limit(1)).first()
        return (row[0], row[1]) if row else None

    return services.database.read(last)
