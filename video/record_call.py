"""Calls kept as evidence: each participant's voice and picture as they came, and when.

Frames are put together in the event loop; the archive's thread writes them, so that a slow disk
never holds up a call.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from video import keyframes
from video.archive import Archive
from video.frames import Frame, Frames
from video.private import RtpPacket
from video.reel import Kind, Reel
from video.roll import Roll
from video.salvage import whose
from video.sfu import CLOCK, Source

GATHER_MS = 1_200  # so long a new file waits to know whether there is a picture too
LONGEST_MS = 600_000  # of one file: what is finished is hashed and safe
DRIFT_MS = 300  # a sender's clock that is off by more is set anew


class CallRecorder:
    """Records those that it is told to follow, into `<call>/<participant>@<ms>.webm`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._takes: dict[tuple[str, str], Take] = {}

    def follow(self, room: str, sources: Sequence[Source]) -> None:
        """Keep what these sources send from now on."""
        for source in sources:
            key = (room, source.owner)
            if key not in self._takes:
                self._takes[key] = Take(self._archive, room, source.owner)
            self._takes[key].follow(source)

    def leave(self, room: str, sources: Iterable[Source]) -> None:
        """These sources have ended: finish the participant's file."""
        for owner in {one.owner for one in sources}:
            if (take := self._takes.pop((room, owner), None)) is not None:
                take.finish()

    def stop(self, room: str) -> None:
        for key in [one for one in self._takes if one[0] == room]:
            self._takes.pop(key).finish()

    def close(self) -> None:
        """Finish every file."""
        for key in tuple(self._takes):
            self._takes.pop(key).finish()


class Ticks:
    """When a frame was made, by our clock: RTP ticks count on from a first arrival.

    points: [RTP, ms UTC] of each time that the two were set to each other.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stamp = self._at = 0
        self.points: list[list[int]] = []

    def at(self, stamp: int, now: int) -> int:
        made = self._at + round((stamp - self._stamp) * 1000 / self._rate)
        if not self.points or abs(now - made) > DRIFT_MS:
            self._stamp, self._at = stamp, now
            self.points.append([stamp, now])
            return now
        return made


class Take:
    """One participant's recording: a row of files."""

    def __init__(self, archive: Archive, call: str, owner: str) -> None:
        self._folder = archive.folder / call
        self._roll = Roll(archive, f"{owner} in {call}")
        self._facts = whose(call, owner)
        self._owner = owner
        self._following: list[tuple[Source, Callable[[RtpPacket, bytes], None]]] = []
        self._frames: dict[Kind, Frames] = {}
        self._ticks: dict[Kind, Ticks] = {}
        self._pending: list[tuple[Kind, Frame, int, str]] = []
        self._kinds: set[Kind] = set()
        self._opened_at = 0

    def follow(self, source: Source) -> None:
        kind = source.kind
        self._frames[kind] = Frames(kind == "video")
        self._ticks[kind] = Ticks(CLOCK[kind])

        unmuted = source.unmuted

        def heard(packet: RtpPacket, data: bytes) -> None:
            nonlocal unmuted
            if source.unmuted != unmuted:
                unmuted = source.unmuted
                self._frames[kind].begin_anew()
            starts = kind == "audio" or keyframes.starts(source.codec, packet.payload)
            for frame in self._frames[kind].add(packet, data, starts):
                self._take(kind, frame, source)

        source.followers.append(heard)
        self._following.append((source, heard))
        source.ask_keyframe()

    def finish(self) -> None:
        for source, heard in self._following:
            if heard in source.followers:
                source.followers.remove(heard)
        self._following.clear()
        self._flush()
        self._end()

    def _take(self, kind: Kind, frame: Frame, source: Source) -> None:
        at = self._ticks[kind].at(frame.stamp, round(time.time() * 1000))
        if self._kinds and self._roll.broken:
            self._end()
        if self._kinds and kind in self._kinds and not self._old(kind, frame, at, source):
            return self._write(kind, frame, at)
        if self._kinds:  # a picture came later, or the file is long enough: a new one
            self._end()
        if kind == "video" and not frame.key and not self._has("video"):
            return source.ask_keyframe()
        self._pending.append((kind, frame, at, source.codec))
        waited = at - self._pending[0][2]
        if waited > GATHER_MS or (self._has("audio") and self._has("video")):
            self._flush()
        return None

    def _old(self, kind: Kind, frame: Frame, at: int, source: Source) -> bool:
        if at - self._opened_at < LONGEST_MS:
            return False
        if "video" in self._kinds and not (kind == "video" and frame.key):
            if kind == "video":
                source.ask_keyframe()
            return False
        return True

    def _has(self, kind: Kind) -> bool:
        return any(one[0] == kind for one in self._pending)

    def _flush(self) -> None:
        """Open a file for what has gathered, and write it."""
        waiting, self._pending = self._pending, []
        if not waiting:
            return
        waiting.sort(key=lambda one: one[2])
        kinds: set[Kind] = {one[0] for one in waiting}
        at = waiting[0][2]
        picture = next((one for one in waiting if one[0] == "video"), None)
        codec, first = (picture[3], picture[1].data) if picture else ("", b"")
        stem = self._folder / f"{self._owner}@{at}"
        if not self._roll.begin(stem, self._facts, kinds, at, codec, first):
            return
        self._kinds, self._opened_at = kinds, at
        for kind, frame, when, _ in waiting:
            self._write(kind, frame, when)

    def _write(self, kind: Kind, frame: Frame, at: int) -> None:
        self._roll.write(kind, frame.data, at, frame.key)

    def _end(self) -> None:
        now = round(time.time() * 1000)
        points = {kind: list(ticks.points) for kind, ticks in self._ticks.items()}
        lost = {kind: frames.lost for kind, frames in self._frames.items()}
        self._kinds = set()

        def last(reel: Reel) -> None:
            for kind, track in reel.tracks.items():
                track.clock, track.lost = points.get(kind, []), lost.get(kind, 0)  # type: ignore[call-overload]

        self._roll.end(now, last)
