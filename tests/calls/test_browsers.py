"""A call of three in real browsers with their fake microphones and cameras."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.calls.booth import ROOM, SECRET
from tests.stack import ROOT, free_port
from tests.video.turn_server import SECRET as TURN_SECRET
from tests.video.turn_server import coturn
from video import ice
from video.server import control_key

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--disable-quic"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required"),
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
SOON_MS = 30_000
RELAYED = """
const Plain = window.RTCPeerConnection;
window.peers = [];
window.RTCPeerConnection = class extends Plain {
  constructor(given) { super({ ...given, iceTransportPolicy: "relay" }); peers.push(this); }
  setConfiguration(given) { super.setConfiguration({ ...given, iceTransportPolicy: "relay" }); }
};
window.up = () => peers.filter((one) => one.connectionState === "connected");
window.ways = async () => {
  const found = [];
  for (const peer of up()) {
    const stats = await peer.getStats();
    const all = [...stats.values()];
    const kind = (pair) => stats.get(pair.localCandidateId).candidateType;
    const pairs = all.filter((one) => one.type === "candidate-pair");
    for (const { type, selectedCandidatePairId: id } of all)
      if (type === "transport") found.push(kind(stats.get(id)));
    found.push(...pairs.filter((one) => one.bytesSent).map(kind).filter((one) => one !== "relay"));
  }
  return found;
};
"""
SEEN = """[...document.querySelectorAll(".call-tile:not([hidden]) video")]
  .filter((one) => one.videoWidth).length === 2"""

SENT = """async (way) => {
  const peer = way === "direct" ? line.direct.peer : line[way];
  const packets = async () => [...(await peer.getStats()).values()]
    .reduce((sum, one) => sum + (one.type === "outbound-rtp" ? one.packetsSent : 0), 0);
  await new Promise((then) => setTimeout(then, 300));
  const before = await packets();
  await new Promise((then) => setTimeout(then, 700));
  return (await packets()) - before;
}"""
"""How many packets of sound and picture go that way."""


class Booth:
    """The media process, in a process of its own."""

    def __init__(self, folder: Path, *way: str) -> None:
        self.port, self.folder, self.way = free_port(), folder, way
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.calls.booth", str(self.port), str(self.folder)]
        command += self.way
        self.process = subprocess.Popen(command, cwd=ROOT)
        for _ in range(200):
            try:
                httpx.get(self.url)
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError("the media process did not come up")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def want(self, *people: str, record: bool = False) -> dict[str, object]:
        wish = {"room": ROOM, "record": record, "people": [{"id": id, "name": id} for id in people]}
        headers = {"Authorization": f"Bearer {control_key(SECRET)}"}
        answer = httpx.put(f"{self.url}/control/calls", json={"rooms": [wish]}, headers=headers)
        answer.raise_for_status()
        told: dict[str, object] = answer.json()
        return told

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    opened = Booth(tmp_path / "recordings")
    yield opened
    opened.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def pages(browser: Browser, booth: Booth) -> Iterator[dict[str, Page]]:
    """Three people who have joined."""
    context = browser.new_context(permissions=["microphone", "camera"])
    opened: dict[str, Page] = {}
    for id in ("anna", "ben", "cai"):
        page = opened[id] = context.new_page()
        page.set_default_timeout(SOON_MS)
        page.goto(f"{booth.url}/?me={id}")
        page.evaluate("join()")
    yield opened
    context.close()


def test_three_hear_and_see_each_other_and_one_is_shown_out(
    booth: Booth, pages: dict[str, Page]
) -> None:
    booth.want(*pages)
    for page in pages.values():
        _wait(page, "said && said.slots.video.filter(Boolean).length === 2")
        _wait(page, SEEN)
        for slot in (0, 1):
            assert page.evaluate(f"loud({slot})") > 0.05
    pages["cai"].route("**/token?**", lambda route: route.fulfill(status=403))
    booth.want("anna", "ben")
    _wait(pages["cai"], "line.state === 'over' && line.reason === 'not_in_call'")
    _wait(pages["anna"], "said.slots.video.filter(Boolean).length === 1")


def test_who_gets_no_answer_is_told_why_within_eight_seconds(
    booth: Booth, browser: Browser
) -> None:
    page = browser.new_context(permissions=["microphone", "camera"]).new_page()
    page.goto(f"{booth.url}/?me=dora")
    page.route("**/media/**", lambda route: route.abort())
    began = time.monotonic()
    page.evaluate("join()")
    _wait(page, "line.state === 'failed' && line.reason === 'unreachable'")
    assert time.monotonic() - began < 8
    page.unroute("**/media/**")
    _wait(page, "line.state === 'live'")
    page.context.close()


def test_a_call_goes_through_the_relay_alone(browser: Browser, tmp_path: Path) -> None:
    address = ice.main_address()
    if address == "127.0.0.1":
        pytest.skip("coturn relays to no loopback address, and this machine has no other")
    with coturn(tmp_path, address) as relay:
        booth = Booth(tmp_path / "recordings", address, relay, TURN_SECRET)
        context = browser.new_context(permissions=["microphone", "camera"])
        context.add_init_script(RELAYED)
        pages = {id: context.new_page() for id in ("anna", "ben")}
        try:
            booth.want(*pages)
            for id, page in pages.items():
                page.set_default_timeout(SOON_MS)
                page.goto(f"{booth.url}/?me={id}")
                page.evaluate("join()")
            for page in pages.values():
                _wait(page, "line.state === 'live'")
                _wait(page, "said && said.slots.video.filter(Boolean).length === 1")
                _wait(page, SEEN.replace("=== 2", "=== 1"))
                assert page.evaluate("loud(0)") > 0.05
                _wait(page, "up().length === 2")
                assert page.evaluate("ways()") == ["relay", "relay"]
        finally:
            context.close()
            booth.kill()


def test_two_alone_speak_directly_until_a_third_comes(browser: Browser, tmp_path: Path) -> None:
    booth = Booth(tmp_path / "recordings", "127.0.0.1", "", "", "direct")
    context = browser.new_context(permissions=["microphone", "camera"])
    pages = {id: context.new_page() for id in ("anna", "ben", "cai")}
    pair = [(pages["anna"], "ben"), (pages["ben"], "anna")]
    try:
        booth.want(*pages)
        for id, page in pages.items():
            page.set_default_timeout(SOON_MS)
            page.goto(f"{booth.url}/?me={id}")
        for page, _ in pair:
            page.evaluate("join()")
        for page, other in pair:
            _wait(page, f"line.direct.up && said.through === '{other}'")
            _wait(page, SEEN.replace("=== 2", "=== 1"))
            assert page.evaluate("loud(0)") > 0.05
            assert page.evaluate(SENT, "sender") == 0, "nothing goes to the room"
            assert page.evaluate(SENT, "direct") > 0
        pages["cai"].evaluate("join()")
        for page in pages.values():
            _wait(page, "said && !said.through && said.slots.video.filter(Boolean).length === 2")
            _wait(page, SEEN)
            for slot in (0, 1):
                assert page.evaluate(f"loud({slot})") > 0.05
        pages["cai"].evaluate("line.stop()")
        for page, other in pair:
            _wait(page, f"line.direct.up && said.through === '{other}'")
        booth.want(*pages, record=True)
        for page, _ in pair:
            _wait(page, "!line.direct.up && said.recording && !said.through")
            assert page.evaluate(SENT, "sender") > 0
    finally:
        context.close()
        booth.kill()


def test_who_has_no_way_for_media_is_told_within_eight_seconds(
    browser: Browser, tmp_path: Path
) -> None:
    nobody = f"turn:127.0.0.1:{free_port()}?transport=udp"
    booth = Booth(tmp_path / "recordings", "127.0.0.1", nobody, TURN_SECRET)
    context = browser.new_context(permissions=["microphone", "camera"])
    context.add_init_script(RELAYED)
    page = context.new_page()
    try:
        booth.want("dora")
        page.goto(f"{booth.url}/?me=dora")
        began = time.monotonic()
        page.evaluate("join()")
        _wait(page, "line.state === 'failed' && line.reason === 'no_way'")
        assert time.monotonic() - began < 8
    finally:
        context.close()
        booth.kill()


def _wait(page: Page, met: str) -> None:
    page.wait_for_function(f"() => {{ try {{ return {met}; }} catch (_) {{ return false; }} }}")
