"""A feed says what it is: moving, standing still, silent, black, or gone."""

import itertools
import socket
import threading
from pathlib import Path

import pytest

from demo.rtsp import read_clip
from tests.video.media import Background, Cameras, Media, running, wait_for
from video.addresses import Allowed
from video.feed import Feed
from video.feeds import due
from video.health import Health
from video.reader import Bounds, Packet
from video.source import Source
from video.timeline import CLOCK, Timeline
from video.watching import Watch

SOON_S = 3.0


@pytest.fixture
def playing(media: Media, cameras: Cameras) -> Media:
    media.want(a_=("rtsp", cameras.url("plain")))
    media.wait("a_", "live")
    return media


def test_a_camera_that_stops_sending_is_frozen_within_3_s(playing: Media, cameras: Cameras) -> None:
    cameras.broadcasts["plain"].silent = True
    try:
        frozen = playing.wait("a_", "frozen", SOON_S)
        assert frozen["reason"] == "no_packets"
        assert frozen["since"] == frozen["last_frame_at"]
    finally:
        cameras.broadcasts["plain"].silent = False
    playing.wait("a_", "live", 5.0)


def test_a_camera_that_repeats_one_picture_is_frozen_within_3_s(
    playing: Media, cameras: Cameras
) -> None:
    cameras.broadcasts["plain"].still = True
    try:
        frozen = playing.wait("a_", "frozen", SOON_S)
        assert frozen["reason"] == "same_picture"
        assert frozen["fps"] > 5
    finally:
        cameras.broadcasts["plain"].still = False
    playing.wait("a_", "live", 5.0)


def test_the_first_look_at_a_standing_picture_does_not_set_its_clock_back(clips: Path) -> None:
    key = read_clip(clips / "plain.mp4").frames[0]
    unit = b"".join(b"\x00\x00\x00\x01" + nal for nal in key.nals)
    watch, health = Watch(), Health()
    _packets(health, [0])
    for at in range(0, 2_400, 400):
        found = watch.look([Packet(unit, at, True, at)], 300)
        assert found is not None
        assert not found.moved
        health.seen(found.moved, found.black, found.at)
        _packets(health, [at])
        health.tick(at)
    assert (health.state, health.reason) == ("frozen", "same_picture")


def test_a_black_picture_is_called_black(media: Media, cameras: Cameras) -> None:
    media.want(dark_=("rtsp", cameras.url("black")))
    media.wait("dark_", "black", 5.0)
    assert media.feed("dark_")["state"] == "black"


def test_a_server_that_accepts_and_says_nothing_frees_its_reader(media: Media) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        media.want(mute_=("rtsp", f"rtsp://127.0.0.1:{port}/x"))
        status = media.feed("mute_")
        assert status["state"] in ("opening", "dead")
    media.wait("mute_", "dead", 6.0)


def _packets(health: Health, times: list[int], keyframe: bool = True) -> None:
    for at in times:
        health.came(Packet(b"x" * 100, at, keyframe, at))


def test_a_slow_camera_is_not_frozen_between_its_pictures() -> None:
    health = Health()
    _packets(health, [0, 1_000, 2_000, 3_000])
    health.tick(4_900)
    health.seen(True, False, 4_900)
    health.tick(4_900)
    assert health.state == "live"
    health.tick(8_000)
    assert (health.state, health.reason) == ("frozen", "no_packets")


def test_one_picture_a_minute_is_a_frozen_camera() -> None:
    health = Health()
    _packets(health, [0, 60_000])
    health.tick(62_000)
    assert health.state == "frozen"


def test_a_dead_feed_says_since_when() -> None:
    health = Health()
    _packets(health, [0, 40, 80])
    health.failed("ended", 100)
    health.failed("refused", 2_000)
    assert health.status(3_000)["since"] == 80
    _packets(health, [5_000], keyframe=False)
    assert health.state == "dead"
    _packets(health, [5_040])
    assert health.state == "live"


def test_time_only_rises_whatever_a_source_does() -> None:
    line, wall = Timeline(), 100.0
    outs = [line.stamp(1_000_000 + n * 3_600, wall + n * 0.04) for n in range(3)]
    assert [b - a for a, b in itertools.pairwise(outs)] == [3_600, 3_600]
    line.break_off()
    later = line.stamp(5, wall + 4.08)
    assert abs((later - outs[-1]) - 4 * CLOCK) <= CLOCK // 100
    back = line.stamp(1, wall + 4.12)
    assert later < back < later + CLOCK
    far = line.stamp(1 + 3_600 * CLOCK, wall + 4.16)
    assert back < far < back + CLOCK


def test_a_camera_with_a_password_is_opened_with_it_alone(clips: Path) -> None:
    locked = Cameras(
        Background(), {"plain": read_clip(clips / "plain.mp4")}, password=("admin", "p@ss:/1")
    )
    locked.start()
    try:
        with running(clips, locked) as media:
            media.want(
                bad_=("rtsp", locked.url("plain", "admin:wrong")),
                good_=("rtsp", locked.url("plain", "admin:p%40ss%3A%2F1")),
            )
            assert media.wait("bad_", "dead")["reason"] == "unauthorized"
            media.wait("good_", "live")
    finally:
        locked.stop()


def test_every_camera_is_tried_before_somebody_needs_it(clips: Path, cameras: Cameras) -> None:
    with running(clips, cameras, patrol_s=0.2) as media:
        media.want(
            a=("rtsp", cameras.url("plain")),
            b=("rtsp", cameras.url("nobody")),
            c=("file", str(clips / "hevc.mp4")),
        )
        known = {"a": True, "b": False, "c": False}
        for name, plays in known.items():
            wait_for(lambda name=name: media.feed(name)["plays"], lambda one, p=plays: one is p)  # type: ignore[misc]


def test_a_camera_that_was_asked_for_in_vain_is_tried_more_often() -> None:
    bounds = Bounds(Allowed(), threading.Semaphore(0))
    feeds = [Feed(Source(f"cam/{name}", "rtsp://127.0.0.1/x", "rtsp"), bounds) for name in "abc"]
    for at, feed in enumerate(feeds):
        feed.tried_at = float(at)
    feeds[2].missed = True
    assert due(feeds, missed=True) is feeds[2]
    assert due(feeds, missed=False) is feeds[0]
    assert due(feeds[:2], missed=True) is None
    assert due([], missed=True) is None
