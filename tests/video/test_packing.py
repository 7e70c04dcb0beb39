"""What is believed of aiortc's inner names holds; a new version fails here, not on a screen."""

import asyncio
import itertools
from pathlib import Path

import av
import pytest
from aioice import ice as aioice_ice
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.codecs.h264 import H264Encoder

from video import annexb, ice
from video.packing import pack, send_packed
from video.ports import Ports
from video.reader import Packet


def _units(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        filter = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        return [bytes(one) for p in container.demux(stream) for one in filter.filter(p)]


def test_payloads_are_those_that_aiortc_itself_would_make(clips: Path) -> None:
    for n, unit in enumerate(_units(clips / "plain.mp4")[:30]):
        mine = pack(Packet(unit, n * 3_600, annexb.is_keyframe(unit), 0))
        theirs = H264Encoder._packetize(H264Encoder._split_bitstream(unit))
        assert mine.payloads == theirs
        assert mine.timestamp == n * 3_600
        assert all(len(one) <= 1_300 for one in mine.payloads)


def test_a_sender_has_the_place_where_its_encoder_stands() -> None:
    async def look() -> object:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        sender = peer.addTransceiver("video").sender
        assert sender._RTCRtpSender__encoder is None  # type: ignore[attr-defined]
        send_packed(sender)
        made: object = sender._RTCRtpSender__encoder  # type: ignore[attr-defined]
        await peer.close()
        return made

    assert hasattr(asyncio.run(look()), "pack")


def test_only_the_given_addresses_and_ports_are_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice_ice, "get_host_addresses", aioice_ice.get_host_addresses)
    ice.offer_only(("127.0.0.1", "::1"))
    assert aioice_ice.get_host_addresses(use_ipv4=True, use_ipv6=False) == ["127.0.0.1"]
    assert aioice_ice.get_host_addresses(use_ipv4=True, use_ipv6=True) == ["127.0.0.1", "::1"]

    async def bind(count: int) -> list[int]:
        loop, found, open_ones = asyncio.get_running_loop(), [], []
        for _ in range(count):
            line, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
            )
            open_ones.append(line)
            found.append(line.get_extra_info("sockname")[1])
        for one in open_ones:
            one.close()
        return found

    with asyncio.Runner(loop_factory=ice.loop_factory(Ports(41_900, 41_904))) as runner:
        assert sorted(runner.run(bind(5))) == list(range(41_900, 41_905))
        with pytest.raises(OSError, match="in use"):
            runner.run(bind(6))


def test_hidden_names_become_the_address_that_the_offer_came_from() -> None:
    hidden = "a=candidate:1 1 udp 2113937151 0b1c.local 50000 typ host\r\n"
    assert " 10.0.0.9 50000 typ host" in ice.without_names(hidden, "10.0.0.9")
    assert ice.without_names(hidden, "") == hidden


@pytest.mark.parametrize("text", ["", "a", "80-90", "50000-40000", "40000-99999", "1-2-3"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Ports.parse(text)


def test_only_a_picture_to_begin_with_counts_as_keyframe(clips: Path) -> None:
    units = _units(clips / "plain.mp4")
    keys = [n for n, unit in enumerate(units) if annexb.is_keyframe(unit)]
    assert keys == [0, 25]
    assert annexb.size(units[0]) == (320, 240)
    assert annexb.size(units[1]) == (0, 0)
    for cut, unit in itertools.product((0, 1, 3, 4, 5), units[:2]):
        annexb.is_keyframe(unit[:cut])
