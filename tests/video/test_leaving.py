"""Who has left a drone's picture is kept by nothing, whether the drone says something or not."""

import asyncio
import gc
import threading
import weakref
from collections import Counter
from typing import Any

import psutil
import pytest
from aioice import ice
from aiortc import RTCPeerConnection, RTCSessionDescription

from dispatch.clock import now_ms
from tests.calls.parties import ALONE, until
from tests.video.test_more_lines import H264, KEY
from video import drones, sdp, whep
from video.addresses import Allowed
from video.drones import CHANNELS_MAX, Drones
from video.feeds import Feeds
from video.peers import Peers
from video.reader import Bounds, Facts, Packet
from video.source import Source
from video.sweep import sweep

PATH = "drone/UAV-1"
VISITS = 5


class Silent:
    """A drone that sends pictures and says nothing of itself."""

    def stop(self) -> None:
        """There is nothing to stop."""


class Air:
    """One silent drone, and viewers of it."""

    def __init__(self) -> None:
        self.peers = Peers()
        self.feeds = Feeds(Bounds(Allowed(), threading.Semaphore(0)), self.peers)
        self.feeds.want("1", [Source(PATH, "", "whip")])
        self.drones = Drones(self.feeds)
        feed = self.feeds.get(PATH)
        feed.attach(Silent())
        feed.opened(Facts("h264", 160, 120))
        feed.came(Packet(KEY, 90_000, True, now_ms()))

    @property
    def channels(self) -> int:
        return len(self.drones._heard[PATH].channels)

    async def look(self, channels: int = 1) -> RTCPeerConnection:
        client = RTCPeerConnection(ALONE)
        client.addTransceiver("video", direction="recvonly").setCodecPreferences(H264)
        for _ in range(channels):
            client.createDataChannel(drones.CHANNEL)
        await client.setLocalDescription(await client.createOffer())
        offer = sdp.offer(client.localDescription.sdp)
        session = await whep.play(self.feeds.get(PATH), self.peers, offer)
        await client.setRemoteDescription(RTCSessionDescription(session.answer, "answer"))
        return client


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


def test_nothing_keeps_a_viewer_who_has_left_a_silent_drone(loopback: None) -> None:
    async def test() -> None:
        air = Air()
        listening = asyncio.ensure_future(air.drones.run())
        await until(lambda: PATH in air.drones._heard, "the drone is listened to")
        for _ in range(3):
            client = await air.look()
            await until(lambda: air.channels == 1, "the viewer's channel")
            (peer,) = air.peers._open
            seen = weakref.ref(peer)
            del peer
            await client.close()
            await _ended(air)
            assert air.channels == 0
            await _let_go(seen)
        listening.cancel()
        await air.feeds.close()

    asyncio.run(test())


def test_a_viewer_has_a_few_channels_and_no_more(loopback: None) -> None:
    async def test() -> None:
        air = Air()
        listening = asyncio.ensure_future(air.drones.run())
        await until(lambda: PATH in air.drones._heard, "the drone is listened to")
        client = await air.look(CHANNELS_MAX + 3)
        await until(lambda: air.channels == CHANNELS_MAX, "the viewer's channels")
        (peer,) = air.peers._open
        await until(lambda: len(peer.sctp._data_channels) == CHANNELS_MAX + 3, "all channels")
        assert air.channels == CHANNELS_MAX
        other = await air.look()
        await until(lambda: air.channels == CHANNELS_MAX + 1, "another viewer's channel")
        await client.close()
        await other.close()
        await _ended(air)
        assert air.channels == 0
        listening.cancel()
        await air.feeds.close()

    asyncio.run(test())


def test_a_channel_that_is_closed_already_is_not_kept(loopback: None) -> None:
    async def test() -> None:
        air = Air()
        client = RTCPeerConnection(ALONE)
        channel = client.createDataChannel(drones.CHANNEL)
        channel._setReadyState("closed")
        heard = air.drones._listen(air.feeds.get(PATH))
        drones._join(heard, channel)
        assert not heard.channels
        drones._end(heard)
        await client.close()
        await air.feeds.close()

    asyncio.run(test())


def test_connections_that_are_over_are_swept_away(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collector by itself would let them lie for hours."""
    monkeypatch.setattr("video.sweep.AFTER_S", 0.05)
    monkeypatch.setattr("video.sweep.EVERY_S", 0.1)

    async def test() -> None:
        air = Air()
        sweeping = asyncio.ensure_future(sweep(air.peers))
        await _come_and_go(air)
        await _come_and_go(air)
        sweeping.cancel()
        await air.feeds.close()

    gc.disable()
    try:
        asyncio.run(test())
    finally:
        gc.enable()


def test_who_comes_and_goes_leaves_no_object(loopback: None) -> None:
    """Of three times that they come: others of this process, too, make things now and then."""

    async def more(air: Air) -> dict[str, int]:
        before = _objects()
        for _ in range(VISITS):
            await _once(air)
        return {kind: n for kind, n in (_objects() - before).items() if n >= VISITS}

    async def test() -> None:
        air = Air()
        for _ in range(3):  # what is made once is there; counting makes some, too
            await _once(air)
            _objects()
        left = [await more(air)]
        while left[-1] and len(left) < 3:
            left.append(await more(air))
        assert not left[-1], left
        await air.feeds.close()

    gc.collect()
    gc.freeze()  # what was there before is not looked at
    try:
        asyncio.run(test())
    finally:
        gc.unfreeze()


def test_memory_that_is_free_in_pieces_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of many packets live on, and hold the pages beside them."""
    monkeypatch.setattr("video.sweep.AFTER_S", 0.05)

    async def test() -> None:
        peers, process = Peers(), psutil.Process()
        sweeping = asyncio.ensure_future(sweep(peers))
        packets = [b"p" * (1_000 + n % 500) for n in range(100_000)]
        full = process.memory_info().rss
        kept = packets[::50]
        packets.clear()
        peers.ended.set()
        await until(lambda: full - process.memory_info().rss > 30e6, "memory is given back")
        assert len(kept) == 2_000
        sweeping.cancel()

    asyncio.run(test())


async def _once(air: Air) -> None:
    client = await air.look(0)
    await until(lambda: client.connectionState == "connected", "the viewer")
    await _ended(air)
    await client.close()


def _objects() -> "Counter[str]":
    for _ in range(3):  # what ends with a circle may be a circle
        gc.collect()
    return Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())


async def _come_and_go(air: Air) -> None:
    client = await air.look(0)
    await until(lambda: client.connectionState == "connected", "the viewer")
    (seen,) = [weakref.ref(one) for one in air.peers._open]
    await _ended(air)
    await client.close()
    await until(lambda: seen() is None, "it is swept away")


async def _ended(air: Air) -> None:
    """Let every connection of ours be over, as when the far end's consent has run out."""
    for peer in list(air.peers._open):
        await air.peers.end(peer)


async def _let_go(seen: "weakref.ref[Any]") -> None:
    def gone() -> bool:
        gc.collect()
        return seen() is None

    await until(gone, f"kept by {gc.get_referrers(seen())}"[:500])
