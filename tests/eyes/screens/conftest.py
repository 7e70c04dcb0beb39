"""Screens in a browser with a real media process behind them, and cameras that can be killed."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route

from demo.rtsp import read_clip
from tests.browser.conftest import browser, city, context, end, line, show
from tests.video.clips import encode
from tests.video.media import Background, Cameras, Media, running

__all__ = ["browser", "city", "context", "end", "line", "show"]
CAMERAS = ("a", "b", "c")


@dataclass
class Eyes:
    """A media process and three cameras, each of which can be killed alone."""

    media: Media
    cameras: dict[str, Cameras]
    refuse: set[str] = field(default_factory=set)
    tokens: list[str] = field(default_factory=list)

    def kill(self, name: str) -> None:
        self.cameras[name].stop()

    def revive(self, name: str) -> None:
        self.cameras[name].start()

    def still(self, name: str, on: bool = True) -> None:
        for one in self.cameras[name].broadcasts.values():
            one.still = on

    def sources(self) -> list[dict[str, Any]]:
        return [
            {"path": f"cam/{name}", "url": one.url("clip"), "kind": "rtsp", "pinned": True}
            for name, one in self.cameras.items()
        ]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("eyes") / "clip.mp4")


@pytest.fixture(scope="session")
def background() -> Background:
    return Background()


@pytest.fixture
def eyes(clip: Path, background: Background, context: BrowserContext) -> Iterator[Eyes]:
    cameras = {name: Cameras(background, {"clip": read_clip(clip)}) for name in CAMERAS}
    for one in cameras.values():
        one.start()
    places = [("127.0.0.1", one.port) for one in cameras.values()]
    with ExitStack() as stack:
        media = stack.enter_context(running(clip.parent, cameras["a"], places=places))
        found = Eyes(media, cameras)
        said = {"revision": "1", "sources": found.sources()}
        assert media.control("PUT", "sources", said).status_code == 200
        for name in CAMERAS:
            media.wait(name, "live")
        context.route("**/api/v1/media/tokens", _tokens(found))
        context.route(re.compile(r"^http://[^/]+/media/"), _forward(found))
        yield found
        context.unroute_all()
    for one in cameras.values():
        one.stop()


def _tokens(eyes: Eyes) -> Callable[[Route], None]:
    """The door that issues tokens, without asking who it is."""

    def issue(route: Route) -> None:
        said = route.request.post_data_json
        path = said["path"]
        eyes.tokens.append(path)
        token = eyes.media.token(path, said["action"])
        answer = {"token": token, "url": f"/media/whep/{path}", "expires_at": 0, "ice_servers": []}
        route.fulfill(json=answer)

    return issue


def _forward(eyes: Eyes) -> Callable[[Route], None]:
    """The same origin's door to the media process; what is in `refuse` does not come through."""

    def forward(route: Route) -> None:
        path = "/media/" + route.request.url.split("/media/", 1)[1]
        kind = path.split("/")[2]
        if kind in eyes.refuse:
            route.abort()
            return
        headers = dict(route.request.headers)
        if kind in ("mjpeg", "snapshot"):
            feed = path.split(f"/{kind}/")[1].split("?")[0]
            headers["Authorization"] = f"Bearer {eyes.media.token(feed, kind)}"  # type: ignore[arg-type]
        route.continue_(url=eyes.media.url + path, headers=headers)

    return forward
