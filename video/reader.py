"""Reads one source in a thread of its own, opens it again when it ends, and never hangs.

What it reads is given to `Heard` in the event loop. Nothing here waits longer than the time
limits of `open_source`, so a server that says nothing costs one thread some seconds.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import av
from av.container import InputContainer
from av.packet import Packet as AvPacket
from av.video.stream import VideoStream

from dispatch.clock import now_ms
from video import addresses, annexb
from video.addresses import Allowed
from video.chain import Chain, NotPlayable, Through, Transcoded, hindrance, ticks_of
from video.source import Source, open_source, reason_of
from video.timeline import CLOCK, Timeline

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 5.0
WATCHED_WAIT_S = 1.0  # somebody is looking at the dead picture
NO_KEYFRAME_S = 10.0


@dataclass(frozen=True, slots=True)
class Packet:
    """One picture. data: Annex B; pts: 1/90000 s, only rising; at: when it came, ms UTC."""

    data: bytes
    pts: int
    keyframe: bool
    at: int


@dataclass(frozen=True)
class Facts:
    """What a source was found to be when it was opened."""

    codec: str
    width: int
    height: int
    bframes: bool = False
    transcoding: bool = False


class Heard(Protocol):
    """What a reader tells, in the event loop."""

    def opened(self, facts: Facts) -> None: ...
    def came(self, packet: Packet) -> None: ...
    def data(self, data: bytes, pts: int) -> None: ...
    def failed(self, reason: str) -> None: ...


@dataclass(frozen=True)
class Bounds:
    """What readers may do. slots: how many sources may be transcoded at a time."""

    allowed: Allowed
    slots: threading.Semaphore
    folder: Path | None = None


class Reader:
    """Runs until it is stopped. watched: whether somebody waits for the picture."""

    def __init__(
        self, source: Source, bounds: Bounds, heard: Heard, watched: Callable[[], bool]
    ) -> None:
        self._source, self._bounds, self._heard, self._watched = source, bounds, heard, watched
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._line = Timeline()
        self._needs = ""  # why this source must be transcoded, once that is known
        threading.Thread(target=self._run, name=source.path, daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        wait = FIRST_WAIT_S
        while not self._stop.is_set():
            begun = time.monotonic()
            reason = self._safely()
            while reason == "ended" and self._source.kind == "file" and not self._stop.is_set():
                reason = self._safely()
            self._line.break_off()
            self._tell(self._heard.failed, reason)
            if time.monotonic() - begun > LONGEST_WAIT_S:
                wait = FIRST_WAIT_S
            self._stop.wait(min(wait, WATCHED_WAIT_S) if self._watched() else wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _safely(self) -> str:
        """A source that does what nobody foresaw is dead for now, and is opened again."""
        try:
            return self._once()
        except Exception:
            log.exception("%s cannot be read", self._source.path)
            return "failed"

    def _once(self) -> str:
        """Read until the source ends; why it ended."""
        try:
            with open_source(self._source, self._bounds.allowed, self._bounds.folder) as container:
                return self._play(container)
        except NotPlayable as error:
            if self._needs:
                return error.reason
            self._needs = error.reason
            return self._once()
        except (OSError, ValueError, EOFError, av.FFmpegError, addresses.NotAllowed) as error:
            shown = addresses.shown(self._source.url)
            log.info("%s at %s: %s", self._source.path, shown, type(error).__name__)
            return reason_of(error)

    def _play(self, container: InputContainer) -> str:
        if not container.streams.video:
            return "no_video"
        stream = container.streams.video[0]
        self._needs = self._needs or hindrance(stream)
        if not self._needs:
            return self._read(container, stream, Through(stream))
        if not self._bounds.slots.acquire(blocking=False):
            return self._needs
        try:
            return self._read(container, stream, Transcoded(stream))
        finally:
            self._bounds.slots.release()

    def _read(self, container: InputContainer, stream: VideoStream, chain: Chain) -> str:
        self._tell(self._heard.opened, self._facts(stream))
        pace = Pace() if self._source.kind == "file" else None
        began, seen = time.monotonic(), False
        for packet in container.demux(stream, *container.streams.data):
            if self._stop.is_set():
                return "ended"
            if packet.stream is not stream:
                self._pass_data(packet)
                continue
            for unit, ticks in chain.take(packet):
                seen = self._pass(unit, ticks, pace) or seen
            if not seen and time.monotonic() - began > NO_KEYFRAME_S:
                return "no_keyframe"
        return "ended"

    def _pass(self, unit: bytes, ticks: int | None, pace: "Pace | None") -> bool:
        """Give a picture on; whether it was a keyframe."""
        if not unit:
            return False
        pts = self._line.stamp(ticks, time.monotonic())
        if pace:
            pace.wait(pts, self._stop)
        keyframe = annexb.is_keyframe(unit)
        self._tell(self._heard.came, Packet(unit, pts, keyframe, now_ms()))
        return keyframe

    def _pass_data(self, packet: AvPacket) -> None:
        ticks = ticks_of(packet)
        pts = None if ticks is None else self._line.beside(ticks)
        if packet.size and pts is not None:
            self._tell(self._heard.data, bytes(packet), pts)

    def _facts(self, stream: VideoStream) -> Facts:
        own = stream.codec_context
        bframes = self._needs == "bframes"
        return Facts(own.name, own.width, own.height, bframes, bool(self._needs))

    def _tell(self, what: Callable[..., None], *facts: object) -> None:
        if not self._stop.is_set():
            try:
                self._loop.call_soon_threadsafe(what, *facts)
            except RuntimeError:  # the loop has ended before us
                self._stop.set()


class Pace:
    """Lets a file take as long as it lasts."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None

    def wait(self, pts: int, stop: threading.Event) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = (pts, now)
        due = self._first[1] + (pts - self._first[0]) / CLOCK
        if due > now:
            stop.wait(due - now)
