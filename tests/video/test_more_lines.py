"""Who offers more than one picture: what nobody takes is answered inactive, and costs nothing."""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aioice import ice
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import RtpPacket
from aiortc.sdp import SessionDescription

from dispatch.clock import now_ms
from tests.calls.parties import ALONE, Shade, Tone, until
from video import sdp, whep, whip
from video.addresses import Allowed
from video.feed import Feed
from video.peers import Peers
from video.reader import Bounds, Facts, Packet
from video.source import Source

PICTURES = 30
KEY = b"\x00\x00\x00\x01\x67\x42\x00\x1f\x00\x00\x00\x01\x68\xce\x00\x00\x00\x01\x65\x88\x80"
H264 = [one for one in RTCRtpSender.getCapabilities("video").codecs if one.mimeType == "video/H264"]


class Door:
    """One feed that somebody sends, and stock aiortc connections to it."""

    def __init__(self) -> None:
        bounds = Bounds(Allowed(), threading.Semaphore(0))
        self.feed, self.peers = Feed(Source("phone/U-1", "", "whip"), bounds), Peers()
        self.clients: list[RTCPeerConnection] = []

    def client(self) -> RTCPeerConnection:
        self.clients.append(RTCPeerConnection(ALONE))
        return self.clients[-1]

    async def send(self, client: RTCPeerConnection) -> list[str]:
        """Offer to send; the directions of the answer's lines."""
        return await self._meet(client, lambda offer: whip.publish(self.feed, self.peers, offer))

    async def look(self, client: RTCPeerConnection) -> list[str]:
        return await self._meet(client, lambda offer: whep.play(self.feed, self.peers, offer))

    async def _meet(self, client: RTCPeerConnection, door: Any) -> list[str]:
        await client.setLocalDescription(await client.createOffer())
        session = await door(sdp.offer(client.localDescription.sdp))
        await client.setRemoteDescription(RTCSessionDescription(session.answer, "answer"))
        media = SessionDescription.parse(session.answer).media
        return [f"{one.kind} {one.direction}" for one in media]

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        await self.peers.close()


@pytest.fixture
def at_door(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])

    def run(test: Callable[[Door], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            door = Door()
            try:
                await test(door)
            finally:
                await door.close()

        asyncio.run(whole())

    return run


def test_the_sound_of_who_sends_is_answered_inactive(at_door: Callable[..., None]) -> None:
    async def test(door: Door) -> None:
        client = door.client()
        client.addTrack(Tone(440))
        _picture(client, 60)
        assert await door.send(client) == ["audio inactive", "video recvonly"]
        viewer = door.feed.watch()
        for _ in range(PICTURES):
            await asyncio.wait_for(viewer.next(), 10.0)
        assert _decoders() == ["video-decoder"]
        assert _kept() == 0

    at_door(test)


def test_of_two_pictures_the_first_is_taken_alone(at_door: Callable[..., None]) -> None:
    async def test(door: Door) -> None:
        client = door.client()
        _picture(client, 60)
        _picture(client, 200)
        assert await door.send(client) == ["video recvonly", "video inactive"]
        first = client.getTransceivers()[0].sender._ssrc
        viewer = door.feed.watch()
        for _ in range(PICTURES):
            await asyncio.wait_for(viewer.next(), 10.0)
        giver: Any = door.feed._reader
        assert giver._ssrc == first
        assert _decoders() == ["video-decoder"]
        assert _kept() == 0

    at_door(test)


def test_packets_of_another_picture_are_not_mixed_in(at_door: Callable[..., None]) -> None:
    """A sender may go on with a line that was answered inactive."""

    async def test(door: Door) -> None:
        publisher = whip.Publisher(door.feed, door.client(), door.peers)
        door.feed.attach(publisher)
        viewer = door.feed.watch()
        publisher.strangers = frozenset({9})
        for number, ssrc in ((1, 9), (1, 7), (2, 8), (2, 7)):
            publisher._heard(_packet(number, ssrc), b"")
        seen = [(await viewer.next()).data[-1] for _ in range(2)]
        assert seen == [7, 7]
        assert not viewer._queue

    at_door(test)


def test_what_a_viewer_offers_to_send_is_answered_inactive(at_door: Callable[..., None]) -> None:
    async def test(door: Door) -> None:
        door.feed.attach(_Nobody())
        door.feed.opened(Facts("h264", 160, 120))
        door.feed.came(Packet(KEY, 90_000, True, now_ms()))
        client = door.client()
        client.addTransceiver("video", direction="recvonly").setCodecPreferences(H264)
        client.addTrack(Tone(440))
        _picture(client, 60)
        answered = ["video sendonly", "audio inactive", "video inactive"]
        assert await door.look(client) == answered
        await until(lambda: client.connectionState == "connected", "the viewer connects")
        senders = [one for one in client.getSenders() if one.track]
        assert len(senders) == 2
        await asyncio.sleep(0.5)  # what it might send would come now
        assert _decoders() == ["video-decoder"]  # the viewer's own
        assert _kept() == 0

    at_door(test)


def test_a_picture_in_a_second_line_is_taken_there(at_door: Callable[..., None]) -> None:
    async def test(door: Door) -> None:
        client = door.client()
        client.addTransceiver("video", direction="inactive").setCodecPreferences(H264)
        _picture(client, 60)
        client.createDataChannel("chat")
        answered = await door.send(client)
        assert answered == ["video inactive", "video recvonly", "application None"]
        viewer = door.feed.watch()
        await asyncio.wait_for(viewer.next(), 10.0)

    at_door(test)


class _Nobody:
    def stop(self) -> None:
        """There is nothing to stop."""


def _picture(client: RTCPeerConnection, grey: int) -> None:
    line = client.addTransceiver(Shade(grey), direction="sendonly")
    line.setCodecPreferences(H264)


def _decoders() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.endswith("-decoder")]


def _kept() -> int:
    """Frames that wait for somebody to take them, in the whole process."""
    gc.collect()
    tracks = [one for one in gc.get_objects() if isinstance(one, RemoteStreamTrack)]
    return sum(one._queue.qsize() for one in tracks if one.readyState == "live")


def _packet(number: int, ssrc: int) -> RtpPacket:
    """A whole keyframe in one packet; its last byte says whose it is."""
    packet = RtpPacket(payload_type=96, sequence_number=number, timestamp=number, ssrc=ssrc)
    packet.marker, packet._data = 1, KEY + bytes((ssrc,))  # type: ignore[attr-defined]
    return packet
