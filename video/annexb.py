"""H.264 in Annex B: what an access unit holds, told from its first NAL units."""

from collections.abc import Iterator

import av
from av.video.codeccontext import VideoCodecContext

START = b"\x00\x00\x01"
SLICE, IDR, SPS = 1, 5, 7


def kinds(unit: bytes) -> Iterator[int]:
    """The NAL types of an access unit in order, up to and with its first slice."""
    at = unit.find(START)
    while 0 <= at < len(unit) - 3:
        kind = unit[at + 3] & 0x1F
        yield kind
        if kind in (SLICE, IDR):
            return
        at = unit.find(START, at + 3)


def is_keyframe(unit: bytes) -> bool:
    """Whether a decoder can begin here. A recovery point is no such place: browsers wait on."""
    return IDR in kinds(unit)


def size(unit: bytes) -> tuple[int, int]:
    """Width and height of a keyframe with its parameter sets; (0, 0) if they are not told."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    try:
        for frame in (*decoder.decode(av.Packet(unit)), *decoder.decode(None)):
            return frame.width, frame.height
    except av.FFmpegError:
        pass
    return 0, 0
