"""ST 0601 as a drone says it: packets of tags and values, written by the standard alone."""

import math
from collections.abc import Mapping

Said = float | int | str

KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
CHECKSUM, TIME, VERSION = 1, 2, 65
EDITION = 17
TEXTS = frozenset({3, 4, 10, 11, 12})
TEXT_MOST = 127  # bytes
PLACE = {0: (4, -90.0, 90.0), 1: (4, -180.0, 180.0)}
RANGES: dict[int, tuple[int, float, float]] = {
    5: (2, 0, 360), 6: (2, -20, 20), 7: (2, -50, 50), 13: PLACE[0], 14: PLACE[1],
    15: (2, -900, 19_000), 16: (2, 0, 180), 17: (2, 0, 180), 18: (4, 0, 360), 19: (4, -180, 180),
    20: (4, 0, 360), 21: (4, 0, 5_000_000), 22: (2, 0, 10_000), 23: PLACE[0], 24: PLACE[1],
    25: (2, -900, 19_000), **dict.fromkeys(range(26, 34), (2, -0.075, 0.075)),
    **{tag: PLACE[tag % 2] for tag in range(82, 90)},
}  # fmt: skip
"""Tag -> bytes, lowest, highest; where these are opposites the number is signed."""


def write(values: Mapping[int, Said]) -> bytes:
    """One packet of these tags: the time first, the checksum last. Raises ValueError."""
    if TIME not in values:
        raise ValueError("a packet needs its time")
    said = {VERSION: EDITION, **values}
    order = sorted(said, key=lambda tag: (tag != TIME, tag))
    items = b"".join(_item(tag, _raw(tag, said[tag])) for tag in order)
    whole = KEY + length(len(items) + 4) + items + bytes([CHECKSUM, 2])
    total = sum(whole[0::2]) * 256 + sum(whole[1::2])
    return whole + (total & 0xFFFF).to_bytes(2, "big")


def number(tag: int, value: float) -> bytes:
    """A number in whole steps between the bounds of its tag. Raises ValueError."""
    if tag not in RANGES:
        raise ValueError(f"tag {tag} is not said here")
    size, low, high = RANGES[tag]
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{value} is not between {low} and {high}")
    signed = low == -high
    steps = (1 << 8 * size) - (2 if signed else 1)
    whole = round((value - (0 if signed else low)) * steps / (high - low))
    return whole.to_bytes(size, "big", signed=signed)


def length(size: int) -> bytes:
    """A length as BER writes it: short below 128, else its bytes counted."""
    if size < 0x80:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw


def _raw(tag: int, value: Said) -> bytes:
    if tag in TEXTS:
        return str(value).encode()[:TEXT_MOST]
    if tag in (TIME, VERSION):
        return int(value).to_bytes(8 if tag == TIME else 1, "big")
    return number(tag, float(value))


def _item(tag: int, raw: bytes) -> bytes:
    """A tag below 128 is one byte, all that are said here are."""
    return bytes([tag]) + length(len(raw)) + raw
