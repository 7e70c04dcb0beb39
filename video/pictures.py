"""Decoded pictures of a feed: whether two are the same, whether one is black, one as JPEG."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from video.reader import Packet

BLOCK = 8
STEP = 4  # every so manyth pixel is compared by itself
BLOCK_DIFFERS, PIXELS_DIFFER = 2.0, 0.15  # grey levels; the noise of a camera alone is more
BLACK = 32  # luma; 16 is black
JPEG_QUALITY = 80


@dataclass(frozen=True)
class Look:
    """What is kept of a picture to compare it: means of blocks, and some of its pixels."""

    blocks: np.ndarray
    pixels: np.ndarray

    @property
    def black(self) -> bool:
        return bool(np.percentile(self.blocks, 99) < BLACK)

    def same_as(self, other: "Look") -> bool:
        if self.blocks.shape != other.blocks.shape:
            return False
        blocks = np.abs(self.blocks - other.blocks).max()
        pixels = np.abs(self.pixels - other.pixels).mean()
        return bool(blocks < BLOCK_DIFFERS and pixels < PIXELS_DIFFER)


def decode_last(packets: Sequence[Packet]) -> VideoFrame | None:
    """The newest picture of a keyframe and what follows it; None if it cannot be decoded."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    last = None
    try:
        for packet in packets:
            for frame in decoder.decode(av.Packet(packet.data)):
                last = frame
        for frame in decoder.decode(None):
            last = frame
    except av.FFmpegError:
        return last
    return last


def look_at(packets: Sequence[Packet]) -> Look | None:
    frame = decode_last(packets)
    return None if frame is None else _look(frame)


def _look(frame: VideoFrame) -> Look:
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
        : frame.height, : frame.width
    ]
    high, wide = frame.height // BLOCK, frame.width // BLOCK
    whole = luma[: high * BLOCK, : wide * BLOCK].reshape(high, BLOCK, wide, BLOCK)
    return Look(whole.mean(axis=(1, 3)), luma[::STEP, ::STEP].astype(np.float32))


def jpeg(packets: Sequence[Packet], width: int) -> bytes | None:
    """The picture as JPEG, at most so wide."""
    frame = decode_last(packets)
    if frame is None:
        return None
    image = frame.to_image()
    if width < image.width:
        image = image.resize((width, round(image.height * width / image.width)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
