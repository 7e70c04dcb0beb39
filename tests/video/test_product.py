"""The whole product: a signed-in desk plays one of the demo city's own cameras."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.paths.people import SIZES
from tests.stack import Stack, running
from tests.video.media import PAGE, SEEN, wait_for

PLAY = """
async (path) => {
  const ask = (address, options) => fetch(address, {method: "POST", ...options});
  const json = {"Content-Type": "application/json"};
  await ask("/api/v1/commands/viewing.start", {headers: {...json, "Idempotency-Key": "s-" + path},
    body: JSON.stringify({feed: path, reason: "test"})});
  const leave = await ask("/api/v1/media/tokens", {headers: json,
    body: JSON.stringify({path, action: "whep"})});
  if (!leave.ok) return [leave.status, await leave.text()];
  const {token, url, ice_servers} = await leave.json();
  const pc = new RTCPeerConnection({iceServers: ice_servers});
  const video = document.querySelector("video");
  pc.addTransceiver("video", {direction: "recvonly"});
  pc.ontrack = (e) => { video.srcObject = e.streams[0] || new MediaStream([e.track]); };
  await pc.setLocalDescription(await pc.createOffer());
  const answer = await ask(url, {body: pc.localDescription.sdp,
    headers: {"Content-Type": "application/sdp", "Authorization": "Bearer " + token}});
  window.pc = pc;
  const text = await answer.text();
  if (answer.status === 201) await pc.setRemoteDescription({type: "answer", sdp: text});
  return [answer.status, text.slice(0, 200)];
}
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, demo_city: Path) -> Iterator[Stack]:
    settings = {"YIPING_CITY": str(demo_city), "YIPING_PLAYER": "on"}
    with running(tmp_path_factory.mktemp("media") / "var", settings) as one:
        yield one


def test_a_camera_of_the_demo_city_moves_on_the_desk(browser: Browser, stack: Stack) -> None:
    width, height = SIZES["desk"]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(stack.link("xuwenbo"))
    page.wait_for_url("**/desk/**")
    origin = page.url.split("/desk")[0]
    page.route("**/plain", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"{origin}/plain")
    path = "cam/CAM-GK-031"
    answer = wait_for(lambda: page.evaluate(PLAY, path), lambda one: one[0] == 201, 60.0)
    assert answer[0] == 201
    seen = wait_for(
        lambda: page.evaluate(SEEN), lambda one: one["decoded"] > 20 and one["std"] > 20
    )
    assert seen["width"] == 640
    still = page.evaluate(
        "async () => { const a = await fetch('/media/snapshot/cam/CAM-GK-031?width=320');"
        " return [a.status, a.headers.get('content-type')]; }"
    )
    assert still == [200, "image/jpeg"]
    stranger = httpx.get(f"{stack.url}/media/snapshot/{path}")
    assert stranger.status_code == 401
    context.close()
    assert stack.errors() == []
