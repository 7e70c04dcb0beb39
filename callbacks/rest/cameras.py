"""The registry of cameras for administrators: who stands in it, out of use, in use, out of it."""

from typing import Annotated, Any

from flask import Response, request
from pydantic import BaseModel, Field

from callbacks.rest.registry import JSON, Api, answer, body
from callbacks.services import Services
from callbacks.who import current
from dispatch import cameras
from dispatch.cameras import Switch
from dispatch.commands import KEY_MAX
from dispatch.errors import Invalid
from dispatch.inputs import Body

KEY = "Idempotency-Key"
ABSENT = {404: "no such camera"}


class Why(Body):
    """Why the camera is out of use; it stands in the log."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Cameras(BaseModel):
    """disabled: {reason, by, since} of a camera that is out of use, else null."""

    cameras: list[dict[str, Any]]


class Removed(BaseModel):
    camera: str


class Switched(BaseModel):
    camera: str
    disabled: bool


def mount(api: Api, services: Services) -> None:
    @api.get("/api/v1/cameras", rights=("camera.manage",), answer=Cameras)
    def list_cameras() -> Response:
        """Every camera of the registry, also those out of use; no address or password is shown."""
        return answer({"cameras": _listed(services)})

    def switched(asked: Switch) -> Response:
        who, now = current().actor.id, services.now()
        about = (services.city, asked, who, keyed(), now, services.realm)
        done = cameras.switch(services.writer, *about)
        _renew(services)
        return answer(done.body)

    @api.post(
        "/api/v1/cameras/<camera_id>/disable", rights=("camera.manage",), keyed=True,
        bodies={JSON: Why}, answer=Switched, answers=ABSENT,
    )  # fmt: skip
    def disable_camera(camera_id: str) -> Response:
        """Take a camera out of use: no screen shows it, nothing opens it."""
        return switched(Switch(camera_id[:64], True, body(Why).reason))

    @api.post(
        "/api/v1/cameras/<camera_id>/enable", rights=("camera.manage",), keyed=True,
        answer=Switched, answers=ABSENT,
    )  # fmt: skip
    def enable_camera(camera_id: str) -> Response:
        """Take a camera into use again."""
        return switched(Switch(camera_id[:64], False))

    @api.route(
        "DELETE", "/api/v1/cameras/<camera_id>", rights=("camera.manage",), keyed=True,
        answer=Removed, answers={404: "no imported camera: one of the city folder is disabled"},
    )  # fmt: skip
    def remove_camera(camera_id: str) -> Response:
        """Take an imported camera out of the registry; its password goes with it."""
        about = (camera_id[:64], current().actor.id, keyed(), services.now(), services.realm)
        done = cameras.remove(services.writer, *about)
        _renew(services)
        return answer(done.body)


def _listed(services: Services) -> list[dict[str, Any]]:
    media = services.media
    if media is None:
        known = services.board.feeds.cameras.values()
        return [{**cameras.shown(one), "disabled": None} for one in known]
    about = (services.city, media.vault, services.realm)
    return services.database.read(lambda connection: cameras.listed(connection, *about))


def _renew(services: Services) -> None:
    if services.media is not None:
        services.media.link.renew()


def keyed() -> str:
    """The request's own key. Raises Invalid."""
    key = request.headers.get(KEY, "")
    if not 0 < len(key) <= KEY_MAX or not key.isprintable():
        raise Invalid("bad_key", KEY, f"1 to {KEY_MAX} printable characters")
    return key
