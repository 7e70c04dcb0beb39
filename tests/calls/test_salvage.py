"""What a kill or a full disk does to recordings: all that was written is found, holes are said."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import av
import pytest

from demo.rtsp import read_clip
from dispatch.clock import now_ms
from tests.video.clips import encode
from video.archive import EACH, Archive
from video.reader import Packet
from video.record import Film
from video.reel import DRAFT, MANIFEST, PART, Reel

AT = 1_795_233_600_000
SILENCE = b"\xfc\xff\xfe"
NAME = f"anna@{AT}.webm"
STEPS = 6  # that a file takes to its name and its manifest


class Killed(BaseException):
    """The process ends here."""


def test_a_file_is_found_wherever_the_process_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each thing that it asks of the disk, and after the last one."""
    for n in range(10):
        folder = tmp_path / str(n)
        reel = spoken(folder, range(0, 2_000, 20))
        with monkeypatch.context() as patched:
            kill_before(patched, n)
            try:
                reel.finish(AT + 2_000)
            except Killed:
                pass
            else:
                break
        (told,) = found(folder)
        whole(folder, told)
        assert told["tracks"]["audio"]["frames"] == 100
    assert n == STEPS


@pytest.mark.parametrize("left", [MANIFEST, DRAFT])
def test_what_was_half_written_keeps_no_other_file_from_being_found(
    tmp_path: Path, left: str
) -> None:
    for name in ("anna", "ben"):
        spoken(tmp_path, range(0, 2_000, 20), name).finish(AT + 2_000)
    beside = tmp_path / "r" / f"{NAME}{MANIFEST}"
    text = beside.read_text()
    beside.unlink()
    (tmp_path / "r" / f"{NAME}{left}").write_text(text[: len(text) // 2])
    (tmp_path / "r" / f"ada@{AT}.webm{PART}").write_bytes(b"half a head")
    told = {one["participant"]: one for one in found(tmp_path)}
    assert "salvaged" not in told["ben"]
    whole(tmp_path, told["anna"])
    assert json.loads(beside.read_text()) == told["anna"]


def test_a_hole_in_a_salvaged_file_is_said(tmp_path: Path) -> None:
    (told,) = found(killed(spoken(tmp_path, [*range(2_000, 3_000, 20), *range(8_000, 11_000, 20)])))
    assert told["salvaged"]
    assert told["tracks"]["audio"]["gaps"] == [[AT, AT + 2_000], [AT + 2_980, AT + 8_000]]
    assert told["ended_at"] > AT + 9_000


def test_a_picture_that_ended_before_the_sound_is_missing_to_the_end(tmp_path: Path) -> None:
    encode(tmp_path / "c.mp4")
    clip = pictures(tmp_path / "c.mp4", AT)
    reel = Reel(tmp_path / "r" / f"anna@{AT}", {}, {"audio", "video"}, AT, "H264", clip[0].data)
    for ms in range(0, 9_000, 20):
        reel.write("audio", SILENCE, AT + ms, True)
        for packet in (one for one in clip if one.at == AT + ms):
            reel.write("video", packet.data, packet.at, packet.keyframe)
    (told,) = found(killed(reel))
    (gap,) = told["tracks"]["video"]["gaps"]
    assert gap[1] == told["ended_at"] > AT + 6_000, "at most some 2 s were not on the disk yet"
    assert gap[0] == clip[-1].at
    assert told["tracks"]["audio"]["gaps"] == []


def test_a_file_that_cannot_be_opened_is_tried_again_and_the_hole_is_said(tmp_path: Path) -> None:
    encode(tmp_path / "c.mp4", seconds=6)
    clip = pictures(tmp_path / "c.mp4", now_ms())
    kept = tmp_path / "kept"
    kept.mkdir()
    blocked = kept / "EV-1"
    blocked.write_text("in the way of the folder")
    archive = Archive(kept)
    film = Film(archive, "cam/a", "EV-1")
    for n, packet in enumerate(clip):
        if n == 60:
            blocked.unlink()
        film.take(packet)
        settled(archive)
    film.end()
    archive.close()
    (told,) = archive.finished()
    track = told["tracks"]["video"]
    assert told["started_at"] == clip[75].at, "with the first keyframe after the trouble"
    assert track["gaps"][0] == [clip[0].at, clip[75].at]
    assert track["frames"] == len(clip) - 75
    whole(kept, told)


def test_what_the_disk_does_not_take_in_time_is_dropped_and_said(tmp_path: Path) -> None:
    encode(tmp_path / "c.mp4", seconds=6)
    clip = pictures(tmp_path / "c.mp4", now_ms())
    archive = Archive(tmp_path / "kept", most=sum(len(one.data) + EACH for one in clip[:40]))
    settled(archive)
    slow = threading.Event()
    archive.post(lambda: slow.wait(20) and None)
    film = Film(archive, "cam/a", "EV-1")
    for packet in clip[:100]:
        film.take(packet)
        assert archive.waiting <= archive.most
    slow.set()
    settled(archive)
    for packet in clip[100:]:
        film.take(packet)
        settled(archive)
    film.end()
    archive.close()
    first, second = sorted(archive.finished(), key=lambda one: one["started_at"])
    frames = first["tracks"]["video"]["frames"]
    assert 0 < frames < 40
    assert second["started_at"] == clip[100].at
    assert second["tracks"]["video"]["gaps"][0] == [clip[frames].at, clip[100].at]
    assert second["tracks"]["video"]["frames"] == len(clip) - 100
    assert archive.waiting == 0
    for one in (first, second):
        whole(tmp_path / "kept", one)


def spoken(folder: Path, times: Iterable[int], name: str = "anna") -> Reel:
    """A file of a voice that is being written. times: ms from its beginning."""
    facts = {"call": "r", "participant": name}
    reel = Reel(folder / "r" / f"{name}@{AT}", facts, {"audio"}, AT)
    for ms in times:
        reel.write("audio", SILENCE, AT + ms, True)
    return reel


def killed(reel: Reel) -> Path:
    """A folder as a kill would leave it now."""
    after = reel.path.parents[1] / "after"
    (after / "r").mkdir(parents=True)
    left = reel.path.name + PART
    (after / "r" / left).write_bytes(reel.path.with_name(left).read_bytes())
    return after


def kill_before(patched: pytest.MonkeyPatch, step: int) -> None:
    """From now on the process does so many things with the disk, and no more."""
    left = [step]

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **facts: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*given, **facts)

        return run

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "rename"), (json, "dump")):
        patched.setattr(owner, name, before(getattr(owner, name)))


def found(folder: Path) -> list[dict[str, Any]]:
    """What the next process tells."""
    archive = Archive(folder)
    archive.close()
    return archive.finished()


def whole(folder: Path, told: dict[str, Any]) -> None:
    """The file stands under its name, is what its manifest says, and can be read."""
    path = folder / told["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == told["sha256"]
    assert path.stat().st_size == told["bytes"]
    with av.open(str(path)) as file:
        assert sum(packet.size > 0 for packet in file.demux()) > 0


def settled(archive: Archive) -> None:
    """Wait until what was posted is written."""
    done = threading.Event()
    archive.post(done.set)  # type: ignore[arg-type]
    assert done.wait(10)


def pictures(clip: Path, began: int) -> list[Packet]:
    """A clip as its camera sends it, 25 a second."""
    frames = read_clip(clip).frames
    data = [b"".join(b"\x00\x00\x00\x01" + nal for nal in one.nals) for one in frames]
    return [Packet(unit, n * 3_600, one.keyframe, began + n * 40)
            for n, (unit, one) in enumerate(zip(data, frames, strict=True))]  # fmt: skip
