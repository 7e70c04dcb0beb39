"""Photos and short videos from the scene, and the place of a responder who shares it."""

from typing import Annotated, Any

from flask import Response, request, send_file
from pydantic import BaseModel, ConfigDict, Field

from callbacks import pictures_sent
from callbacks.rest.registry import JSON, Api, answer, body, query
from callbacks.services import Services
from callbacks.who import current
from dispatch import responders, uploads
from dispatch.access import meets
from dispatch.canonical import loads
from dispatch.commands import KEY_MAX
from dispatch.errors import Conflict, Forbidden, Invalid, NotFound
from dispatch.inputs import Body, Id, Lat, Lon, Millis
from dispatch.log import Row, Work
from dispatch.models import order, sharing, upload
from dispatch.vocabulary import Role
from streams.positions import Place

TYPES = dict.fromkeys((*pictures_sent.ENDINGS, "application/octet-stream"))
POINTS = 600  # as many as a phone keeps while it is out of reach
LATER_MS = 5_000


class About(BaseModel):
    """order: of which it is; at: when it was taken, ms UTC."""

    model_config = ConfigDict(extra="forbid")
    order: Id
    at: Annotated[int, Field(ge=0, le=2**53)] | None = None


class Sent(BaseModel):
    upload: str
    seq: int


class Point(Body):
    lat: Lat
    lon: Lon
    at: Millis
    accuracy: Annotated[float, Field(ge=0, le=100_000)] | None = None


class Shared(Body):
    """Where the unit was, oldest first; only while it shares its place for this order."""

    order: Id
    points: Annotated[list[Point], Field(min_length=1, max_length=POINTS)]


class Taken(BaseModel):
    accepted: int


def mount(api: Api, services: Services) -> None:
    _mount_pictures(api, services)

    @api.post("/api/v1/positions/own", rights=("order.answer",), bodies={JSON: Shared},
              answer=Taken)  # fmt: skip
    def share_own_place() -> Response:
        """The place of the asker's own unit, as long as it is shared for a running order."""
        said, unit = body(Shared), current().actor.unit or ""
        found = services.database.read(lambda c: _sharing(_work(services, c), unit, said.order))
        if not responders.shares(*found):
            raise Conflict("not_shared", "order", "the place is not shared for this order")
        now = services.now()
        points = [one for one in said.points if one.at <= now + LATER_MS]
        places = [Place(unit, one.lat, one.lon, min(one.at, now)) for one in points]
        services.intake.own_places(places, now)
        return answer({"accepted": len(places)})


def _mount_pictures(api: Api, services: Services) -> None:
    folder = services.settings.uploads

    @api.post(
        "/api/v1/uploads", rights=("order.answer",), query=About, bodies=TYPES, answer=Sent,
        keyed=True, answers={413: "too large", 422: "no photo or video that is known here"},
    )  # fmt: skip
    def send_picture() -> Response:
        """One photo or short video from the scene; it may follow when the order is done."""
        asked, key = query(About), _key()
        if folder is None:
            raise Conflict("no_folder", detail="this process keeps no pictures")
        request.max_content_length = pictures_sent.VIDEO_MAX
        file = pictures_sent.read(request.get_data(cache=False))
        pictures_sent.keep(folder, file)
        about = (asked.order, asked.at, file.kept, key, services.now())
        done = services.writer.command(uploads.record(current().actor, services.city, *about))
        return answer({"upload": done.body["upload"], "seq": done.seq}, 201 if done.fresh else 200)

    @api.get("/api/v1/uploads/<upload_id>", rights=("picture.read",))
    def sent_picture(upload_id: str) -> Response:
        """The file of one photo or video, as it was kept."""
        row = services.database.read(lambda c: _work(services, c).find(upload, upload_id))
        if row is None or folder is None or not _may_see(row):
            raise NotFound("not_found", "upload", f"no upload {upload_id[:64]}")
        place = pictures_sent.path_of(folder, row["sha256"], row["type"])
        if not place.exists():
            raise NotFound("file_gone", "upload", "the file is not on this machine")
        return send_file(place, row["type"], conditional=True, max_age=86_400)


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= KEY_MAX or not key.isprintable():
        raise Invalid("bad_key", "Idempotency-Key", f"1 to {KEY_MAX} printable characters")
    return key


def _work(services: Services, connection: Any) -> Work:
    return Work(connection, services.realm, "reader", services.now(), 0)


def _sharing(work: Work, unit: str, id: str) -> tuple[Row | None, Row | None]:
    known = work.find(order, id)
    if known is not None and known["unit"] != unit:
        raise Forbidden("not_your_order", "order", f"{id} is not an order to your unit")
    return work.find(sharing, unit), known


def _may_see(row: Row) -> bool:
    """Desks and walls of the jurisdiction; a responder his own unit's."""
    actor = current().actor
    if actor.role is Role.RESPONDER:
        return bool(row["unit"] == actor.unit)
    return meets(actor.scope, loads(row["scope_json"]))
