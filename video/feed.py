"""One source as its viewers see it: read once, begun with a whole picture, honest about itself."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from aiortc import RTCDataChannel

from dispatch.clock import now_ms
from video.health import Health
from video.packing import Packed, pack
from video.reader import Bounds, Facts, Packet, Reader
from video.source import Source

LINGER_S = 10.0  # a source stays open so long after its last viewer
BEHIND_MAX = 75  # packets that may wait for one viewer beyond the pictures it began with: 3 s
GOP_MAX, GOP_BYTES = 400, 8 << 20


@dataclass(slots=True)
class Shot:
    """A packet and its RTP payloads, made once for all viewers, when the first one needs them."""

    packet: Packet
    _packed: Packed | None = None

    @property
    def packed(self) -> Packed:
        if self._packed is None:
            self._packed = pack(self.packet)
        return self._packed


class Viewer:
    """One taker of packets. What it cannot take in time is dropped, up to the next keyframe.

    waits: what comes next does not follow `begin`, up to the next keyframe.
    """

    def __init__(
        self, begin: list[Shot], on_close: Callable[["Viewer"], None], waits: bool = False
    ) -> None:
        self._queue: deque[Shot] = deque(begin)
        self._most = len(begin) + BEHIND_MAX
        self._waits = waits or not begin
        self._came = asyncio.Event()
        self._on_close = on_close
        self.closed = False

    async def next(self) -> Packet:
        """The next picture; the first is a keyframe. Raises EOFError when it is closed."""
        return (await self.shot()).packet

    async def shot(self) -> Shot:
        """The next, after everybody else's turn: who catches up would never wait by itself."""
        if self._queue:
            await asyncio.sleep(0)
        while not self._queue:
            if self.closed:
                raise EOFError
            self._came.clear()
            await self._came.wait()
        return self._queue.popleft()

    def put(self, shot: Shot) -> None:
        if len(self._queue) >= self._most:
            self._queue.clear()
            self._waits = True
        if self._waits and not shot.packet.keyframe:
            return
        self._waits = False
        self._queue.append(shot)
        self._came.set()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._queue.clear()
            self._came.set()
            self._on_close(self)


class Giver(Protocol):
    """What a feed's packets come from: a reader, or somebody who sends."""

    def stop(self) -> None: ...


class Feed:
    """A source, opened while it is pinned or watched.

    on_data: takes (bytes, 1/90000 s) of a data stream beside the picture.
    on_channel: takes a data channel that a viewer opens beside the picture.
    """

    def __init__(self, source: Source, bounds: Bounds) -> None:
        self.source = source
        self.on_data: Callable[[bytes, int], None] = lambda _data, _pts: None
        self.on_channel: Callable[[RTCDataChannel], None] = lambda _channel: None
        self.health = Health()
        self._bounds = bounds
        self.plays: bool | None = None  # what the last attempt showed
        self.tried_at = 0.0  # of the event loop's clock
        self.missed = False  # whether somebody asked in vain since it last played
        self._viewers: set[Viewer] = set()
        self._gop: list[Shot] = []
        self._gop_bytes = 0
        self._cut = False  # the keyframe alone is kept: too much has come since
        self._facts: Facts | None = None
        self._reader: Giver | None = None
        self._idle_since = 0.0
        self._changed = asyncio.Event()
        self._tend()

    @property
    def gop(self) -> list[Packet]:
        """The pictures from the last keyframe on; where that is too long, the keyframe alone."""
        return [shot.packet for shot in self._gop]

    def watch(self) -> Viewer:
        """Begin to take packets, with the last keyframe if there is one that is not too old."""
        begin = list(self._gop) if self.health.fresh() else []
        viewer = Viewer(begin, self._left, self._cut)
        self._viewers.add(viewer)
        self._tend()
        return viewer

    async def ready(self, patience: float) -> str:
        """Wait for a picture. "" when there is one, else why there is none."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        while not (self._gop and self.health.fresh()):
            self._changed.clear()
            if self.health.state == "dead":
                return self.health.reason
            try:
                await asyncio.wait_for(self._changed.wait(), until - loop.time())
            except TimeoutError:
                return "timeout"
        return ""

    def tick(self) -> None:
        """To be called a few times a second: notice what did not come, close what is not wanted."""
        self.health.tick(now_ms())
        if self._reader and self.source.kind != "whip" and not self._wanted():
            self._idle_since = self._idle_since or asyncio.get_running_loop().time()
            if asyncio.get_running_loop().time() - self._idle_since > LINGER_S:
                self.close()

    @property
    def attached(self) -> bool:
        """Whether somebody sends to this feed."""
        return self._reader is not None

    @property
    def may_be_tried(self) -> bool:
        """Whether nobody reads it now and it is there to be read."""
        return self._reader is None and self.source.kind != "whip"

    def attach(self, giver: Giver) -> None:
        """Take what somebody sends."""
        self._reader = giver
        self.health.opening(now_ms())

    def leave(self, giver: Giver) -> None:
        """Who sent has gone."""
        if self._reader is giver:
            self._reader = None
            self._forget()
            self.health.failed("ended", now_ms())
            self._changed.set()

    def pin(self, source: Source) -> None:
        """Take the same source with another will to keep it open."""
        self.source = source
        self._tend()

    def close(self) -> None:
        """Stop reading; viewers that there are wait for nothing."""
        if self._reader:
            self._reader.stop()
            self._reader = None
        self._forget()
        self.health = Health()

    def end(self) -> None:
        """The source is gone for good."""
        for viewer in list(self._viewers):
            viewer.close()
        self.close()

    def status(self) -> dict[str, Any]:
        facts = self._facts or Facts("", 0, 0)
        return {
            "path": self.source.path,
            **self.health.status(now_ms()),
            "codec": facts.codec,
            "width": facts.width,
            "height": facts.height,
            "plays": self.plays,
            "viewers": len(self._viewers),
            "bframes": facts.bframes,
            "transcoding": facts.transcoding,
            "recordable": True,
        }

    # what the reader tells

    def opened(self, facts: Facts) -> None:
        self._facts = facts

    def came(self, packet: Packet) -> None:
        if self._reader is None:
            return
        self.health.came(packet)
        shot = Shot(packet)
        if packet.keyframe:
            self._forget()
        if packet.keyframe or (self._gop and not self._cut):
            self._keep(shot)
        for viewer in tuple(self._viewers):
            viewer.put(shot)
        if packet.keyframe:
            self._tried(True)

    def data(self, data: bytes, pts: int) -> None:
        self.on_data(data, pts)

    def failed(self, reason: str) -> None:
        if self._reader is not None:
            self.health.failed(reason, now_ms())
            self._tried(False)

    def _tried(self, plays: bool) -> None:
        self.plays, self.tried_at = plays, asyncio.get_running_loop().time()
        self.missed = self.missed and not plays
        self._changed.set()

    def _keep(self, shot: Shot) -> None:
        """Keep a picture for who comes later; of too many the keyframe, to begin with at once."""
        self._gop.append(shot)
        self._gop_bytes += len(shot.packet.data)
        if len(self._gop) > GOP_MAX or self._gop_bytes > GOP_BYTES:
            self._gop, self._cut = self._gop[:1], True

    def _forget(self) -> None:
        self._gop, self._gop_bytes, self._cut = [], 0, False

    def _wanted(self) -> bool:
        return self.source.pinned or bool(self._viewers)

    def _tend(self) -> None:
        if not self._wanted() or self.source.kind == "whip":
            return
        self._idle_since = 0.0
        if self._reader is None:
            self.health.opening(now_ms())
            self._reader = Reader(self.source, self._bounds, self, lambda: bool(self._viewers))

    def _left(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
