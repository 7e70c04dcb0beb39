"""RTP payloads of an access unit, made once: aiortc would make them for each viewer anew.

This module leans on names of aiortc that are not its public interface; the version is pinned and
`tests/video/test_packing.py` holds them to what is believed here.
"""

from dataclasses import dataclass
from typing import Any

from aiortc import RTCRtpSender
from aiortc.codecs.h264 import H264Encoder

from video.reader import Packet


@dataclass(frozen=True, slots=True)
class Packed:
    payloads: list[bytes]
    timestamp: int


def pack(packet: Packet) -> Packed:
    nals = H264Encoder._split_bitstream(packet.data)
    return Packed(H264Encoder._packetize(nals), packet.pts)


class _Given:
    """Stands in an encoder's place: what is sent is ready."""

    def pack(self, packed: Packed) -> tuple[list[bytes], int]:
        return packed.payloads, packed.timestamp


def send_packed(sender: RTCRtpSender) -> None:
    """Let a sender take `Packed` from its track."""
    inner: Any = sender
    inner._RTCRtpSender__encoder = _Given()
