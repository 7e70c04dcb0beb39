"""Puts packets together to whole frames, in order, for recordings; says what never came."""

import time
from dataclasses import dataclass

from video.private import RtpPacket

PATIENCE_S = 0.4  # a packet that was asked for again comes within a round trip or two, or never
SEQ, STAMP = 1 << 16, 1 << 32


@dataclass(frozen=True)
class Frame:
    """One whole frame. stamp: RTP ticks, unwrapped; key: a decoder may begin here."""

    data: bytes
    stamp: int
    key: bool


@dataclass(frozen=True)
class _Part:
    data: bytes
    stamp: int
    last: bool
    key: bool
    came: float


class Frames:
    """The frames of one stream. lost: packets given up."""

    def __init__(self, video: bool) -> None:
        self._video = video
        self._waiting: dict[int, _Part] = {}
        self._next: int | None = None
        self._open: list[_Part] = []
        self._broken = False
        self._stamp = 0
        self.lost = 0

    def add(self, packet: RtpPacket, data: bytes, starts: bool) -> list[Frame]:
        """The frames that are complete now. starts: the packet begins a keyframe."""
        seq = packet.sequence_number
        if self._next is None:
            self._next = seq
        if (seq - self._next) % SEQ >= SEQ // 2:
            return []  # too late, or a second time
        part = _Part(data, packet.timestamp, bool(packet.marker), starts, time.monotonic())
        self._waiting[seq] = part
        self._give_up(part.came)
        return self._take()

    def begin_anew(self) -> None:
        """What comes next does not follow on what came: nothing between them is lost or late."""
        self._next, self._open, self._broken = None, [], False
        self._waiting.clear()

    def _give_up(self, now: float) -> None:
        """Go on behind a hole that nobody will fill."""
        if not self._waiting or self._next in self._waiting:
            return
        if now - min(one.came for one in self._waiting.values()) < PATIENCE_S:
            return
        assert self._next is not None
        start = self._next
        nearest = min(self._waiting, key=lambda seq: (seq - start) % SEQ)
        self.lost += (nearest - start) % SEQ
        self._next, self._open, self._broken = nearest, [], self._video

    def _take(self) -> list[Frame]:
        done: list[Frame] = []
        while (part := self._waiting.pop(self._next or 0, None)) is not None:
            self._next = ((self._next or 0) + 1) % SEQ
            done += self._join(part)
        return done

    def _join(self, part: _Part) -> list[Frame]:
        done = []
        if self._open and self._open[-1].stamp != part.stamp:
            done, self._broken = self._close(), False
        self._open.append(part)
        if not self._video or part.last:
            done, self._broken = done + self._close(), False
        return done

    def _close(self) -> list[Frame]:
        parts, self._open = self._open, []
        if self._broken or not parts:
            return []  # its beginning was lost
        self._stamp += _step(self._stamp, parts[0].stamp)
        data = b"".join(part.data for part in parts)
        return [Frame(data, self._stamp, parts[0].key)] if data else []


def _step(known: int, stamp: int) -> int:
    """How far a 32-bit stamp is from the unwrapped one, forward or back."""
    ahead = (stamp - known) % STAMP
    return ahead if ahead < STAMP // 2 else ahead - STAMP
