"""Clips, cameras, a media process and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.rtsp import read_clip
from tests.paths.conftest import FLAGS
from tests.video.clips import encode
from tests.video.media import Background, Cameras, Media, running


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    encode(folder / "plain.mp4")
    encode(folder / "bframes.mp4", bframes=2)
    encode(folder / "hevc.mp4", codec="libx265")
    encode(folder / "black.mp4", picture="black")
    return folder


@pytest.fixture(scope="module")
def cameras(clips: Path) -> Iterator[Cameras]:
    names = ("plain", "bframes", "black")
    made = Cameras(Background(), {name: read_clip(clips / f"{name}.mp4") for name in names})
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def media(clips: Path, cameras: Cameras) -> Iterator[Media]:
    with running(clips, cameras) as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()
