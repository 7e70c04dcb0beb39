"""Small flight logs, written by the format's own rules."""

import struct
from pathlib import Path

MAGIC = b"ULog\x01\x12\x35\x01"
FORMATS = (
    "vehicle_global_position:uint64_t timestamp;double lat;double lon;float alt;",
    "vehicle_attitude:uint64_t timestamp;float[4] q;",
    "battery_status:uint64_t timestamp;float remaining;",
    "input_rc:uint64_t timestamp;int32_t rssi;bool rc_lost;",
)
NAMES = [one.split(":", maxsplit=1)[0] for one in FORMATS]


def write(path: Path, rows: list[tuple[int, str, bytes]]) -> Path:
    """rows: microseconds of the log's clock, topic, and the fields after the time stamp."""
    out = MAGIC + struct.pack("<Q", 0)
    for text in FORMATS:
        out += _message(b"F", text.encode())
    for n, name in enumerate(NAMES):
        out += _message(b"A", struct.pack("<BH", 0, n) + name.encode())
    for stamp, name, fields in rows:
        out += _message(b"D", struct.pack("<HQ", NAMES.index(name), stamp) + fields)
    path.write_bytes(out)
    return path


def place(lat: float, lon: float, alt: float) -> bytes:
    return struct.pack("<ddf", lat, lon, alt)


def attitude(w: float, x: float, y: float, z: float) -> bytes:
    return struct.pack("<ffff", w, x, y, z)


def battery(left: float) -> bytes:
    return struct.pack("<f", left)


def remote(rssi: int, lost: bool = False) -> bytes:
    return struct.pack("<i?", rssi, lost)


def _message(kind: bytes, body: bytes) -> bytes:
    return struct.pack("<H", len(body)) + kind + body
