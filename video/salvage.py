"""What a killed process left behind is found and closed, wherever the kill came.

A file is `<name>.part` while it is written. When it is whole its manifest is drafted beside it,
then the file gets its name, then the manifest (`video/reel.py`).
"""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet

from video.reel import DRAFT, MANIFEST, PART, Track, seal

log = logging.getLogger(__name__)

STORED = ".stored"
NAME = re.compile(r"[\w.-]{1,80}@\d{13}\.(webm|mp4)", re.A)
FEED = re.compile(r"(cam|drone|phone)\.[\w.-]+", re.A)


def left_behind(folder: Path) -> Iterator[dict[str, Any]]:
    """The manifests of files that the log has not taken yet; what was left open is closed."""
    there = set(folder.glob("*/*"))
    for path in sorted({_named(one) for one in there}):
        if NAME.fullmatch(path.name) and path.with_name(path.name + STORED) not in there:
            try:
                yield _whole(path)
            except Exception:  # whatever one damaged file shows, the others are found
                log.exception("%s cannot be salvaged", path)


def _named(one: Path) -> Path:
    """The file that this one is, or is a part or the manifest of."""
    return one.with_name(one.name.removesuffix(PART).removesuffix(MANIFEST))


def _whole(path: Path) -> dict[str, Any]:
    """A file's manifest; it is made if the process was killed before it stood there."""
    part = path.with_name(path.name + PART)
    known = None if part.exists() else _read(path.with_name(path.name + MANIFEST))
    if known is not None:
        return known
    drafted = _read(path.with_name(path.name + DRAFT))
    return seal(path, drafted or salvage(part if part.exists() else path))


def _read(beside: Path) -> dict[str, Any] | None:
    """A manifest; None where it is missing or was not written to its end."""
    try:
        found: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        log.warning("%s makes no sense: %s", beside, error)
        return None
    return found if isinstance(found, dict) and "file" in found else None


def salvage(left: Path) -> dict[str, Any]:
    """What can be said of a file whose process was killed: it ends with its last whole frame."""
    owner, _, rest = left.name.partition("@")
    started = int(rest[:13])
    with av.open(str(left)) as file:
        tracks = {one.type: Track(one.codec_context.name) for one in file.streams}
        for packet in _packets(file):
            _count(tracks[packet.stream.type], packet, started)
    ended = max([started, *(one.last_at for one in tracks.values())])
    for track in tracks.values():
        track.note(started, ended)
    return {
        **whose(left.parent.name, owner),
        "started_at": started,
        "ended_at": ended,
        "tracks": {kind: asdict(track) for kind, track in tracks.items()},
        "salvaged": True,
    }


def whose(folder: str, owner: str) -> dict[str, str]:
    """What a file's place says of it."""
    if FEED.fullmatch(owner):
        return {"incident": folder, "feed": owner.replace(".", "/", 1)}
    return {"call": folder, "participant": owner}


def _packets(file: InputContainer) -> Iterator[Packet]:
    """The packets up to where the file makes no sense any more."""
    try:
        for packet in file.demux():
            if packet.pts is not None and packet.time_base is not None:
                yield packet
    except av.FFmpegError as error:
        log.warning("%s makes no sense to its end: %s", file.name, error)


def _count(track: Track, packet: Packet, started: int) -> None:
    assert packet.pts is not None
    at = started + round(float(packet.pts * packet.time_base) * 1000)
    track.note(started, at)
    track.frames, track.last_at = track.frames + 1, at
