"""Photos and videos that phones send: known by what is in them, and kept without their places.

A file says much of who took it and where. So what is not the picture is taken out before it is
kept; the place stands in the log only where the responder shares it for that order.
"""

import hashlib
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dispatch.errors import Invalid
from dispatch.uploads import Kept

PHOTO_MAX, VIDEO_MAX = 15 << 20, 40 << 20
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
MP4, MOV, WEBM = "video/mp4", "video/quicktime", "video/webm"
ENDINGS = {JPEG: "jpg", PNG: "png", WEBP: "webp", MP4: "mp4", MOV: "mov", WEBM: "webm"}
SOI, SOS, APP0, APP1, APP15, COM = 0xD8, 0xDA, 0xE0, 0xE1, 0xEF, 0xFE
TALKATIVE = (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME")  # of PNG
BOXES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")  # of MP4: these hold others
SAID = (b"udta", b"meta", b"uuid", b"\xa9xyz", b"loci")  # and these tell of the phone


@dataclass(frozen=True)
class File:
    """What came: its real type, and its bytes without what it tells of its maker."""

    type: str
    data: bytes
    received_sha256: str

    @property
    def kind(self) -> str:
        return "photo" if self.type.startswith("image/") else "video"

    @property
    def kept(self) -> Kept:
        digest = hashlib.sha256(self.data).hexdigest()
        return Kept(self.kind, self.type, len(self.data), digest, self.received_sha256)


def read(data: bytes) -> File:
    """Check a file by its content. Raises Invalid."""
    kind = known(data)
    if kind is None:
        raise Invalid("file_type", "body", "a photo (JPEG, PNG, WebP) or a video (MP4, MOV, WebM)")
    most = PHOTO_MAX if kind.startswith("image/") else VIDEO_MAX
    if len(data) > most:
        raise Invalid("too_large", "body", f"{kind} has at most {most >> 20} MiB")
    try:
        plain = CLEAN[kind](data)
    except (struct.error, IndexError, ValueError) as error:
        raise Invalid("file_damaged", "body", f"this {kind} cannot be read") from error
    return File(kind, plain, hashlib.sha256(data).hexdigest())


def keep(folder: Path, file: File) -> Path:
    """Write the file under its hash, whole or not at all; the same file is kept once."""
    place = path_of(folder, file.kept.sha256, file.type)
    if place.exists():
        return place
    write(place, file.data)
    return place


def write(place: Path, data: bytes) -> None:
    """Put a file there, whole or not at all, and on disk when this returns."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=place.parent, suffix=".part")
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    Path(name).replace(place)


def path_of(folder: Path, sha256: str, kind: str) -> Path:
    return folder / sha256[:2] / f"{sha256}.{ENDINGS[kind]}"


def known(data: bytes) -> str | None:
    """The type that the content itself shows."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in (b"heic", b"heix", b"mif1", b"avif"):
            return None
        return MOV if brand == b"qt  " else MP4
    return None


def _jpeg(data: bytes) -> bytes:
    """Without every APPn but JFIF and every comment; how the picture is turned stays."""
    out, at, turn = [data[:2]], 2, 1
    while data[at] == 0xFF and data[at + 1] != SOS:
        kind, size = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if size < 2 or at + 2 + size > len(data):
            raise ValueError("a segment is cut off")
        whole = data[at : at + 2 + size]
        if kind == APP1 and whole[4:10] == b"Exif\0\0":
            turn = _turn(whole[10:])
        elif kind == APP0 or not (APP1 <= kind <= APP15 or kind == COM):
            out.append(whole)
        at += 2 + size
    if data[at] != 0xFF:
        raise ValueError("no picture follows")
    end = data.rfind(b"\xff\xd9")
    if end < at:
        raise ValueError("the picture has no end")
    first = [out[0], *([_exif(turn)] if turn != 1 else [])]
    return b"".join([*first, *out[1:], data[at : end + 2]])


def _turn(tiff: bytes) -> int:
    """Tag 0x0112 of the first directory: how the picture is turned; 1 if nothing is said."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    start = struct.unpack(order + "I", tiff[4:8])[0]
    many = struct.unpack(order + "H", tiff[start : start + 2])[0]
    for n in range(min(many, 200)):
        entry = tiff[start + 2 + 12 * n : start + 14 + 12 * n]
        if struct.unpack(order + "H", entry[:2])[0] == 0x0112:
            turn = int(struct.unpack(order + "H", entry[8:10])[0])
            return turn if 1 <= turn <= 8 else 1
    return 1


def _exif(turn: int) -> bytes:
    """A segment that says how the picture is turned, and nothing else."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, turn, 0)
    tiff = b"MM\0\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> bytes:
    out, at = [data[:8]], 8
    while at < len(data):
        size, kind = struct.unpack(">I", data[at : at + 4])[0], data[at + 4 : at + 8]
        whole = data[at : at + 12 + size]
        if len(whole) < 12 + size:
            raise ValueError("a chunk is cut off")
        if kind not in TALKATIVE:
            out.append(whole)
        at += 12 + size
        if kind == b"IEND":
            return b"".join(out)
    raise ValueError("the picture has no end")


def _webp(data: bytes) -> bytes:
    out, at = [], 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        whole = data[at : at + 8 + size + size % 2]
        if len(whole) < 8 + size:
            raise ValueError("a chunk is cut off")
        if kind == b"VP8X":
            whole = whole[:8] + bytes([whole[8] & ~0x0C]) + whole[9:]
        if kind not in (b"EXIF", b"XMP "):
            out.append(whole)
        at += 8 + size + size % 2
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _boxes(data: bytes) -> bytes:
    """The boxes that tell of the phone and its place become free space of the same size."""
    out = bytearray(data)
    _free(out, 0, len(out), 0)
    return bytes(out)


def _free(out: bytearray, at: int, end: int, deep: int) -> None:
    while at + 8 <= end:
        size, kind, head = struct.unpack(">I", out[at : at + 4])[0], bytes(out[at + 4 : at + 8]), 8
        if size == 1:
            size, head = struct.unpack(">Q", out[at + 8 : at + 16])[0], 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise ValueError("a box is cut off")
        if kind in SAID:
            out[at + 4 : at + 8] = b"free"
            out[at + head : at + size] = bytes(size - head)
        elif kind in BOXES and deep < 8:
            _free(out, at + head, at + size, deep + 1)
        at += size


def _as_it_is(data: bytes) -> bytes:
    """WebM, as browsers record it, has no place in it."""
    return data


CLEAN = {JPEG: _jpeg, PNG: _png, WEBP: _webp, MP4: _boxes, MOV: _boxes, WEBM: _as_it_is}
