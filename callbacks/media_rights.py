"""Who may see and send which pictures."""

import re
from collections.abc import Callable, Sequence

from callbacks.who import Who
from dispatch.access import DESK, Actor, can, meets
from dispatch.city import City
from dispatch.errors import Forbidden, Invalid, NotFound
from dispatch.feeds import DRONE, PHONE
from dispatch.sendings import Sending
from dispatch.vocabulary import ForceType
from streams.feeds import Feeds
from streams.pictures.feeds import may_watch
from video.tokens import PATH

Watching = Callable[[Actor, str], bool]
Senders = Callable[[], Sequence[Sending]]


def always(_actor: Actor, _feed: str) -> bool:
    return True


def nobody() -> Sequence[Sending]:
    return ()


class MediaRights:
    """Asks the table of rights, the camera's own roles, the district, and at desks the reason.

    watching: whether an actor has leave to watch a picture now (dispatch/viewings.py).
    senders: the units whose phones may send theirs now (dispatch/sendings.py).
    """

    def __init__(
        self,
        city: City,
        feeds: Feeds,
        now: Callable[[], int],
        watching: Watching = always,
        senders: Senders = nobody,
    ) -> None:
        self._feeds, self.now, self._watching, self._senders = feeds, now, watching, senders
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
            self._check_leave(who, f"{kind}/{id}")
        elif kind in (DRONE, PHONE):
            (self._check_drone if kind == DRONE else self._check_phone)(who, id)
            self._check_leave(who, f"{kind}/{id}")
        else:
            raise Forbidden("no_right", "path", "a call has a door of its own")

    def _check_camera(self, who: Who, path: str) -> None:
        camera = self._feeds.find(path)
        if camera is None or (path.endswith("/sub") and not camera.sub_url):
            raise NotFound("not_found", "path", f"no picture {path}")
        if not may_watch(camera, who.actor.role, who.actor.scope):
            raise Forbidden("no_right", "path", "this camera is for others")

    def _check_leave(self, who: Who, feed: str) -> None:
        """At a desk nobody watches without having said why; a wall shows what was chosen for it."""
        if who.actor.role in DESK and not self._watching(who.actor, feed):
            raise Forbidden("no_viewing", "path", "say why it is watched first: viewing.start")

    def _check_drone(self, who: Who, id: str) -> None:
        if id not in self._drones:
            raise NotFound("not_found", "path", f"no drone {id}")
        if not meets(who.actor.scope, (self._drones[id].district,)):
            raise Forbidden("out_of_scope", "path", "outside your jurisdiction")

    def _check_phone(self, who: Who, id: str) -> None:
        found = next((one for one in self._senders() if one.unit == id), None)
        if found is None:
            raise NotFound("not_found", "path", f"{id} sends no picture")
        if not meets(who.actor.scope, found.scope):
            raise Forbidden("out_of_scope", "path", "outside your jurisdiction")

    def _check_sending(self, who: Who, kind: str, id: str) -> None:
        """A unit sends its own pictures, nobody else's; a phone while its order runs."""
        if kind not in (DRONE, PHONE) or who.actor.unit != id:
            raise Forbidden("no_right", "path", "only a unit itself sends its pictures")
        if kind == PHONE and all(one.unit != id for one in self._senders()):
            raise Forbidden("not_sending", "path", "say first that it is sent: order.send_picture")
