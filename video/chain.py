"""From a source's packets to H.264 that browsers can show: passed through, or transcoded once."""

import logging
from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

import av
from av.packet import Packet as AvPacket
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from video.timeline import CLOCK

log = logging.getLogger(__name__)

TICK = Fraction(1, CLOCK)
WIDTH_MAX, BITRATE = 1280, 1_500_000  # of what we encode ourselves
GOP = 25
DAMAGE = (av.error.InvalidDataError, av.error.PatchWelcomeError)


class NotPlayable(Exception):
    """Browsers cannot show this source as it is. reason: bframes, h265, codec or no_video."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Chain(Protocol):
    def take(self, packet: AvPacket) -> Iterator[tuple[bytes, int | None]]:
        """Access units in Annex B, each with its ticks of 1/90000 s."""
        ...


def hindrance(stream: VideoStream) -> str:
    """Why a stream cannot be passed through, as far as its header tells; "" if nothing does."""
    name = stream.codec_context.name
    if name == "hevc":
        return "h265"
    if name != "h264":
        return "codec"
    return "bframes" if stream.codec_context.has_b_frames else ""


class Through:
    """Passes packets on untouched but for their start codes and parameter sets.

    Raises NotPlayable at the first picture that is shown before an earlier one.
    """

    def __init__(self, stream: VideoStream) -> None:
        extra = stream.codec_context.extradata or b""
        length_prefixed = extra[:1] == b"\x01"
        name = "h264_mp4toannexb" if length_prefixed else "dump_extra=freq=keyframe"
        self._filter = av.BitStreamFilterContext(name, stream)
        self._newest: int | None = None

    def take(self, packet: AvPacket) -> Iterator[tuple[bytes, int | None]]:
        for one in self._filter.filter(packet):
            ticks = ticks_of(one)
            self._check(ticks)
            yield bytes(one), ticks

    def _check(self, ticks: int | None) -> None:
        """A step back of less than a second is a B-frame; a greater one is a new beginning."""
        if ticks is None:
            return
        if self._newest is not None and 0 < self._newest - ticks < CLOCK:
            raise NotPlayable("bframes")
        self._newest = ticks


class Transcoded:
    """Decodes and encodes again, once for all viewers of a source; leaves out what is damaged."""

    def __init__(self, stream: VideoStream) -> None:
        self._decoder = stream.codec_context
        self._rate = stream.average_rate or Fraction(25)
        self._encoder: VideoCodecContext | None = None

    def take(self, packet: AvPacket) -> Iterator[tuple[bytes, int | None]]:
        try:
            frames = self._decoder.decode(packet)
        except DAMAGE as error:
            log.debug("a picture cannot be decoded: %s", error)
            return
        for frame in frames:
            yield from self._encode(frame)

    def _encode(self, frame: VideoFrame) -> Iterator[tuple[bytes, int | None]]:
        if self._encoder is None:
            self._encoder = _encoder(frame.width, frame.height, Fraction(self._rate))
        own = self._encoder
        small = frame.reformat(own.width, own.height, "yuv420p")
        small.pts, small.time_base = _frame_ticks(frame), TICK
        small.pict_type = av.video.frame.PictureType.NONE
        for packet in own.encode(small):
            yield bytes(packet), packet.pts


def _encoder(width: int, height: int, rate: Fraction) -> VideoCodecContext:
    share = min(1.0, WIDTH_MAX / width)
    own = av.CodecContext.create("libx264", "w")
    assert isinstance(own, VideoCodecContext)
    own.width, own.height = int(width * share) & ~1, int(height * share) & ~1
    own.pix_fmt, own.bit_rate, own.time_base, own.gop_size = "yuv420p", BITRATE, TICK, GOP
    own.framerate = rate  # else the encoder takes ticks for pictures, and the bits are spread thin
    own.options = {"preset": "ultrafast", "tune": "zerolatency", "threads": "1"}
    own.max_b_frames = 0
    return own


def ticks_of(packet: AvPacket) -> int | None:
    if packet.pts is None or packet.time_base is None:
        return None
    return int(packet.pts * packet.time_base * CLOCK)


def _frame_ticks(frame: VideoFrame) -> int | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return int(frame.pts * frame.time_base * CLOCK)
