"""Calls over REST: leave to send and receive, links for guests, recordings with ranges."""

from pathlib import Path
from typing import Annotated, Literal

import segno
from flask import Response, request, send_file
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from callbacks.call_leave import leave
from callbacks.origin import own
from callbacks.rest.registry import JSON, Api, answer, body
from callbacks.services import Services
from callbacks.who import current
from dispatch import call_links, calls
from dispatch.access import Actor, require
from dispatch.call_links import Make
from dispatch.canonical import loads
from dispatch.errors import Forbidden, NotFound
from dispatch.inputs import Id
from dispatch.log import Row
from dispatch.models import call, party, recording
from dispatch.vocabulary import IN_CALL, CallState

KEY = "Idempotency-Key"
TYPES = {".webm": "video/webm", ".mp4": "video/mp4", ".jpg": "image/jpeg"}


class Ask(BaseModel):
    """action: `whip` to send, `whep` to receive."""

    model_config = ConfigDict(extra="forbid", strict=True)
    call: Id
    action: Literal["whip", "whep"]


class Leave(BaseModel):
    """A token for two minutes, where to send the offer, and the servers that help to reach it."""

    token: str
    url: str
    expires_at: int
    ice_servers: list[dict[str, object]]


class Link(BaseModel):
    """A link for one person, once, for ten minutes; qr: the same as a picture's address."""

    call: str
    party: str
    url: str
    qr: str
    expires_at: Annotated[int, Field(ge=0)]


def mount(api: Api, services: Services) -> None:
    @api.post(
        "/api/v1/calls/tokens",
        rights=("call.join",),
        name="call token",
        bodies={JSON: Ask},
        answer=Leave,
        answers={200: "the token", 403: "not in this call", 409: "the call is over"},
    )
    def call_token() -> Response:
        """Leave to send to, or receive from, a call that one has joined."""
        asked, who = body(Ask), current()
        _inside(services, asked.call, who.actor)
        path = calls.path(asked.call, who.actor.id)
        return answer(leave(services, f"{who.actor.id}:{who.session[:16]}", path, asked.action))

    @api.post(
        "/api/v1/calls/links",
        rights=("call.handle",),
        name="call link",
        keyed=True,
        bodies={JSON: Make},
        answer=Link,
        answers={200: "the link; it is told once", 409: "the call is over"},
    )
    def call_link() -> Response:
        """A link by which somebody without an account comes into one call."""
        given, now = body(Make), services.now()
        key = request.headers.get(KEY, "")[:200] or "link"
        made = call_links.make(services.writer, current().actor, given, key, now, services.realm)
        url = f"{own(request)}/join#{made.pop('token')}"
        return answer({**made, "url": url, "qr": _qr(url)})

    @api.get(
        "/api/v1/recordings/<call>/<name>",
        rights=("recording.read",),
        name="recording",
        answers={200: "the file", 206: "the range that was asked for", 404: "none, or deleted"},
    )
    def recording_file(call: str, name: str) -> Response:
        """A recording as it was received; ranges may be asked for."""
        row = _recording(services, f"{call}/{name}")
        require(current().actor, "recording.read", loads(row["scope_json"]))
        path = _file(services, row)
        kind = TYPES[path.suffix]
        served = send_file(path, kind, conditional=True, max_age=0, etag=row["sha256"])
        served.headers["Cache-Control"] = "private, no-store"
        return served


def _inside(services: Services, id: str, actor: Actor) -> None:
    """Raise Forbidden unless the person is in the call now."""

    def read(connection: Connection) -> str | None:
        mine = (party.c.call == id, party.c.account == actor.id, party.c.to_seq.is_(None))
        on = (call.c.id == id, call.c.state == CallState.OPEN, call.c.to_seq.is_(None))
        query = select(party.c.state).join(call, call.c.id == party.c.call).where(*mine, *on)
        found = connection.execute(query.where(party.c.realm == services.realm)).scalar()
        return None if found is None else str(found)

    if services.database.read(read) not in IN_CALL:
        raise Forbidden("not_in_call", "call", "join it first")


def _recording(services: Services, file: str) -> Row:
    def read(connection: Connection) -> Row | None:
        mine = (recording.c.realm == services.realm, recording.c.to_seq.is_(None))
        query = select(recording).where(*mine, recording.c.file == file)
        row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    row = services.database.read(read)
    if row is None or row["deleted_at"] is not None:
        raise NotFound("not_found", "recording", f"no recording {file}")
    return row


def _file(services: Services, row: Row) -> Path:
    """Where a recording stands; its name comes from the log, never from who asks."""
    folder = services.settings.recordings
    path = folder / row["file"] if folder else None
    if path is None or not path.is_file() or path.suffix not in TYPES:
        raise NotFound("not_here", "recording", "the file is not on this machine")
    return path


def _qr(url: str) -> str:
    """The address as a picture, to be shown by <img>."""
    text: str = segno.make(url, error="m").svg_data_uri(scale=4, border=2, light="#fff")
    return text
