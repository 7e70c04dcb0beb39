"""What drones say beside their pictures: the last word of each, and every word to who looks.

A report goes out together with the picture that it belongs to: not before a picture of the same
time has gone to the viewers, so that a screen may show the two as one.
"""

import asyncio
import json
import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCDataChannel

from dispatch.clock import now_ms
from video.feed import Feed, Viewer
from video.feeds import Feeds
from video.telemetry import KlvSource

log = logging.getLogger(__name__)

DRONE, CHANNEL = "drone/", "telemetry"
LOOK_S = 0.3
WAITING_MAX = 200  # reports that wait for their picture; more are damage
BEHIND_MAX = 64 * 1024  # bytes; who cannot take more misses some
CHANNELS_MAX = 4  # of one viewer; a screen opens one


@dataclass
class Heard:
    """One drone's link. waiting: (pts, packet) of reports whose picture has not gone yet."""

    feed: Feed
    source: KlvSource = field(default_factory=lambda: KlvSource(()))
    said: dict[str, Any] | None = None
    received_at: int = 0
    waiting: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=WAITING_MAX))
    channels: set[RTCDataChannel] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class Drones:
    """Listens to every feed of a drone."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._heard: dict[str, Heard] = {}

    async def run(self) -> None:
        """Follow the drones that are wanted, until cancelled."""
        try:
            while True:
                self._follow()
                await asyncio.sleep(LOOK_S)
        finally:
            for one in self._heard.values():
                _end(one)

    async def told(self, _body: Any) -> dict[str, Any]:
        """For the web process: {"drones": [{id, said, received_at, refused}]}."""
        rows = [
            {
                "id": path.removeprefix(DRONE),
                "said": one.said,
                "received_at": one.received_at,
                "refused": one.source.refused,
            }
            for path, one in self._heard.items()
        ]
        return {"drones": rows}

    def _follow(self) -> None:
        wanted = {path for path in self._feeds.paths() if path.startswith(DRONE)}
        for path in self._heard.keys() - wanted:
            _end(self._heard.pop(path))
        for path in wanted:
            feed = self._feeds.get(path)
            known = self._heard.get(path)
            if known is None or known.feed is not feed or (known.task and known.task.done()):
                if known is not None:
                    _end(known)
                self._heard[path] = self._listen(feed)

    def _listen(self, feed: Feed) -> Heard:
        one = Heard(feed)
        feed.on_data = lambda data, pts: one.waiting.append((pts, data))
        feed.on_channel = lambda channel: _join(one, channel)
        one.task = asyncio.create_task(_with_pictures(one, feed.watch()))
        return one


async def _with_pictures(one: Heard, viewer: Viewer) -> None:
    """Say each report when its picture has gone."""
    try:
        while True:
            packet = await viewer.next()
            while one.waiting and one.waiting[0][0] <= packet.pts:
                pts, data = one.waiting.popleft()
                _say(one, pts, data)
    except EOFError:
        return
    finally:
        viewer.close()


def _say(one: Heard, pts: int, data: bytes) -> None:
    report = one.source.hear(data)
    if report is None:
        return
    one.said, one.received_at = report.shown(), now_ms()
    text = json.dumps({**one.said, "pts": pts})
    for channel in tuple(one.channels):
        if channel.readyState == "open" and channel.bufferedAmount < BEHIND_MAX:
            channel.send(text)


def _join(one: Heard, channel: RTCDataChannel) -> None:
    """Who looks at the picture may also open a channel for what is said beside it.

    A channel that is kept keeps its whole connection, so it is let go when it closes.
    """
    if channel.label != CHANNEL or channel.readyState not in ("connecting", "open"):
        return
    if sum(other.transport is channel.transport for other in one.channels) < CHANNELS_MAX:
        one.channels.add(channel)
        channel.on("close", lambda: one.channels.discard(channel))


def _end(one: Heard) -> None:
    one.feed.on_data = lambda _data, _pts: None
    one.feed.on_channel = lambda _channel: None
    if one.task:
        one.task.cancel()
