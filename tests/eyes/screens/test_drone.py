"""The drone's mark moves in step with the picture that is shown: read off the screen itself."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from demo import drone_air, drone_scene
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener
from tests.eyes.screens.conftest import Eyes, _forward, _tokens
from tests.eyes.screens.test_tiles import LIVE, row, wall
from tests.stack import free_port
from tests.video.media import SECRET, Media, wait_for
from video.addresses import Allowed
from video.process import MediaSettings, serve

HOME = (37.05, 118.05)
ID = "UAV-1"
SECONDS = 4
STEP_S = 0.35  # a report every 0.2 s, and a frame
WATCH = """() => {
  const hall = window.dash_clientside.hall;
  window.found = [];
  const eyes = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  hall.on("drone:shown", ({ said }) => {
    const { video } = hall.streams()[0];
    eyes.drawImage(video, video.videoWidth - 12 * 16, 0, 12 * 16, 16, 0, 0, 12 * 16, 16);
    const raw = eyes.getImageData(0, 8, 12 * 16, 1).data;
    let number = 0;
    for (let bit = 0; bit < 12; bit += 1) {
      if (raw[4 * (183 - bit * 16)] > 128) number |= 1 << bit;
    }
    window.found.push({ number, said });
  });
}"""


@pytest.fixture
def flight(
    tmp_path: Path, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Eyes]:
    monkeypatch.setattr(drone_scene, "SECONDS", SECONDS)
    monkeypatch.setattr(drone_air, "SECONDS", SECONDS)
    air, port, stop = free_port(), free_port(), threading.Event()
    played = drone_air.Drones({ID: HOME}, tmp_path)
    drone_scene.write(played._file(ID), HOME, SECONDS)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    task = asyncio.run_coroutine_threadsafe(played.serve("127.0.0.1", air), loop)
    places = Allowed(places=frozenset({("127.0.0.1", air)}))
    own = MediaSettings("127.0.0.1", port, SECRET, ("127.0.0.1",), allowed=places, transcodes=0)
    thread = threading.Thread(target=serve, args=(own, stop), daemon=True)
    thread.start()
    eyes = Eyes(Media(port), {})
    source = {"path": f"drone/{ID}", "url": f"http://127.0.0.1:{air}/{ID}", "kind": "mpegts"}
    said = {"revision": "1", "sources": [{**source, "pinned": True}]}
    wait_for(lambda: _put(eyes.media, said), bool)
    context.route("**/api/v1/media/tokens", _tokens(eyes))
    context.route(re.compile(r"^http://[^/]+/media/"), _forward(eyes))
    yield eyes
    context.unroute_all()
    stop.set()
    thread.join(10)
    task.cancel()


def _put(media: Media, said: object) -> bool:
    try:
        return media.control("PUT", "sources", said).status_code == 200
    except OSError:
        return False
    except Exception as error:
        if "connect" in str(error).lower():
            return False
        raise


def test_the_mark_is_where_the_picture_was_taken(end: FarEnd, show: Opener, flight: Eyes) -> None:
    screen = wall(end, show, {**row("a", 1), "feed": f"drone/{ID}"})
    screen.until(f"{LIVE} === 1", 15_000)
    screen.page.evaluate(WATCH)
    screen.page.wait_for_function("() => window.found.length >= 25", timeout=15_000)
    found = screen.page.evaluate("() => window.found.slice(5)")
    off = [_off(one["number"], one["said"]["heading"]) for one in found]
    assert sorted(off)[len(off) // 2] <= STEP_S
    assert max(off) <= 2 * STEP_S
    shown = screen.hall("hall.droneShown(given)", f"drone/{ID}")
    assert shown["own"]
    assert len(shown["corners"]) == 4
    assert shown["centre"] == pytest.approx(HOME, abs=1e-4)


def _off(number: int, heading: float) -> float:
    """Seconds between the picture that is on the screen and the report beside it."""
    told = (heading - 90) % 360 / 360 * SECONDS
    apart = abs(number / drone_scene.RATE - told) % SECONDS
    return min(apart, SECONDS - apart)
