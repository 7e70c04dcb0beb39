"""WHIP: somebody sends us pictures, as a drone or a phone does; they become a feed like any other.

H.264 only: it is passed on as it came, put together from its packets and not decoded.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from aiortc import RTCPeerConnection, RTCRtpReceiver

from dispatch.clock import now_ms
from video import annexb, whep
from video.feed import Feed
from video.peers import FOR_CALLS, Peers, Session
from video.private import RtpPacket, ask_keyframe, tap
from video.reader import Facts, Packet
from video.refused import MediaRefused
from video.sdp import Offer
from video.timeline import Timeline

log = logging.getLogger(__name__)

WAIT_MAX = 256  # packets that wait for a lost one before it is given up
ASK_S = 0.5  # a keyframe is asked for at most so often


class Assembly:
    """Puts RTP packets into order and together to access units.

    give: takes (unit, RTP ticks); lost: called when a unit cannot be completed.
    """

    def __init__(self, give: Callable[[bytes, int], None], lost: Callable[[], None]) -> None:
        self._give, self._lost = give, lost
        self._waiting: dict[int, RtpPacket] = {}
        self._next: int | None = None
        self._parts: list[bytes] = []
        self._whole = False

    def add(self, packet: RtpPacket) -> None:
        number = packet.sequence_number
        if self._next is None:
            self._next = number
        if (number - self._next) & 0xFFFF > 0x8000:
            return  # late: given up already, or sent twice
        self._waiting[number] = packet
        if len(self._waiting) > WAIT_MAX:
            self._skip()
        while (ready := self._waiting.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            self._take(ready)

    def _take(self, packet: RtpPacket) -> None:
        self._parts.append(packet._data)  # type: ignore[attr-defined]
        if packet.marker:
            unit, self._parts = b"".join(self._parts), []
            self._whole = self._whole or annexb.is_keyframe(unit)
            if self._whole:
                self._give(unit, packet.timestamp)

    def _skip(self) -> None:
        """Give up what is missing; nothing is whole again before the next keyframe."""
        first = self._next or 0
        self._next = min(self._waiting, key=lambda number: (number - first) & 0xFFFF)
        self._parts, self._whole = [], False
        self._lost()


class Publisher:
    """Somebody who sends: the feed's source while the connection lasts."""

    def __init__(self, feed: Feed, peer: RTCPeerConnection, peers: Peers) -> None:
        self._feed, self._peer, self._peers = feed, peer, peers
        self._line, self._loop = Timeline(), asyncio.get_running_loop()
        self._assembly = Assembly(self._give, self.ask)
        self._receiver: RTCRtpReceiver | None = None
        self._ssrc, self._asked, self._high, self._last = 0, 0.0, 0, 0
        self._known = False
        self.strangers: frozenset[int] = frozenset()  # SSRCs of lines that are not ours

    def listen(self, receiver: RTCRtpReceiver) -> None:
        self._receiver = receiver
        tap(receiver, self._heard)

    def stop(self) -> None:
        """The feed wants no more of it."""
        self._peers.soon(self._peers.end(self._peer))

    def over(self) -> None:
        """The connection has ended."""
        self._feed.leave(self)

    def ask(self) -> None:
        """Ask for a keyframe: after a loss, or when somebody begins to look."""
        if self._receiver and self._ssrc and time.monotonic() - self._asked > ASK_S:
            self._asked = time.monotonic()
            self._peers.soon(ask_keyframe(self._receiver, self._ssrc))

    def _heard(self, packet: RtpPacket, _payload: bytes) -> None:
        """Take what is ours: aiortc gives us whatever has our payload type."""
        if packet.ssrc in self.strangers:
            return
        if not self._ssrc:
            self._ssrc = packet.ssrc
            self.ask()
        if packet.ssrc == self._ssrc:
            self._assembly.add(packet)

    def _give(self, unit: bytes, ticks: int) -> None:
        if not self._known:
            self._known = True
            self._feed.opened(Facts("h264", *annexb.size(unit)))
        pts = self._line.stamp(self._unwrap(ticks), time.monotonic())
        self._feed.came(Packet(unit, pts, annexb.is_keyframe(unit), now_ms()))

    def _unwrap(self, ticks: int) -> int:
        """RTP's 32 bits as a number that goes on rising."""
        if ticks < self._last - 0x80000000:
            self._high += 1 << 32
        self._last = ticks
        return self._high + ticks


async def publish(feed: Feed, peers: Peers, offer: Offer) -> Session:
    """Take somebody's pictures as this feed. Raises MediaRefused."""
    line = offer.line("sendonly")
    if line is None:
        raise MediaRefused(406, "codec", "the offer sends no H.264 video")
    if feed.attached:
        raise MediaRefused(409, "taken", "somebody sends to this path already")
    senders: list[Publisher] = []

    def over() -> None:
        for one in senders:
            one.over()

    peer = peers.make(over, FOR_CALLS)
    publisher = Publisher(feed, peer, peers)
    senders.append(publisher)
    try:
        transceiver = whep.take(peer, offer, line, "video", "recvonly")
        publisher.strangers = offer.sources_besides(line)
        publisher.listen(transceiver.receiver)
        feed.attach(publisher)
        answer = await whep.accept(peer, offer)
    except BaseException:
        await peers.end(peer)
        raise
    return whep.session(peer, peers, answer)
