"""The desk's replay: what it says of a moment is of that moment, or is marked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route

from tests.browser.far_end import FarEnd
from tests.browser.page import SOON_MS, Opener, Shown
from tests.video.clips import encode

AT = 1_795_233_600_000
LONG_MS = 3_600_000
SECONDS = 3.0
FILE = "/api/v1/recordings/TH-1/zhou.webm"
COUNT = """() => {
  const { setTimeout, fetch } = window;
  [window.armed, window.asked] = [0, 0];
  window.setTimeout = (...given) => {
    if (new Error().stack.includes("replay")) window.armed += 1;
    return setTimeout(...given);
  };
  window.fetch = (address, ...given) => {
    if (address.includes("/pictures/incident?")) window.asked += 1;
    return fetch(address, ...given);
  };
}"""


def known(state: str) -> dict[str, Any]:
    incident = {"id": "EV-1", "title": "x", "opened_at": AT, "state": state, "grade": 4}
    return {"picture": {"incident": incident, "activation": None, "orders": []}}


@dataclass
class Log:
    """Answers what was known then as the test says, or not yet."""

    answers: Callable[[Route], None] | None
    asked: list[int] = field(default_factory=list)
    held: list[Route] = field(default_factory=list)

    def take(self, route: Route) -> None:
        self.asked.append(int(parse_qs(urlsplit(route.request.url).query)["t"][0]))
        if self.answers:
            self.answers(route)
        else:
            self.held.append(route)


def says(state: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=known(state))


@dataclass
class Replay:
    """A desk with an incident's replay in sight, an hour long."""

    shown: Shown
    log: Log

    def go(self, seconds: int) -> None:
        self.shown.hall("hall.replay.go(given)", AT + seconds * 1_000)

    def reads(self, state: str) -> None:
        """What is known then is this, and of the moment that the clock shows."""
        words = self.shown.hall("hall.t(`incident_state.${given}`)", state)
        place = "#replay-known:not([data-awaited])"
        self.shown.page.locator(place).get_by_text(words).wait_for()


@pytest.fixture
def replay(end: FarEnd, show: Opener) -> Replay:
    end.pictures["recordings"] = {"recordings": []}
    desk, log = show("desk"), Log(says("VERIFIED"))
    desk.page.route("**/api/v1/pictures/incident?*", log.take)
    desk.hall("(hall.selection.incident = 'EV-1', hall.desk.view('replay'))")
    clip = {"src": FILE, "from": AT, "to": AT + SECONDS * 1_000, "gaps": {"video": []}}
    span = {"id": "span", "rank": "", "from": AT - 10_000, "to": AT + LONG_MS}
    line = {"id": "zhou", "rank": "000", "name": "zhou", "clips": [clip]}
    desk.page.route(f"**{FILE}", lambda route: route.fulfill(status=404))
    end.show("replay|x|x|zh|", rows={"replay-tracks": [span, line]})
    desk.until("hall.replay.films.size === 1")
    return Replay(desk, log)


def test_a_replay_that_runs_fast_arms_one_timer_for_each_question(replay: Replay) -> None:
    page = replay.shown.page
    replay.reads("VERIFIED")
    page.evaluate(COUNT)
    page.locator("[data-rate='8']").click()
    page.locator("[data-step='play']").click()
    replay.shown.until("window.asked >= 3")
    armed, asked = page.evaluate("[window.armed, window.asked]")
    assert armed <= asked + 1


@pytest.mark.parametrize("lost", [Route.abort, lambda route: route.fulfill(status=503)])
def test_what_could_not_be_had_is_asked_for_again(
    replay: Replay, lost: Callable[[Route], None]
) -> None:
    """The clock stands: nobody touches anything meanwhile."""
    replay.reads("VERIFIED")
    replay.log.answers = lost
    replay.go(60)
    replay.shown.until("document.getElementById('replay-known').textContent"
                       " === hall.t('replay.no_known')")  # fmt: skip
    replay.log.answers = says("RESPONDING")
    replay.reads("RESPONDING")
    assert set(replay.log.asked[-2:]) == {AT + 60_000}


def test_what_was_known_at_another_moment_is_marked_until_the_answer(replay: Replay) -> None:
    replay.reads("VERIFIED")
    place = replay.shown.page.locator("#replay-known")
    bright = place.evaluate("one => getComputedStyle(one).color")
    replay.log.answers = None
    replay.go(60)
    assert place.get_attribute("data-awaited") == "1"
    assert replay.shown.hall("hall.t('incident_state.VERIFIED')") in (place.text_content() or "")
    dim = "getComputedStyle(document.getElementById('replay-known')).color"
    replay.shown.until(f"{dim} !== '{bright}'")
    says("RESPONDING")(first_of(replay.log.held, replay.shown))
    replay.reads("RESPONDING")
    replay.go(0)
    assert place.get_attribute("data-awaited") == "1"
    replay.go(60)
    assert place.get_attribute("data-awaited") is None


def first_of(held: list[Route], shown: Shown) -> Route:
    """The question that waits for its answer, once it has come."""
    for _ in range(SOON_MS // 50):
        if not held:
            shown.page.wait_for_timeout(50)
    return held[0]


def test_a_file_that_comes_after_the_clock_gave_up_on_it_is_no_longer_loading(
    replay: Replay, tmp_path: Path
) -> None:
    page, held = replay.shown.page, list[Route]()
    content = encode(tmp_path / "zhou.webm", SECONDS, rate=5, codec="libvpx").read_bytes()
    page.unroute(f"**{FILE}")
    page.route(f"**{FILE}", lambda route: held.append(route))
    replay.go(-5)
    replay.go(2)
    loading = "document.querySelector('.re-film .r').textContent.includes(hall.t('replay.loading'))"
    film = "hall.replay.films.get('zhou')"
    replay.shown.until(f"{loading} && !{film}.busy")
    page.unroute(f"**{FILE}")
    page.route(f"**{FILE}", lambda route: send(route, content))
    for route in held:
        send(route, content)
    replay.shown.until(f"{film}.video.readyState >= 2 && !{film}.video.seeking && !({loading})")
    assert abs(replay.shown.hall(f"{film}.video.currentTime") - 2) < 0.05


def send(route: Route, content: bytes) -> None:
    """The part of a file that was asked for, as the product's door gives it."""
    asked = route.request.headers.get("range", "bytes=0-").removeprefix("bytes=")
    first, _, last = asked.partition("-")
    begin, end = int(first), int(last or len(content) - 1)
    headers = {
        "Content-Type": "video/webm",
        "Accept-Ranges": "bytes",
        "Content-Range": f"bytes {begin}-{end}/{len(content)}",
    }
    route.fulfill(status=206, headers=headers, body=content[begin : end + 1])
