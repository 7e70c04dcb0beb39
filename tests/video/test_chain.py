"""From a source's packets to what browsers can show."""

from pathlib import Path

import av
import pytest

from tests.video.clips import encode
from video import annexb
from video.chain import Transcoded

SPOILT = {10: b"\0\0\0\x08\x41garbage", 11: b"\xff" * 50, 12: b"\0"}


@pytest.mark.parametrize(("codec", "bframes"), [("libx265", 0), ("libx264", 2)])
def test_a_damaged_picture_does_not_end_what_is_transcoded(
    tmp_path: Path, codec: str, bframes: int
) -> None:
    clip = encode(tmp_path / "clip.mp4", codec=codec, bframes=bframes)
    units: list[bytes] = []
    with av.open(str(clip)) as file:
        stream = file.streams.video[0]
        chain = Transcoded(stream)
        for number, packet in enumerate(file.demux(stream)):
            units += [unit for unit, _ in chain.take(_spoil(packet, SPOILT.get(number)))]
    assert len(units) > 25
    assert annexb.is_keyframe(units[0])


def _spoil(packet: av.Packet, data: bytes | None) -> av.Packet:
    if data is None:
        return packet
    made = av.Packet(data)
    made.stream, made.pts, made.dts = packet.stream, packet.pts, packet.dts
    made.time_base = packet.time_base
    return made
