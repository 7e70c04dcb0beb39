"""A media process in a thread, cameras to read from, and a browser's or a program's view of it."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from playwright.sync_api import Browser, Page

from demo.rtsp import Broadcast, Clip, RtspServer
from dispatch.clock import now_ms
from tests.stack import free_port
from video import server
from video.addresses import Allowed
from video.process import MediaSettings, serve
from video.tokens import Action, Tokens

SECRET = "of the tests alone, " * 3
Value = TypeVar("Value")
MOVING_STD = 20.0  # of grey levels on a canvas; a black or missing picture has 0
PAGE = "<!doctype html><title>t</title><video muted autoplay playsinline></video>"
PLAYER = """
async ([path, token]) => {
  const pc = new RTCPeerConnection(window.config || {});
  const video = document.querySelector("video");
  pc.addTransceiver("video", {direction: "recvonly"});
  pc.ontrack = (e) => { video.srcObject = e.streams[0] || new MediaStream([e.track]); };
  await pc.setLocalDescription(await pc.createOffer());
  await new Promise((done) => {
    if (pc.iceGatheringState === "complete") return done();
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
    setTimeout(done, 2000);
  });
  const answer = await fetch("/media/whep/" + path, {method: "POST",
    headers: {"Content-Type": "application/sdp", "Authorization": "Bearer " + token},
    body: pc.localDescription.sdp});
  if (answer.status !== 201) return [answer.status, (await answer.json()).detail];
  window.pc = pc; window.session = answer.headers.get("Location");
  window.bearer = {"Authorization": "Bearer " + token};
  await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
  return [201, ""];
}
"""
LEAVE = """
async () => { if (window.pc) window.pc.close();
  if (window.session) await fetch(window.session, {method: "DELETE", headers: window.bearer}); }
"""
SEEN = """
async () => {
  let found = {decoded: 0, width: 0, pair: ""};
  const stats = await window.pc.getStats();
  stats.forEach((s) => {
    if (s.type === "inbound-rtp" && s.kind === "video") {
      found.decoded = s.framesDecoded; found.width = s.frameWidth || 0;
    }
    if (s.type === "candidate-pair" && s.nominated) {
      found.pair = stats.get(s.localCandidateId).candidateType;
    }
  });
  const video = document.querySelector("video"), canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 48;
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 64, 48);
  const raw = pen.getImageData(0, 0, 64, 48).data, grey = [];
  for (let i = 0; i < raw.length; i += 4) grey.push((raw[i] + raw[i + 1] + raw[i + 2]) / 3);
  const mean = grey.reduce((a, b) => a + b, 0) / grey.length;
  found.std = Math.sqrt(grey.reduce((a, b) => a + (b - mean) ** 2, 0) / grey.length);
  found.state = window.pc.connectionState;
  return found;
}
"""


class Background:
    """An event loop of its own thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def call(self, what: Callable[[], Value]) -> Value:
        async def once() -> Value:
            return what()

        return self.run(once())


@dataclass
class Cameras:
    """RTSP cameras by name, which the test may kill, silence and make stand still."""

    background: Background
    clips: dict[str, Clip]
    password: tuple[str, str] | None = None
    port: int = 0
    broadcasts: dict[str, Broadcast] = field(default_factory=dict)
    server: RtspServer | None = None

    def start(self) -> None:
        self.server = RtspServer(self._find, self.password)
        self.port = self.background.run(self.server.start("127.0.0.1", self.port))

    def stop(self) -> None:
        assert self.server
        self.background.run(self.server.stop())

    def url(self, name: str, user: str = "") -> str:
        return f"rtsp://{user + '@' if user else ''}127.0.0.1:{self.port}/{name}"

    def _find(self, name: str) -> Broadcast | None:
        if name not in self.clips:
            return None
        return self.broadcasts.setdefault(name, Broadcast(self.clips[name]))


@dataclass
class Media:
    """The process, as the web process and a screen know it."""

    port: int
    tokens: Tokens = field(default_factory=lambda: Tokens(SECRET))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, path: str, action: Action = "whep", sub: str = "officer") -> str:
        return self.tokens.issue(sub, path, action, now_ms())[0]

    def control(self, method: str, name: str, body: Any = None) -> httpx.Response:
        word = {"Authorization": f"Bearer {server.control_key(SECRET)}"}
        return httpx.request(method, f"{self.url}/control/{name}", json=body, headers=word)

    def want(self, **sources: tuple[str, str]) -> None:
        """`want(a=("rtsp", url))` makes cam/a, and these are all; a name with `_` is pinned."""
        wanted = [
            {"path": f"cam/{name}", "url": url, "kind": kind, "pinned": name.endswith("_")}
            for name, (kind, url) in sources.items()
        ]
        answer = self.control("PUT", "sources", {"revision": "1", "sources": wanted})
        assert answer.status_code == 200, answer.text

    def feed(self, name: str) -> dict[str, Any]:
        feeds = self.control("GET", "status").json()["feeds"]
        return next(one for one in feeds if one["path"] == f"cam/{name}")

    def wait(self, name: str, state: str, patience_s: float = 8.0) -> dict[str, Any]:
        """The feed's status once its state is this one."""
        return wait_for(lambda: self.feed(name), lambda one: one["state"] == state, patience_s)

    def ask(
        self, method: str, address: str, token: str = "", body: str = "", kind: str = ""
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Content-Type": kind} if kind else {}
        return httpx.request(
            method, self.url + address, content=body.encode(), headers=headers, timeout=15
        )

    def post(self, path: str, sdp: str, action: Action = "whep") -> httpx.Response:
        token = self.token(path, action)
        return self.ask("POST", f"/media/{action}/{path}", token, sdp, "application/sdp")


def wait_for(
    look: Callable[[], Value], good: Callable[[Value], bool], patience_s: float = 8.0
) -> Value:
    until = time.monotonic() + patience_s
    while not good(found := look()):
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


@contextmanager
def running(folder: Path, cameras: Cameras, **facts: Any) -> Iterator[Media]:
    """A media process that may read these cameras and files of this folder."""
    places = frozenset({("127.0.0.1", cameras.port), *facts.pop("places", ())})
    port, stop = free_port(), threading.Event()
    facts = {"addresses": ("127.0.0.1",), "transcodes": 0, "patrol_s": 0.0, **facts}
    own = MediaSettings(
        "127.0.0.1", port, SECRET, allowed=Allowed(places=places), folder=folder, **facts
    )
    thread = threading.Thread(target=serve, args=(own, stop), daemon=True)
    thread.start()
    media = Media(port)
    wait_for(lambda: _answers(media), bool)
    yield media
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def _answers(media: Media) -> bool:
    try:
        return media.control("GET", "status").status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Screen:
    """A page of a real browser that plays feeds."""

    page: Page
    media: Media

    def play(self, path: str) -> tuple[int, str]:
        """Ask for a feed; the answer's status and detail."""
        status, detail = self.page.evaluate(PLAYER, [path, self.media.token(path)])
        return int(status), str(detail)

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(SEEN)
        return found

    def plays(self, patience_s: float = 10.0, frames: int = 10) -> dict[str, Any]:
        """What is seen once some more pictures were decoded, and one is on the screen."""
        until = self.seen()["decoded"] + frames

        def good(one: dict[str, Any]) -> bool:
            return bool(one["decoded"] >= until and one["std"] > MOVING_STD)

        return wait_for(self.seen, good, patience_s)


@contextmanager
def screen(
    browser: Browser, media: Media, config: dict[str, Any] | None = None
) -> Iterator[Screen]:
    """A page that comes from the media process's own address."""
    page = browser.new_page()
    page.route("**/page", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"{media.url}/page")
    page.evaluate("(given) => { window.config = given; }", config or {})
    yield Screen(page, media)
    page.evaluate(LEAVE)
    page.close()
