"""Who may see and send which pictures."""

import re
from collections.abc import Callable

from callbacks.who import Who
from dispatch.access import can, meets
from dispatch.city import City
from dispatch.errors import Forbidden, Invalid, NotFound
from dispatch.vocabulary import ForceType
from streams.feeds import Feeds
from streams.pictures.feeds import may_watch
from video.tokens import PATH

SEE = ("whep", "snapshot", "mjpeg")


class MediaRights:
    """Asks the table of rights, the camera's own roles, and the district."""

    def __init__(self, city: City, feeds: Feeds, now: Callable[[], int]) -> None:
        self._feeds, self.now = feeds, now
        self._drones = {one.id: one for one in city.units if one.force_type is ForceType.UAV}

    def check(self, who: Who, path: str, action: str) -> None:
        """Raises Forbidden, Invalid or NotFound unless this person may do this."""
        if not re.fullmatch(PATH, path):
            raise Invalid("bad_path", "path", "should be cam/<id>, cam/<id>/sub or drone/<id>")
        kind, id = path.split("/")[:2]
        if action == "whip":
            self._check_sending(who, kind, id)
        elif not can(who.actor, "camera.view"):
            raise Forbidden("no_right", "path", f"{who.actor.role or who.actor.id} sees no cameras")
        elif kind == "cam":
            self._check_camera(who, path)
        elif kind == "drone":
            self._check_drone(who, id)
        else:
            raise Forbidden("no_right", "path", "a call has a door of its own")

    def _check_camera(self, who: Who, path: str) -> None:
        camera = self._feeds.find(path)
        if camera is None or (path.endswith("/sub") and not camera.sub_url):
            raise NotFound("not_found", "path", f"no picture {path}")
        if not may_watch(camera, who.actor.role, who.actor.scope):
            raise Forbidden("no_right", "path", "this camera is for others")

    def _check_drone(self, who: Who, id: str) -> None:
        if id not in self._drones:
            raise NotFound("not_found", "path", f"no drone {id}")
        if not meets(who.actor.scope, (self._drones[id].district,)):
            raise Forbidden("out_of_scope", "path", "outside your jurisdiction")

    def _check_sending(self, who: Who, kind: str, id: str) -> None:
        """A unit sends its own pictures, nobody else's."""
        if kind != "drone" or who.actor.unit != id:
            raise Forbidden("no_right", "path", "only a unit itself sends its pictures")
