"""Cameras kept as evidence: what the source sent stands in the file, untouched."""

import hashlib
from functools import partial
from pathlib import Path

import av
import pytest

from demo.rtsp import read_clip
from tests.video.clips import encode
from tests.video.media import Background, Cameras, running, wait_for
from video.annexb import START
from video.archive import Archive
from video.reader import Packet
from video.record import Film

AT = 1_790_000_000_000


def test_a_camera_is_kept_as_it_sends_for_each_incident(tmp_path: Path) -> None:
    encode(tmp_path / "plain.mp4")
    cameras = Cameras(Background(), {"plain": read_clip(tmp_path / "plain.mp4")})
    cameras.start()
    kept = tmp_path / "recordings"
    try:
        with running(tmp_path, cameras, recordings=kept) as media:
            media.want(plain=("rtsp", cameras.url("plain")))
            wish = {"rooms": [], "feeds": [("cam/plain", "EV-1"), ("cam/plain", "EV-2")]}
            media.control("PUT", "calls", wish).raise_for_status()
            for incident in ("EV-1", "EV-2"):
                wait_for(partial(_size, kept / incident), lambda size: size > 20_000)
            media.control("PUT", "calls", {"rooms": []}).raise_for_status()

            def finished() -> list[dict[str, object]]:
                told = media.control("PUT", "calls", {"rooms": []}).json()
                found: list[dict[str, object]] = told["recordings"]
                return found

            both = wait_for(finished, lambda told: len(told) == 2)
    finally:
        cameras.stop()
    assert {one["incident"] for one in both} == {"EV-1", "EV-2"}
    for manifest in both:
        assert manifest["feed"] == "cam/plain"
        path = kept / str(manifest["file"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest["sha256"]
        with av.open(str(path)) as film, av.open(str(tmp_path / "plain.mp4")) as source:
            shown = [frame for frame in film.decode(video=0)]
            assert len(shown) >= 10
            assert shown[0].width == next(source.decode(video=0)).width


def test_who_records_again_writes_over_nothing(tmp_path: Path) -> None:
    """Within one keyframe's time both files begin with it, at the same moment."""
    encode(tmp_path / "plain.mp4")
    shown = read_clip(tmp_path / "plain.mp4").frames
    archive = Archive(tmp_path / "recordings")
    for count in (5, 9):
        film = Film(archive, "cam/plain", "EV-1")
        for number, one in enumerate(shown[:count]):
            unit = b"".join(START + nal for nal in one.nals)
            film.take(Packet(unit, number * 3_600, one.keyframe, AT + number * 40))
        film.end()
    archive.close()
    first, second = archive.finished()
    assert (first["started_at"], second["started_at"]) == (AT, AT + 1)
    for manifest, count in ((first, 5), (second, 9)):
        path = archive.folder / manifest["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest["sha256"]
        assert manifest["tracks"]["video"]["frames"] == count


def test_what_another_engine_has_is_said_not_to_be_recordable(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cameras = Cameras(Background(), {}, port=1)
    wish = {"rooms": [], "feeds": [["cam/far", "EV-1"], ["cam/far", "EV-2"], ["cam/no", "EV-1"]]}
    with running(tmp_path, cameras, recordings=tmp_path / "recordings") as media:
        media.want(far=("whep", "whep+http://10.0.0.1:8889/far/whep"))
        assert media.feed("far")["recordable"] is False
        for _ in range(3):  # the wish comes each second
            told = media.control("PUT", "calls", wish).json()
            assert told["not_recordable"] == ["cam/far"]
        media.want(far=("rtsp", "rtsp://10.0.0.1/far"))
        assert media.control("PUT", "calls", wish).json()["not_recordable"] == []
    said = [one for one in caplog.messages if "cannot be recorded" in one]
    assert said == ["cam/far cannot be recorded: another engine has its pictures"]


def _size(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.glob("*"))
