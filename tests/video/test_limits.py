"""What there is too much of keeps nothing that matters from being done."""

import asyncio
import logging

import httpx
import pytest
from aioice import ice

from tests.video.media import Cameras, Media, wait_for
from video.peers import Peers
from video.refused import MediaRefused
from video.wanted import Wanted


def test_one_too_many_keeps_no_mute_from_being_heard(caplog: pytest.LogCaptureFixture) -> None:
    people = [{"id": "anna", "muted": True}]
    said = {
        "rooms": [{"room": "r", "people": people}],
        "stored": [f"EV-1/{number}" for number in range(5_001)],
        "feeds": [("cam/a", f"EV-{number}") for number in range(2_001)],
    }
    with caplog.at_level(logging.WARNING):
        wanted = Wanted.model_validate(said)
    assert (len(wanted.stored), len(wanted.feeds)) == (5_000, 2_000)
    assert wanted.rooms[0].people[0].muted
    assert "5001" in caplog.text


def test_the_control_door_takes_what_is_too_much(media: Media) -> None:
    said = {"rooms": [], "stored": ["EV-1/a"] * 5_001, "feeds": [["cam/a", "EV-1"]] * 2_001}
    assert media.control("PUT", "calls", said).status_code == 200


def test_walls_leave_places_for_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])

    async def test() -> None:
        peers = Peers(most=3)
        wall = [peers.make(spare=1) for _ in range(2)]
        with pytest.raises(MediaRefused) as refused:
            peers.make(spare=1)
        assert refused.value.code == "too_many"
        peers.make()
        with pytest.raises(MediaRefused):
            peers.make()
        await peers.end(wall[0])
        peers.make()
        await peers.close()

    asyncio.run(test())


def test_stills_of_a_camera_that_died_end(
    media: Media, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who goes on looking would keep it watched, and be asked of nobody."""
    monkeypatch.setattr("video.feeds.QUIET_S", 1.5)
    media.want(a=("rtsp", cameras.url("plain")))
    bearer = {"Authorization": f"Bearer {media.token('cam/a', 'mjpeg')}"}
    address = f"{media.url}/media/mjpeg/cam/a"
    try:
        with httpx.stream("GET", address, headers=bearer, timeout=8.0) as answer:
            pictures = answer.iter_bytes()
            assert b"--still" in next(pictures)
            assert media.feed("a")["viewers"] == 1
            cameras.broadcasts["plain"].silent = True
            for _ in pictures:  # until it ends by itself
                pass
        wait_for(lambda: media.feed("a")["viewers"], lambda count: count == 0)
    finally:
        cameras.broadcasts["plain"].silent = False


def test_stills_without_a_picture_are_refused_with_the_reason(
    media: Media, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("video.feeds.QUIET_S", 0.0)
    media.want(a=("rtsp", cameras.url("plain")))
    token = media.token("cam/a", "mjpeg")
    answer = media.ask("GET", "/media/mjpeg/cam/a", token)
    assert (answer.status_code, answer.json()["code"]) == (503, "source_dead")
    assert media.feed("a")["viewers"] == 0


@pytest.mark.parametrize("width", ["²", "٣٢٠", "-1", "x", "99999", "1e3"])
def test_an_odd_width_is_no_fault_of_ours(media: Media, cameras: Cameras, width: str) -> None:
    media.want(a=("rtsp", cameras.url("plain")))
    token = media.token("cam/a", "snapshot")
    answer = media.ask("GET", f"/media/snapshot/cam/a?width={width}", token)
    assert answer.status_code == 200
