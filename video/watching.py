"""Looks at a feed's pictures now and then, to notice one that stands still or is black.

Decoding everything would cost what pass-through saves. So keyframes are compared with each other,
and only while the packets between them are as small as those of a standing picture, the newest
picture is compared with the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from video.pictures import Look, look_at
from video.reader import Packet

TINY, TINY_PER_BLOCK = 40, 0.03  # bytes of a picture that says: nothing has changed
SPAN_MS = 400


@dataclass(frozen=True)
class Finding:
    """at: when the newest picture that was looked at came, ms UTC."""

    moved: bool
    black: bool
    at: int


class Watch:
    """One feed's watch. `look` decodes and so belongs into a thread."""

    def __init__(self) -> None:
        self._key: Look | None = None
        self._key_pts = -1
        self._tail: Look | None = None
        self._key_moved = True
        self._seen_pts = -1

    def look(self, gop: Sequence[Packet], blocks: int) -> Finding | None:
        """What the pictures since the last look show; None if there is nothing new."""
        new = [one for one in gop if one.pts > self._seen_pts]
        if not new:
            return None
        self._seen_pts = new[-1].pts
        if gop[0].pts != self._key_pts:
            self._look_at_key(gop[0])
        black = self._key is not None and self._key.black
        between = [one for one in new if not one.keyframe]
        tiny = TINY + TINY_PER_BLOCK * blocks
        if any(len(one.data) > tiny for one in between):
            self._tail = None
            return Finding(self._key_moved, black, new[-1].at)
        return Finding(self._tail_moved(gop), black, new[-1].at)

    def _look_at_key(self, key: Packet) -> None:
        look = look_at([key])
        if look is not None and self._key is not None:
            self._key_moved = not look.same_as(self._key)
        self._key, self._key_pts = look, key.pts

    def _tail_moved(self, gop: Sequence[Packet]) -> bool:
        look = look_at(gop)
        if look is None:
            return True
        moved = self._tail is not None and not look.same_as(self._tail)
        self._tail = look  # the first of a standing picture has nothing to differ from
        return moved
