"""Path (e): the desk calls a unit and a guest; all hear each other; what was said is kept."""

import os
import time
from collections.abc import Iterator
from typing import Any

import av
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.paths.conftest import FLAGS
from tests.paths.handling import by_keyboard, leak, order_of
from tests.paths.people import SOON_MS, Person, sign_in
from tests.stack import Stack

pytestmark = pytest.mark.path
UNIT = "FIR-GK-01"
FAKE = (
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required"),
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
RESTORED_S = float(os.environ.get("FAULTS_RESTORED_S", 10))
"""From the media process's end until all are in the call again; `make faults` allows less."""
WATCH = """() => { window.turns = []; new MutationObserver(() => {
  const { call } = document.documentElement.dataset;
  window.turns.push(call);
  if (call === 'live' && turns.includes('rejoining')) window.restored ||= Date.now();
}).observe(document.documentElement, { attributes: true, attributeFilter: ['data-call'] }); }"""
LEVEL = """async () => {
  const audio = new AudioContext();
  await audio.resume();
  const meter = audio.createAnalyser();
  const found = window.dash_clientside.hall.call.stage().sounds();
  for (const one of found) audio.createMediaStreamSource(one).connect(meter);
  const wave = new Float32Array(meter.fftSize);
  let most = 0;
  for (let n = 0; n < 60 && most < 0.05; n += 1) {
    await new Promise((then) => setTimeout(then, 50));
    meter.getFloatTimeDomainData(wave);
    most = Math.max(most, Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length));
  }
  await audio.close();
  return most;
}"""


@pytest.fixture(scope="module")
def talking() -> Iterator[Browser]:
    """A browser with a microphone and a camera that are not real."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, *FAKE])
        yield made
        made.close()


def test_a_call_brings_desk_phone_and_a_guest_together(stack: Stack, talking: Browser) -> None:
    desk = sign_in(talking, stack, "desk", "xuwenbo")
    phone = sign_in(talking, stack, "phone", "zhouhaifeng")
    leak(stack)
    by_keyboard(desk)
    order = order_of(desk, UNIT)

    on = call_of_incident(desk, order["incident"])
    stands(stack, UNIT, 37.487, 119.027)
    call_on_map(desk.page, UNIT)
    phone.page.locator("#phone-calls [data-call='join']").click()
    live(phone.page)
    assert parties(desk, on)
    guest = come_by_link(talking, desk, on)
    live(guest)
    for page in (desk.page, phone.page, guest):
        heard(page, 2)

    comes_back(stack, (desk.page, phone.page, guest), phone.page)
    heard(desk.page, 2)

    party = next(one["party"] for one in parties(desk, on) if one["account"] is None)
    desk.api_post("/api/v1/commands/call.remove", {"call": on, "party": party})
    expect(guest.locator("html[data-call='over']")).to_be_attached(timeout=SOON_MS)
    desk.api_post("/api/v1/commands/call.end", {"call": on})
    expect(phone.page.locator("html[data-call='over']")).to_be_attached(timeout=SOON_MS)

    kept = recordings(desk, 4)
    assert {one["salvaged"] for one in kept} == {True, False}
    voice = next(one for one in kept if one["party"] == "zhouhaifeng" and not one["salvaged"])
    assert loud(stack, desk, voice["file"]) > 500
    for person in (desk, phone):
        person.context.close()
    guest.context.close()


def call_of_incident(desk: Person, incident: str) -> str:
    """By one press beside the incident's name, whatever work is in sight."""
    desk.page.evaluate("dash_clientside.hall.desk.view('map')")
    desk.page.locator(f"#detail-head [data-call='here'][data-id='{incident}']").click()
    live(desk.page)
    expect(desk.page.locator("#detail-head [data-call='leave']")).to_be_visible()
    return str(desk.page.evaluate("document.documentElement.dataset.callId"))


def stands(stack: Stack, unit: str, lat: float, lon: float) -> None:
    """The unit's receiver says where it is."""
    with stack.api("positions") as door:
        places = [{"unit": unit, "lat": lat, "lon": lon, "at": round(time.time() * 1000)}]
        body = {"source": "positions", "positions": places}
        answer = door.post("/api/v1/positions", json=body)
    assert answer.json()["accepted"] == 1, answer.text


def call_on_map(page: Page, unit: str) -> None:
    """A click on the unit, and on the button beside it."""
    page.wait_for_function("unit => dash_clientside.hall.placeOf(unit)", arg=unit)
    page.evaluate(
        """unit => { const { leaflet, placeOf } = dash_clientside.hall, at = placeOf(unit);
        leaflet.setView([at.lat, at.lon], leaflet.getMaxZoom(), { animate: false }); }""",
        unit,
    )
    box = page.locator("#map").bounding_box() or {}
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(f".unitcard[data-unit='{unit}'] button").click()


def come_by_link(browser: Browser, desk: Person, on: str) -> Page:
    """Three taps: the link, the name, the button."""
    made = desk.api_post("/api/v1/calls/links", {"call": on, "label": "厂方"})
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(SOON_MS)
    page.goto(made["url"].replace(desk.host, desk.host.replace("xuwenbo", "guest")))
    page.locator("[name=name]").fill("王工")
    page.locator("button.go").click()
    return page


def live(page: Page) -> None:
    expect(page.locator("html[data-call='live']")).to_be_attached(timeout=SOON_MS)


def heard(page: Page, others: int) -> None:
    """The others' voices come, and are loud."""
    expect(page.locator(".call-people li")).to_have_count(others + 1, timeout=SOON_MS)
    expect(page.locator(".call-people li[data-speaks]").first).to_be_attached(timeout=SOON_MS)
    assert page.evaluate(LEVEL) > 0.05


def comes_back(stack: Stack, pages: tuple[Page, ...], phone: Page) -> None:
    """The media process is killed: orders go on meanwhile, and soon all are in the call again."""
    for page in pages:
        page.evaluate(WATCH)
    media, killed = stack.child("media"), time.time() * 1000
    media.kill()
    phone.locator("#phone-next [data-act='order.acknowledge']").click()
    phone.locator("#phone-next [data-act='order.advance']").wait_for()
    for page in pages:
        page.wait_for_function("() => window.restored")
    took = [(page.evaluate("window.restored") - killed) / 1000 for page in pages]
    assert max(took) < RESTORED_S, took


def parties(desk: Person, on: str) -> list[dict[str, Any]]:
    calls = desk.api("/api/v1/pictures/calls")["picture"]["calls"]
    found: list[dict[str, Any]] = next(one for one in calls if one["id"] == on)["parties"]
    return found


def recordings(desk: Person, least: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 15
    while True:
        kept: list[dict[str, Any]] = desk.api("/api/v1/pictures/recordings")["picture"][
            "recordings"
        ]
        if len(kept) >= least:
            return kept
        assert time.monotonic() < deadline, kept
        time.sleep(0.3)


def loud(stack: Stack, desk: Person, file: str) -> float:
    """How loud a recording is, as it is played over REST."""
    cookies = {one["name"]: one["value"] for one in desk.context.cookies()}
    answer = httpx.get(f"{stack.url}/api/v1/recordings/{file}", cookies=cookies)
    path = stack.var / "played.webm"
    path.write_bytes(answer.content)
    with av.open(str(path)) as film:
        sound = [frame.to_ndarray().reshape(-1) for frame in film.decode(audio=0)]
    wave = np.concatenate(sound).astype(float)
    scale = 32_768 if np.abs(wave).max() <= 2 else 1
    return float(np.abs(wave).max() * scale)
