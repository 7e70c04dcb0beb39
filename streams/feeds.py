"""What the media process last said of each camera, and what it is told to open.

Last values, not facts of the log: the process that has the pictures is asked again and again.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from dispatch import canonical
from dispatch.cameras import Registered
from dispatch.city import City
from dispatch.city_records import Camera

log = logging.getLogger(__name__)

POLL_S = 0.5
PATIENCE_S = 5.0  # a media process that starts is not one that is gone
READ_S = 5.0  # the registry hardly ever changes
TIMEOUT_S = 2.0
Kind = Literal["rtsp", "mpegts", "whep"]
KINDS: dict[str, Kind] = {"rtsp": "rtsp", "rtsps": "rtsp", "udp": "mpegts", "http": "mpegts"}
Row = dict[str, Any]


@dataclass
class Feeds:
    """The cameras there are, and the last known state of each feed by its path."""

    cameras: Mapping[str, Camera]
    states: Mapping[str, Row] = field(default_factory=dict)
    up: bool = False

    @staticmethod
    def of(city: City) -> "Feeds":
        return Feeds({one.id: one for one in city.cameras})

    def find(self, path: str) -> Camera | None:
        """The camera of `cam/<id>` or `cam/<id>/sub`."""
        parts = path.split("/")
        return self.cameras.get(parts[1]) if parts[0] == "cam" and len(parts) > 1 else None


class MediaLink:
    """Keeps the media process's sources as the registry has them, and takes back their states.

    read: the registered cameras with their credentials; more: other wanted sources, of drones and
    phones, asked for at every poll.
    base: what relative addresses begin with.
    """

    def __init__(
        self,
        feeds: Feeds,
        read: Callable[[], Sequence[Registered]],
        address: str,
        key: str,
        base: str = "",
        more: Callable[[], Sequence[Row]] = lambda: (),
    ) -> None:
        self._feeds, self._read, self._base, self._more = feeds, read, base, more
        headers = {"Authorization": f"Bearer {key}"}
        self._door = httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_S)
        self._silent: float | None = None
        self._told = False
        self._due = 0.0
        self._unreadable: set[str] = set()
        self._cameras: list[Row] = []
        self._rows: list[Row] = []
        self._revision = ""

    def renew(self) -> None:
        """The registry has changed: read it at the next poll."""
        self._due = 0.0

    def poll(self) -> None:
        """Ask once; say what is wanted if the media process has another set."""
        self._read_wanted()
        try:
            answer = self._door.get("/control/status").raise_for_status().json()
            if answer["revision"] != self._revision:
                body = {"revision": self._revision, "sources": self._rows}
                self._door.put("/control/sources", json=body).raise_for_status()
        except (httpx.HTTPError, ValueError, KeyError) as error:
            self._lost(error)
            return
        self._feeds.states = {one["path"]: one for one in answer["feeds"]}
        self._feeds.up, self._told, self._silent = True, False, None

    def _lost(self, error: Exception) -> None:
        """Screens show it at once; the log says it once, and not of one that is just starting."""
        self._feeds.up = False
        self._silent = time.monotonic() if self._silent is None else self._silent
        if not self._told and time.monotonic() - self._silent >= PATIENCE_S:
            log.warning("the media process does not answer: %s", type(error).__name__)
            self._told = True

    def _read_wanted(self) -> None:
        """What others have imported is seen some seconds later."""
        if time.monotonic() >= self._due:
            self._cameras = self._wanted()
            self._due = time.monotonic() + READ_S
        rows = [*self._cameras, *self._more()]
        if self._revision and rows == self._rows:
            return
        self._rows = rows
        self._revision = hashlib.sha256(canonical.dumps(self._rows).encode()).hexdigest()[:16]

    def _wanted(self) -> list[Row]:
        known = self._read()
        self._feeds.cameras = {one.camera.id: one.camera for one in known}
        return [row for one in known for row in self._readable(one)]

    def _readable(self, one: Registered) -> list[Row]:
        """The sources of a camera; one whose address nobody can read keeps no other away."""
        try:
            return self._sources(one)
        except (ValueError, KeyError):
            if one.camera.id not in self._unreadable:
                self._unreadable.add(one.camera.id)
                log.error("camera %s is left out: its address cannot be read", one.camera.id)
            return []

    def _sources(self, one: Registered) -> list[Row]:
        camera, path = one.camera, f"cam/{one.camera.id}"
        pairs = ((path, camera.url, camera.pinned), (f"{path}/sub", camera.sub_url, False))
        return [
            {
                "path": at,
                "url": with_credentials(address, one),
                "kind": kind_of(address),
                "pinned": pinned,
            }
            for at, url, pinned in pairs
            if url and (address := absolute(url, self._base))
        ]


def absolute(url: str, base: str) -> str:
    """The whole address; "" for a relative one without a base."""
    if "://" in url:
        return url
    # urljoin knows no rtsp: it joins as if it were http
    joined = urljoin(base.replace("rtsp://", "http://", 1), url)
    return joined.replace("http://", "rtsp://", 1) if base else ""


def kind_of(url: str) -> Kind:
    """How a whole address is read; its scheme was checked when it was registered."""
    scheme = urlsplit(url).scheme
    return "whep" if scheme.startswith("whep+") else KINDS[scheme]


def with_credentials(url: str, one: Registered) -> str:
    """The address with the camera's name and password in it, as only the media process sees it."""
    if not one.user:
        return url
    from urllib.parse import quote

    parts = urlsplit(url)
    secret = f"{quote(one.user, safe='')}:{quote(one.password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{secret}@{parts.netloc}"))
