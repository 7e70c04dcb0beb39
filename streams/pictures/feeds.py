"""The cameras that somebody may see, each with what is known of its picture."""

from typing import Any

from dispatch.access import meets
from dispatch.city_records import Camera
from dispatch.vocabulary import Role
from streams.look import Look, Row
from streams.pictures.picture import Picture
from streams.view import View

UNKNOWN: Row = {
    "state": "unknown", "reason": "", "since": None, "last_frame_at": None, "width": 0,
    "height": 0, "fps": 0.0, "kbps": 0, "viewers": 0, "bframes": False, "transcoding": False,
}  # fmt: skip
PLAYS = ("live", "frozen", "black")


def feeds(look: Look, view: View) -> dict[str, Any]:
    """{feeds, media}: states of now only; at an earlier moment they are unknown."""
    known = look.board.feeds
    rows = [_row(look, one) for one in known.cameras.values() if may_see(one, view)]
    return {
        "feeds": sorted(rows, key=lambda row: str(row["id"])),
        "media": "up" if known.up else "down",
    }


def may_see(camera: Camera, view: View) -> bool:
    return may_watch(camera, view.role, view.scope)


def may_watch(camera: Camera, role: Role | None, scope: tuple[str, ...]) -> bool:
    """Whether a role of a jurisdiction may see this camera."""
    of_role = not camera.roles or role in camera.roles
    return of_role and meets(scope, (camera.district,))


def heard(look: Look, path: str) -> Row:
    """What the media process says of a picture; of another time, and of none of its own, nothing.

    playable: None while nobody has tried. recordable: not what another engine has.
    """
    state = _state(look, path)
    told = _told(state) if state else dict(UNKNOWN)
    recordable = state is None or bool(state.get("recordable", True))
    return {**told, "playable": _playable(state), "recordable": recordable}


def small(look: Look, path: str) -> Row:
    """The same of the camera's small stream, which is opened for itself."""
    told = heard(look, path)
    return {name: told[name] for name in ("state", "reason", "since", "playable")}


def _state(look: Look, path: str) -> Row | None:
    known = look.board.feeds
    return known.states.get(path) if look.live and known.up else None


def _row(look: Look, one: Camera) -> Row:
    path = f"cam/{one.id}"
    state, told = _state(look, path), heard(look, path)
    return {
        "id": one.id,
        "path": path,
        "sub": f"{path}/sub" if one.sub_url else "",
        "name": {"zh": one.name_zh, "en": one.name_en},
        "district": one.district,
        "lat": one.lat,
        "lon": one.lon,
        "heading": one.heading,
        "fov": one.fov,
        "owner": one.owner,
        **told,
        "playable": told["playable"] if one.url else False,
        "small": small(look, f"{path}/sub") if one.sub_url else None,
        "fallback": "mjpeg" if state and told["recordable"] else "",
    }


def _told(state: Row) -> Row:
    """What a screen is told: nothing that changes while a picture simply goes on."""
    known = {name: state[name] for name in UNKNOWN}
    live = state["state"] in ("live", "black")
    return {
        **known,
        "last_frame_at": None if live else state["last_frame_at"],
        "fps": float(round(state["fps"])),
        "kbps": round(state["kbps"], -2),
    }


def _playable(state: Row | None) -> bool | None:
    if state is None:
        return None
    if state["state"] in PLAYS or state["reason"] == "elsewhere":
        return True
    plays: bool | None = state.get("plays")
    return plays


PICTURES = (Picture("feeds", feeds, every_s=1.0, by_role=True),)
