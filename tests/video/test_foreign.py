"""A camera whose pictures another WHEP engine has plays on our screens all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.video.clips import encode
from tests.video.engine import Engine
from tests.video.media import Background, Cameras, Media, running, screen
from tests.video.test_doors import GOOD


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    clip = encode(tmp_path / "long.mp4", seconds=20.0)
    made = Engine(Background(), str(clip), "word-of-the-engine")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def media(engine: Engine, cameras: Cameras, clips: Path) -> Iterator[Media]:
    with running(clips, cameras, places=[("127.0.0.1", engine.port)]) as one:
        yield one


def test_another_engines_pictures_reach_the_screen_directly(
    browser: Browser, media: Media, engine: Engine
) -> None:
    url = f"whep+http://bearer:{engine.token}@127.0.0.1:{engine.port}/live/whep"
    media.want(far=("whep", url))
    with screen(browser, media) as one:
        assert one.play("cam/far") == (201, "")
        one.plays(15.0)
        answer = one.page.evaluate("() => window.pc.remoteDescription.sdp")
        assert engine.token not in answer
        assert engine.asked == [f"Bearer {engine.token}"]
        assert media.feed("far")["viewers"] == 0
        assert len(engine.peers) == 1
    assert engine.peers == {}


def test_an_engine_that_refuses_or_is_gone_is_said_to_be_dead(media: Media, engine: Engine) -> None:
    bad = f"whep+http://bearer:wrong@127.0.0.1:{engine.port}/live/whep"
    media.want(far=("whep", bad), gone=("whep", "whep+http://127.0.0.1:1/whep"))
    refused = media.post("cam/far", GOOD)
    assert (refused.status_code, refused.json()["code"]) == (503, "source_dead")
    assert media.feed("far")["reason"] == "unauthorized"
    assert media.post("cam/gone", GOOD).json()["detail"] == "not_allowed"
