"""MISB ST 0601 local sets: what a drone says of itself beside its picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
CHECKSUM, TIME, VERSION = 1, 2, 65
LONGEST = 64 * 1024  # a packet longer than this is damage, not telemetry
DEEPEST = 4  # bytes of a length or a tag

Values = dict[int, float | int | str]


class KlvError(ValueError):
    """A packet that is not to be trusted; `reason` is one of the words below."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


TRUNCATED, TOO_LONG, BAD_LENGTH, BAD_TAG = "truncated", "too_long", "bad_length", "bad_tag"
BAD_CHECKSUM, NO_CHECKSUM, NO_TIME = "bad_checksum", "no_checksum", "no_time"
NO_KEY = "no_key"


@dataclass(frozen=True)
class Scale:
    """A number in whole steps between two bounds; signed ones keep their lowest for "none"."""

    size: int
    low: float
    high: float
    signed: bool = False

    @property
    def steps(self) -> int:
        return (1 << (8 * self.size)) - (2 if self.signed else 1)

    def read(self, raw: bytes) -> float | None:
        whole = int.from_bytes(raw, "big", signed=self.signed)
        if self.signed and whole == -(1 << (8 * self.size - 1)):
            return None
        middle = 0.0 if self.signed else self.low
        return middle + whole * (self.high - self.low) / self.steps


def _near(size: int, most: float) -> Scale:
    """A signed number between -most and most."""
    return Scale(size, -most, most, signed=True)


LATITUDE, LONGITUDE = _near(4, 90), _near(4, 180)
ALTITUDE = Scale(2, -900, 19_000)
OFFSET = _near(2, 0.075)
SCALES: Mapping[int, Scale] = {
    5: Scale(2, 0, 360),  # platform heading
    6: _near(2, 20),  # pitch
    7: _near(2, 50),  # roll
    13: LATITUDE,  # of the sensor
    14: LONGITUDE,
    15: ALTITUDE,  # true, above mean sea level, m
    16: Scale(2, 0, 180),  # horizontal field of view
    17: Scale(2, 0, 180),  # vertical
    18: Scale(4, 0, 360),  # azimuth of the sensor against the platform
    19: _near(4, 180),  # elevation of it, down is negative
    20: Scale(4, 0, 360),  # roll of it
    21: Scale(4, 0, 5_000_000),  # slant range, m
    22: Scale(2, 0, 10_000),  # width of what is seen, m
    23: LATITUDE,  # of the picture's middle on the ground
    24: LONGITUDE,
    25: ALTITUDE,
    **dict.fromkeys(range(26, 34), OFFSET),  # corners, against the middle: lat, lon, lat, lon ...
    **{tag: (LONGITUDE, LATITUDE)[tag % 2 == 0] for tag in range(82, 90)},  # corners in full
}
TEXTS = frozenset({3, 4, 10, 11, 12})  # mission, tail number, platform, sensor, datum
TEXT_MOST = 127


def read(packet: bytes) -> Values:
    """The tags of one packet and their values; those that are not known here are left out.

    Raises KlvError: what fails its checksum is not shown to anybody.
    """
    body = _body(packet)
    values: Values = {}
    summed = False
    for tag, raw, end in _items(body, len(packet) - len(body)):
        if summed:
            raise KlvError(BAD_CHECKSUM, "the checksum is not the last")
        if tag == CHECKSUM:
            _check(packet, raw, end)
            summed = True
        elif (value := _value(tag, raw)) is not None:
            values[tag] = value
    if not summed:
        raise KlvError(NO_CHECKSUM)
    if TIME not in values:
        raise KlvError(NO_TIME)
    return values


def checksum(data: bytes) -> int:
    """The sum of all 16 bit words, an odd last byte counting as a high one."""
    return (sum(data[0::2]) * 256 + sum(data[1::2])) & 0xFFFF


def _body(packet: bytes) -> bytes:
    if len(packet) > LONGEST:
        raise KlvError(TOO_LONG, f"{len(packet)} bytes")
    if len(packet) < len(KEY):
        raise KlvError(TRUNCATED, f"{len(packet)} bytes")
    if not packet.startswith(KEY):
        raise KlvError(NO_KEY, packet[:4].hex())
    size, at = _length(packet, len(KEY))
    if at + size > len(packet):
        raise KlvError(TRUNCATED, f"{len(packet) - at} of {size} bytes")
    if at + size < len(packet):
        raise KlvError(BAD_LENGTH, f"{len(packet) - at - size} bytes too many")
    return packet[at:]


def _items(body: bytes, offset: int) -> Iterator[tuple[int, bytes, int]]:
    """Tag, value, and where in the packet the value begins."""
    at = 0
    while at < len(body):
        tag, at = _tag(body, at)
        size, at = _length(body, at)
        if at + size > len(body):
            raise KlvError(TRUNCATED, f"tag {tag}")
        yield tag, body[at : at + size], offset + at
        at += size


def _tag(data: bytes, at: int) -> tuple[int, int]:
    """A tag as BER-OID writes it: seven bits a byte, the last below 128."""
    tag = 0
    for n in range(DEEPEST):
        if at + n >= len(data):
            raise KlvError(TRUNCATED, "in a tag")
        tag = tag << 7 | data[at + n] & 0x7F
        if data[at + n] < 0x80:
            if tag == 0:
                raise KlvError(BAD_TAG, "0")
            return tag, at + n + 1
    raise KlvError(BAD_TAG, data[at : at + DEEPEST].hex())


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise KlvError(TRUNCATED, "in a length")
    first, at = data[at], at + 1
    if first < 0x80:
        return first, at
    many = first & 0x7F
    if not 0 < many <= DEEPEST:
        raise KlvError(BAD_LENGTH, f"of {many} bytes")
    if at + many > len(data):
        raise KlvError(TRUNCATED, "in a length")
    return int.from_bytes(data[at : at + many], "big"), at + many


def _check(packet: bytes, raw: bytes, end: int) -> None:
    if len(raw) != 2:
        raise KlvError(BAD_CHECKSUM, f"{len(raw)} bytes")
    if int.from_bytes(raw, "big") != checksum(packet[:end]):
        raise KlvError(BAD_CHECKSUM, raw.hex())


def _value(tag: int, raw: bytes) -> float | int | str | None:
    """What a tag says, or None if nothing: unknown here, or marked as not to be had."""
    if tag == TIME:
        if len(raw) != 8:
            raise KlvError(BAD_LENGTH, f"tag {tag}: {len(raw)} bytes")
        return int.from_bytes(raw, "big")
    if tag in TEXTS:
        return raw[:TEXT_MOST].decode("utf-8", "replace")
    if tag == VERSION:
        return int.from_bytes(raw, "big")
    scale = SCALES.get(tag)
    if scale is None or not raw:
        return None
    if len(raw) != scale.size:
        raise KlvError(BAD_LENGTH, f"tag {tag}: {len(raw)} bytes, not {scale.size}")
    return scale.read(raw)
