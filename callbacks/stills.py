"""A still as evidence: fetched from the media process, with time and place in the file itself."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from callbacks import pictures_sent
from callbacks.media_parts import Media
from dispatch.errors import Busy, Conflict

WIDTH = 1920
PATIENCE_S = 12.0  # a camera that nobody watched is opened for it
TAKEN = "X-Taken-At"
DESCRIPTION, TIME, EXIF, GPS = 0x010E, 0x0132, 0x8769, 0x8825
TAKEN_AT, TAKEN_MS, ZONE = 0x9003, 0x9291, 0x9011
SOI, APP1 = b"\xff\xd8", b"\xff\xe1"


@dataclass(frozen=True)
class Taken:
    """A JPEG and when its picture came, ms UTC."""

    jpeg: bytes
    at: int


def fetch(media: Media, sub: str, path: str, now: int) -> Taken:
    """The newest whole picture. Raises Busy with the media process's reason."""
    token = media.tokens.issue(sub, path, "snapshot", now)[0]
    address = f"{media.values.address}/media/snapshot/{path}?width={WIDTH}"
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.get(address, headers=headers, timeout=PATIENCE_S)
    except httpx.HTTPError as error:
        raise Busy("media_down", "feed", "the media process does not answer") from error
    if answer.status_code != 200:
        code = str(answer.json().get("code", "media_down"))
        raise (Busy if answer.status_code == 503 else Conflict)(code, "feed", f"no picture: {code}")
    return Taken(answer.content, int(answer.headers[TAKEN]))


def marked(taken: Taken, words: str, place: tuple[float, float] | None) -> bytes:
    """The JPEG with words, time and place beside its pixels, which stay as they are."""
    when = datetime.fromtimestamp(taken.at / 1000, UTC)
    said = Image.Exif()
    said[DESCRIPTION] = words.encode("ascii", "backslashreplace").decode()
    said[TIME] = when.strftime("%Y:%m:%d %H:%M:%S")
    said.get_ifd(EXIF).update(
        {TAKEN_AT: said[TIME], TAKEN_MS: f"{taken.at % 1000:03d}", ZONE: "+00:00"}
    )
    if place:
        said.get_ifd(GPS).update(_gps(*place))
    block = said.tobytes()
    return SOI + APP1 + (len(block) + 2).to_bytes(2, "big") + block + taken.jpeg[2:]


def keep(folder: Path, incident: str, path: str, at: int, data: bytes) -> tuple[str, str]:
    """Write it below the folder, whole or not at all; its name there and its SHA-256."""
    name = f"{_plain(incident)}/{_plain(path.replace('/', '.'))}@{at}.jpg"
    pictures_sent.write(folder / name, data)
    return name, hashlib.sha256(data).hexdigest()


def _plain(word: str) -> str:
    """A word that is one name of a file, and never a way up."""
    return re.sub(r"[^A-Za-z0-9._-]|^\.+", "-", word)


def _gps(lat: float, lon: float) -> dict[int, object]:
    """EXIF's own way: half, degrees, minutes and seconds; WGS-84."""
    return {
        1: "N" if lat >= 0 else "S",
        2: _sixties(abs(lat)),
        3: "E" if lon >= 0 else "W",
        4: _sixties(abs(lon)),
        18: "WGS-84",
    }


def _sixties(degrees: float) -> tuple[IFDRational, ...]:
    whole = round(degrees * 3_600_000)
    parts = (whole // 3_600_000, whole % 3_600_000 // 60_000)
    return (IFDRational(parts[0]), IFDRational(parts[1]), IFDRational(whole % 60_000, 1_000))
