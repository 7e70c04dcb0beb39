"""Tokens for pictures, and the registry of cameras for administrators."""

from typing import Annotated, Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from callbacks.rest.registry import JSON, Api, answer, body
from callbacks.services import Services
from callbacks.who import current
from dispatch import cameras
from dispatch.errors import Busy, Invalid
from video import turn
from video.tokens import Action

CSV = "text/csv"
KEY = "Idempotency-Key"


class Wanted(BaseModel):
    """A path such as `cam/CAM-GK-031`, and what is to be done with it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    path: Annotated[str, Field(max_length=140)]
    action: Action


class Leave(BaseModel):
    """token: for the Authorization header of `url`, until expires_at (ms UTC)."""

    token: str
    url: str
    expires_at: int
    ice_servers: list[dict[str, Any]]


class Imported(BaseModel):
    """How many cameras were taken, and why the others were not."""

    accepted: int
    refused: list[dict[str, Any]]


def mount(api: Api, services: Services) -> None:
    media = services.media

    @api.post(
        "/api/v1/media/tokens", rights=("camera.view", "screen.phone"), bodies={JSON: Wanted},
        answer=Leave, answers={403: "not for you", 404: "no such picture", 503: "no media process"},
    )  # fmt: skip
    def media_token() -> Response:
        """A token that opens one picture for two minutes."""
        wanted, who = body(Wanted), current()
        if media is None:
            raise Busy("media_down", detail="no media process is set up")
        media.rights.check(who, wanted.path, wanted.action)
        now = services.now()
        token, ends = media.tokens.issue(who.actor.id, wanted.path, wanted.action, now)
        servers = turn.ice_servers(media.ice_servers, media.turn_secret, who.actor.id, now)
        told = {"token": token, "url": f"/media/{wanted.action}/{wanted.path}"}
        return answer({**told, "expires_at": ends, "ice_servers": servers})

    @api.post(
        "/api/v1/cameras", rights=("camera.manage",), bodies={CSV: None}, answer=Imported,
        keyed=True, answers={503: "no media process is set up"},
    )  # fmt: skip
    def import_cameras() -> Response:
        """Take a CSV of cameras; a line that is wrong is answered with its reason."""
        if media is None:
            raise Busy("media_down", detail="no media process is set up")
        try:
            text = request.get_data(cache=False).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Invalid("not_utf8", detail="the text is not UTF-8") from None
        found, faults = cameras.read(text, services.city)
        found, faults = cameras.checked_by(found, faults, media.probe)
        if found:
            key, who = request.headers.get(KEY, ""), current().actor.id
            cameras.store(services.writer, media.vault, found, who, key, services.now())
            media.link.renew()
        told = [{**fault.__dict__} for fault in faults]
        return answer({"accepted": len(found), "refused": told})
