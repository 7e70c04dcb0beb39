"""One file of a recording: packets as they came, in a container that survives a kill."""

import hashlib
import io
import json
import logging
import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
from av.container import OutputContainer
from av.stream import Stream

log = logging.getLogger(__name__)

Kind = Literal["audio", "video"]
GAP_MS = 1_500  # without a frame for longer than this, a stretch is missing
PART = ".part"
MANIFEST, DRAFT = ".json", ".json.new"
MILLI = 1_000
CHUNK = 1 << 20
FORMATS = {"VP8": ("webm", ".webm"), "H264": ("mp4", ".mp4"), "": ("webm", ".webm")}
PROMPT = {"flush_packets": "1", "max_interleave_delta": "1000000"}
"""A voice does not wait for the picture of a camera that was put out."""
OPTIONS = {
    "webm": {**PROMPT, "cluster_time_limit": "1000"},
    "mp4": {
        **PROMPT,
        "movflags": "frag_keyframe+empty_moov+default_base_moof",
        "frag_duration": "1000000",  # also where keyframes are far apart
    },
}


@dataclass
class Track:
    """What a manifest says of one stream. gaps: [[from, to]] in ms UTC; clock: [[RTP, ms UTC]]."""

    codec: str
    frames: int = 0
    last_at: int = 0
    gaps: list[list[int]] = field(default_factory=list)
    clock: list[list[int]] = field(default_factory=list)
    lost: int = 0

    def note(self, started: int, at: int) -> None:
        """Note a stretch without a frame up to `at`. started: of the file. Both ms UTC."""
        before = self.last_at or started
        if at - before > GAP_MS:
            self.gaps.append([before, at])


class Reel:
    """A file being written. Frames are given with the time (ms UTC) at which they were made.

    facts: what the manifest says besides (whose it is). first: the first picture, if any.
    stem: `<owner>@<at>`; where a file of that time stands already, this one begins a little later.
    """

    def __init__(self, stem: Path, facts: dict[str, Any], kinds: set[Kind], at: int,
                 codec: str = "", first: bytes = b"") -> None:  # fmt: skip
        container, suffix = FORMATS[codec]
        stem.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path, at = _free(stem, suffix, at)
        self.started_at, self._facts = at, facts
        self.tracks: dict[str, Track] = {}
        self._streams: dict[str, Stream] = {}
        self._last: dict[str, int] = {}
        self._out: OutputContainer = av.open(
            str(self.path) + PART, "w", format=container, options=OPTIONS[container]
        )
        if "audio" in kinds:
            self._hold("audio", "opus", _opus(self._out))
        if "video" in kinds:
            self._hold("video", codec, _picture(self._out, codec, first))
        self._out.start_encoding()

    def write(self, kind: Kind, data: bytes, at: int, key: bool) -> None:
        """Write one frame as it is."""
        track, stream = self.tracks[kind], self._streams[kind]
        track.note(self.started_at, at)
        packet = av.Packet(data)
        packet.stream, packet.is_keyframe = stream, key
        packet.time_base = _MS
        packet.pts = packet.dts = max(at - self.started_at, self._last[kind] + 1)
        packet.duration = 20 if kind == "audio" else 0
        self._last[kind] = packet.pts
        self._out.mux(packet)
        track.frames, track.last_at = track.frames + 1, at

    def miss(self, since: int) -> None:
        """Before this file nothing could be written since then (ms UTC)."""
        for track in self.tracks.values():
            track.gaps.append([since, self.started_at])

    def finish(self, at: int) -> dict[str, Any]:
        """Close the file and write its manifest beside it."""
        self._out.close()
        for track in self.tracks.values():
            track.note(self.started_at, at)
        told = {kind: vars(track) for kind, track in self.tracks.items()}
        return seal(self.path, {**self._facts, "started_at": self.started_at, "ended_at": at,
                                "tracks": told})  # fmt: skip

    def _hold(self, kind: str, codec: str, stream: Stream) -> None:
        self._streams[kind], self.tracks[kind], self._last[kind] = stream, Track(codec), -1


def _free(stem: Path, suffix: str, at: int) -> tuple[Path, int]:
    """Where no file stands: evidence is never written over. Two may begin with one keyframe."""
    owner = stem.name.rpartition("@")[0]
    while True:
        path = stem.with_name(f"{owner}@{at}{suffix}")
        if not any(Path(f"{path}{end}").exists() for end in ("", PART, MANIFEST)):
            return path, at
        at += 1


def seal(path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Name a finished file, hash it, and write the manifest that says what it is.

    Wherever a kill comes between these steps, `video/archive.py` finds all that was finished.
    """
    part = Path(str(path) + PART)
    standing = part if part.exists() else path  # killed after it was named
    manifest = {**facts, "file": f"{path.parent.name}/{path.name}", "sha256": _digest(standing),
                "bytes": standing.stat().st_size}  # fmt: skip
    draft, beside = path.with_name(path.name + DRAFT), path.with_name(path.name + MANIFEST)
    with draft.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    standing.replace(path)
    draft.replace(beside)
    _settle(path.parent)
    return manifest


def _digest(path: Path) -> str:
    """The hash of a file that has come to the disk."""
    digest = hashlib.sha256()
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _settle(folder: Path) -> None:
    """Bring the names of a folder to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def vp8_size(frame: bytes) -> tuple[int, int]:
    """Width and height of a VP8 keyframe (RFC 6386, 9.1)."""
    width, height = int.from_bytes(frame[6:8], "little"), int.from_bytes(frame[8:10], "little")
    return width & 0x3FFF, height & 0x3FFF


_MS = Fraction(1, MILLI)


def _opus(out: OutputContainer) -> Stream:
    stream = out.add_stream("libopus", rate=48_000)  # its header alone is used: nothing is encoded
    stream.codec_context.layout = "stereo"
    return stream


def _picture(out: OutputContainer, codec: str, first: bytes) -> Stream:
    if codec == "VP8":
        width, height = vp8_size(first)
        return out.add_mux_stream("vp8", width=width, height=height)
    with av.open(io.BytesIO(first), format="h264") as sample:
        return out.add_stream_from_template(sample.streams.video[0])
