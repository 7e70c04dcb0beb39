"""Passing packets on: what one participant sends, and the slots in which others receive it.

A receiver's connection is set up once with a fixed number of slots; who is heard and seen in a
slot changes without any new offer. Each slot looks to its browser like one unbroken stream.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from aiortc import RTCRtpReceiver

from video import keyframes
from video.private import RtpPacket, Wire, ask_keyframe, codec_of, tap

Kind = Literal["audio", "video"]
CLOCK = {"audio": 48_000, "video": 90_000}
STEP = {"audio": 960, "video": 3_000}  # ticks between the last packet of one and the first of next
PLI_EVERY_S = 0.5
QUIET = 127  # the audio level of silence, in -dBov
ATTACK, RELEASE = 0.3, 0.05  # of each 20 ms packet: a word counts, a click does not
SEQ, STAMP = 1 << 16, 1 << 32
Follower = Callable[[RtpPacket, bytes], None]


class Stream:
    """Packets for slots. codec: "opus", "VP8", "H264"."""

    def __init__(self, kind: Kind, owner: str, codec: str = "") -> None:
        self.kind, self.owner, self.codec = kind, owner, codec
        self.slots: set[Slot] = set()

    def ask_keyframe(self) -> None:
        """A receiver has lost the picture, or sees it for the first time."""

    async def spread(self, packet: RtpPacket) -> None:
        """Send a packet to every slot that has this stream."""
        starts = self.kind == "audio" or keyframes.starts(self.codec, packet.payload)
        for slot in tuple(self.slots):
            await slot.write(packet, self.codec, starts)


class Source(Stream):
    """What a participant sends of one kind.

    followers: called with each packet and its plain payload (recorders, the mixer).
    began: called with the first packet.
    muted: nobody hears it and nothing of it is kept. unmuted: how often that ended.
    """

    def __init__(
        self,
        kind: Kind,
        owner: str,
        receiver: RTCRtpReceiver,
        run: Callable[[Coroutine[Any, Any, None]], object] = asyncio.ensure_future,
    ) -> None:
        super().__init__(kind, owner)
        self._receiver, self._run = receiver, run
        self._ssrc = 0
        self._asked_at = -PLI_EVERY_S
        self._asking: asyncio.TimerHandle | None = None
        self._bytes, self._rated_at = 0, time.monotonic()
        self.followers: list[Follower] = []
        self.began: Callable[[], object] = lambda: None
        self.muted, self.unmuted = False, 0
        self.heard_at = 0.0
        self.loudness = self._level = self._peak = 0.0
        self.rate = 0
        tap(receiver, self._heard)

    def ask_keyframe(self) -> None:
        """Ask now, or as soon as the limit allows: never lost, never more often."""
        if self._asking is not None or not self._ssrc:
            return
        wait = self._asked_at + PLI_EVERY_S - time.monotonic()
        if wait <= 0:
            self._ask()
        else:
            self._asking = asyncio.get_running_loop().call_later(wait, self._ask)

    def close(self) -> None:
        """Leave every slot empty."""
        if self._asking is not None:
            self._asking.cancel()
        for slot in tuple(self.slots):
            slot.feed(None)
        self.followers.clear()

    def mute(self, muted: bool) -> None:
        if self.muted and not muted:
            self.unmuted += 1
            for slot in self.slots:
                slot.begin_anew()
        self.muted = muted

    def measure(self, now: float) -> None:
        """Bits a second and the loudest moment since the last call."""
        passed = max(0.001, now - self._rated_at)
        self.rate, self._bytes, self._rated_at = round(self._bytes * 8 / passed), 0, now
        if now - self.heard_at > 1:
            self._level = self._peak = 0.0
        self.loudness, self._peak = self._peak, self._level

    def _ask(self) -> None:
        self._asking, self._asked_at = None, time.monotonic()
        self._run(ask_keyframe(self._receiver, self._ssrc))

    def _heard(self, packet: RtpPacket, data: bytes) -> None:
        known = codec_of(self._receiver, packet)
        if known is None or not packet.payload:
            return
        first = not self._ssrc
        self.codec, self._ssrc = known.name, packet.ssrc
        self.heard_at = time.monotonic()
        self._bytes += len(packet.payload)
        if self.muted:
            return
        self._listen(packet)
        for follow in tuple(self.followers):
            follow(packet, data)
        if first:
            self.began()
        if self.slots:
            self._run(self.spread(packet))

    def _listen(self, packet: RtpPacket) -> None:
        if packet.extensions.audio_level is not None:
            loud = QUIET - packet.extensions.audio_level[1]
            part = ATTACK if loud > self._level else RELEASE
            self._level += part * (loud - self._level)
            self._peak = max(self._peak, self._level)


class Slot:
    """One unbroken stream of a receiver, whoever is in it.

    types: codec name -> the payload type that this receiver agreed on.
    """

    def __init__(self, kind: Kind, wire: Wire, types: dict[str, int]) -> None:
        self.kind, self._wire, self._types = kind, wire, types
        self.stream: Stream | None = None
        self._fresh = True
        self._first = 0
        self._seq = 0
        self._stamp = 0
        self._sent_at = 0.0
        self._seq_shift = 0
        self._stamp_shift = 0
        self.sent = 0
        wire.on_keyframe_asked(self._ask)

    def feed(self, stream: Stream | None) -> None:
        """Put another stream into the slot; a picture appears with its next keyframe."""
        if stream is self.stream:
            return
        if self.stream is not None:
            self.stream.slots.discard(self)
        self.stream = stream
        self.begin_anew()
        if stream is not None:
            stream.slots.add(self)
            stream.ask_keyframe()

    def begin_anew(self) -> None:
        self._fresh = True

    async def write(self, packet: RtpPacket, codec: str, starts: bool) -> None:
        """Send one packet of the stream under the slot's own numbers."""
        type = self._types.get(codec)
        if type is None:
            return
        if self._fresh:
            if not starts:
                return
            self._join(packet)
        elif _before(packet.sequence_number, self._first):
            return  # of before the change: its number belongs to another
        try:
            await self._wire.send(self._own(packet, type))
        except ConnectionError:
            return

    def _join(self, packet: RtpPacket) -> None:
        now = time.monotonic()
        gap = round((now - self._sent_at) * CLOCK[self.kind]) if self._sent_at else 0
        self._seq_shift = (self._seq + 1 - packet.sequence_number) % SEQ
        self._stamp_shift = (self._stamp + max(gap, STEP[self.kind]) - packet.timestamp) % STAMP
        self._first, self._fresh = packet.sequence_number, False

    def _own(self, packet: RtpPacket, type: int) -> RtpPacket:
        seq = (packet.sequence_number + self._seq_shift) % SEQ
        stamp = (packet.timestamp + self._stamp_shift) % STAMP
        if _before(self._seq, seq) or not self.sent:
            self._seq, self._stamp, self._sent_at = seq, stamp, time.monotonic()
            if (packet.sequence_number - self._first) % SEQ > SEQ // 4:
                self._first = (packet.sequence_number - SEQ // 8) % SEQ
        self.sent += 1
        made = RtpPacket(type, packet.marker, seq, stamp, 0, packet.payload)
        made.extensions.audio_level = packet.extensions.audio_level
        return made

    def _ask(self) -> None:
        if self.stream is not None:
            self.stream.ask_keyframe()


def _before(seq: int, other: int) -> bool:
    """Whether a sequence number comes before another, around the corner too."""
    return 0 < (other - seq) % SEQ < SEQ // 2
