"""Loses, doubles and swaps the pushes inside a WebSocket, frame by frame."""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

PUSH = b'42["cycle"'
HEADERS = b"\r\n\r\n"


@dataclass
class Mangler:
    """Shares of the pushes that are lost, doubled, or arrive after the next one."""

    lost: float = 0.2
    doubled: float = 0.1
    swapped: float = 0.1
    seed: int = 0
    count: int = 0
    _kept: dict[int, bytes] = field(default_factory=dict)
    _held: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def take(self, line: object, data: bytes) -> bytes:
        """What becomes of what the server sent now; an unfinished frame waits for its rest.

        It begins with the first whole frame after it was switched on: a line whose stream it
        has not followed is told apart by that pieces of ours always end with a frame.
        """
        key = id(line)
        data = self._kept.pop(key, b"") + data
        if data.startswith(b"HTTP/1.1"):
            return data
        out = b""
        for frame, payload in self._frames(key, data):
            out += self._fate(key, frame) if payload.startswith(PUSH) else frame
        return out

    def _frames(self, key: int, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        while data:
            size = _size(data)
            if size is None or len(data) < sum(size):
                self._kept[key] = data
                return
            head, body = size
            yield data[: head + body], data[head : head + body]
            data = data[head + body :]

    def _fate(self, key: int, frame: bytes) -> bytes:
        held = self._held.pop(key, b"")
        roll = self._chance.random()
        self.count += roll < self.lost + self.doubled + self.swapped
        if roll < self.lost:
            return held
        if roll < self.lost + self.doubled:
            return frame + frame + held
        if roll < self.lost + self.doubled + self.swapped and not held:
            self._held[key] = frame
            return b""
        return frame + held


def _size(data: bytes) -> tuple[int, int] | None:
    """Bytes of the frame's head and body (a server's frames carry no mask); None if unknown."""
    if len(data) < 2:
        return None
    length = data[1] & 0x7F
    if length < 126:
        return 2, length
    if length == 126:
        return (4, struct.unpack(">H", data[2:4])[0]) if len(data) >= 4 else None
    return (10, struct.unpack(">Q", data[2:10])[0]) if len(data) >= 10 else None
