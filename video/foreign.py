"""A camera whose pictures another WHEP engine has: its offer is passed on, media flows directly.

The engine's address and credentials stay here; the browser is told a session of ours.
"""

import asyncio
import base64
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import aiohttp
from aiortc import RTCIceCandidate

from dispatch.clock import now_ms
from video.addresses import Allowed, NotAllowed, Place
from video.peers import Session
from video.refused import MediaRefused
from video.sdp import SIZE_MAX, Offer
from video.source import Source

LIMIT = aiohttp.ClientTimeout(total=8)
SDP = "application/sdp"
AGAIN_MS = 60_000
LIFE_S = 12 * 3_600.0  # a session that nobody ended is forgotten then; the engine sees to itself
OPEN_MAX = 100  # sessions of one camera that are remembered, the newest


class Foreign:
    """Another engine's feed. Whether it plays is known only from the last time it was asked."""

    def __init__(self, source: Source, allowed: Allowed) -> None:
        self.source, self.allowed = source, allowed
        self.reason, self.since = "elsewhere", 0
        self._open: deque[object] = deque(maxlen=OPEN_MAX)

    def opened(self) -> Callable[[], bool]:
        """Remember a session; whether it is still remembered."""
        mark, until = object(), time.monotonic() + LIFE_S
        self._open.append(mark)
        return lambda: time.monotonic() < until and mark in self._open

    def status(self) -> dict[str, Any]:
        """As of a feed of ours; `idle` and `elsewhere` while it was well or never asked.

        A no holds for a while only: nobody else asks the engine whether it is well again.
        """
        dead = self.reason != "elsewhere" and now_ms() - self.since < AGAIN_MS
        known = {"path": self.source.path, "state": "dead" if dead else "idle"}
        nothing = {"width": 0, "height": 0, "fps": 0.0, "kbps": 0, "viewers": 0, "codec": ""}
        still = {
            "plays": False if dead else None,
            "bframes": False,
            "transcoding": False,
            "last_frame_at": None,
            "recordable": False,
        }
        reason = self.reason if dead else "elsewhere"
        return {**known, "reason": reason, "since": self.since or None, **nothing, **still}

    def failed(self, reason: str) -> None:
        self.reason, self.since = reason, now_ms()


async def play(feed: Foreign, offer: Offer) -> Session:
    """Ask the engine in the viewer's place. Raises MediaRefused."""
    place = await _resolve(feed)
    status, headers, text = await _ask(feed, "POST", place.url, place, offer.sdp)
    if status != 201 or len(text) > SIZE_MAX:
        feed.failed("unauthorized" if status in (401, 403) else "refused")
        raise MediaRefused(503, "source_dead", f"the engine answered {status}")
    session = _within(place.url, headers.get("Location", ""))
    if not text.startswith("v=0"):
        feed.failed("refused")
        await _leave(feed, session, place)
        raise MediaRefused(503, "source_dead", "the engine's answer is no SDP")
    feed.reason, feed.since = "elsewhere", 0

    async def close() -> None:
        await _leave(feed, session, place)

    async def add(_found: list[RTCIceCandidate]) -> None:
        """The offer held every candidate: it is sent when the browser has gathered them."""

    return Session(text, close, add, feed.opened())


async def _leave(feed: Foreign, session: str, place: Place) -> None:
    """Tell the engine that the viewer goes, if it said where. Raises MediaRefused."""
    if session:
        await _ask(feed, "DELETE", session, place)


async def _resolve(feed: Foreign) -> Place:
    try:
        return await asyncio.to_thread(feed.allowed.resolve, feed.source.url)
    except NotAllowed:
        feed.failed("not_allowed")
        raise MediaRefused(409, "not_playable", "not_allowed") from None


async def _ask(
    feed: Foreign, method: str, url: str, place: Place, body: str = ""
) -> tuple[int, Any, str]:
    plain, headers = _told(url, place)
    try:
        async with (
            aiohttp.ClientSession(timeout=LIMIT) as client,
            client.request(
                method, plain, data=body.encode() or None, headers=headers, allow_redirects=False,
                server_hostname=place.host if plain.startswith("https") else None,
                ssl=ssl.create_default_context() if plain.startswith("https") else True,
            ) as answer,
        ):  # fmt: skip
            return answer.status, answer.headers, (await _body(answer.content)).decode()
    except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
        feed.failed("refused")
        raise MediaRefused(503, "source_dead", "the engine does not answer") from None


async def _body(content: aiohttp.StreamReader) -> bytes:
    """All of it, however it is cut up; of too much the beginning, which is more than SIZE_MAX."""
    found = b""
    while len(found) <= SIZE_MAX and (more := await content.read(SIZE_MAX + 1)):
        found += more
    return found


def _told(url: str, place: Place) -> tuple[str, dict[str, str]]:
    """The address without credentials, and the headers that carry them.

    A password alone is a Bearer token, a name and a password are Basic.
    """
    parts = urlsplit(url.removeprefix("whep+"))
    headers = {"Content-Type": SDP, "Accept": SDP, "Host": f"{place.host}:{place.port}"}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user == "bearer" and password:
        headers["Authorization"] = f"Bearer {password}"
    elif user:
        word = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {word}"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), headers


def _within(url: str, location: str) -> str:
    """The session's address, if it is on the same engine; "" otherwise: nothing is sent there."""
    own = url.removeprefix("whep+")
    here = urlsplit(own)
    bare = here.netloc.rpartition("@")[2]
    try:
        found = urlsplit(urljoin(own, location))
        same_name = not urlsplit(location).netloc or found.netloc == bare
    except ValueError:
        return ""
    if not location or not same_name:
        return ""
    return urlunsplit(found._replace(scheme=here.scheme, netloc=here.netloc))
