"""Feeds in a real browser: what can be shown is shown, what cannot is said."""

import time
from pathlib import Path

import pytest
from aioice import ice
from playwright.sync_api import Browser

from tests.bench.viewers import viewers
from tests.video.media import Cameras, Media, running, screen, wait_for


def test_a_camera_plays_without_being_encoded_again(
    browser: Browser, media: Media, cameras: Cameras
) -> None:
    media.want(a=("rtsp", cameras.url("plain")))
    with screen(browser, media) as one:
        assert one.play("cam/a") == (201, "")
        first = one.plays()
        began, before = time.monotonic(), one.seen()["decoded"]
        time.sleep(2)
        seen = one.seen()
        passed = time.monotonic() - began
        assert seen["decoded"] - before >= 0.8 * 25 * passed
        assert first["width"] == 320
        status = media.feed("a")
        assert (status["state"], status["viewers"], status["transcoding"]) == ("live", 1, False)


def test_a_file_with_length_prefixes_is_not_black(
    browser: Browser, media: Media, clips: Path
) -> None:
    media.want(a=("file", str(clips / "plain.mp4")))
    with screen(browser, media) as one:
        assert one.play("cam/a") == (201, "")
        one.plays()


@pytest.mark.parametrize(("clip", "why"), [("bframes", "bframes"), ("hevc", "h265")])
def test_what_browsers_cannot_show_is_refused_with_the_reason(
    browser: Browser, media: Media, clips: Path, clip: str, why: str
) -> None:
    media.want(a=("file", str(clips / f"{clip}.mp4")))
    with screen(browser, media) as one:
        assert one.play("cam/a") == (409, why)
    assert media.feed("a")["state"] == "dead"


@pytest.mark.parametrize("clip", ["bframes", "hevc"])
def test_or_transcoded_once_for_all_where_that_is_allowed(
    browser: Browser, clips: Path, cameras: Cameras, clip: str
) -> None:
    with running(clips, cameras, transcodes=1) as media, screen(browser, media) as one:
        media.want(a=("file", str(clips / f"{clip}.mp4")), b=("file", str(clips / f"{clip}.mp4")))
        assert one.play("cam/a") == (201, "")
        one.plays()
        assert media.feed("a")["transcoding"]
        with screen(browser, media) as other:
            assert other.play("cam/b")[0] == 409


def test_a_camera_that_comes_back_goes_on_in_the_same_connection(
    browser: Browser, media: Media, cameras: Cameras
) -> None:
    media.want(a=("rtsp", cameras.url("plain")))
    with screen(browser, media) as one:
        assert one.play("cam/a") == (201, "")
        one.plays()
        cameras.stop()
        dead = media.wait("a", "dead", 3.0)
        assert dead["last_frame_at"] == dead["since"]
        cameras.start()
        one.plays(8.0)
        assert one.seen()["state"] == "connected"
        assert media.wait("a", "live")["viewers"] == 1


def test_a_viewer_that_vanishes_costs_nothing_after_a_while(
    media: Media, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed: nothing but its silence says that it has gone."""
    monkeypatch.setattr(ice, "CONSENT_INTERVAL", 0.3)
    media.want(a=("rtsp", cameras.url("plain")))
    url = f"{media.url}/media/whep/cam/a"
    with viewers("whep", url, media.token("cam/a"), 2) as both:
        assert media.feed("a")["viewers"] == 2
        both.kill()
        gone = time.monotonic()
        wait_for(lambda: media.feed("a")["viewers"], lambda count: count == 0, 20.0)
        assert time.monotonic() - gone > 1.0, "they said goodbye"
    sessions = lambda: media.control("GET", "status").json()["sessions"]  # noqa: E731
    wait_for(sessions, lambda count: count == 0, 5.0)
    held = lambda: media.control("GET", "connections").json()  # noqa: E731
    wait_for(held, lambda found: found == {"open": 0, "held": 0}, 20.0)


def test_a_viewer_that_closes_its_page_is_gone_at_once(
    browser: Browser, media: Media, cameras: Cameras
) -> None:
    media.want(a=("rtsp", cameras.url("plain")))
    with screen(browser, media) as one:
        assert one.play("cam/a") == (201, "")
        one.plays()
        one.page.evaluate("() => { window.pc.close(); }")
        wait_for(lambda: media.feed("a")["viewers"], lambda count: count == 0, 3.0)


def test_leaving_takes_effect_at_once(browser: Browser, media: Media, cameras: Cameras) -> None:
    media.want(a=("rtsp", cameras.url("plain")))
    with screen(browser, media) as one:
        assert one.play("cam/a") == (201, "")
        one.plays()
        address = one.page.evaluate("() => window.session")
        assert media.ask("DELETE", address, media.token("cam/a", sub="wall")).status_code == 404
        assert media.ask("DELETE", address, media.token("cam/a")).status_code == 200
        assert media.feed("a")["viewers"] == 0
