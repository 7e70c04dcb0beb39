"""The page of a guest, in a browser: before he joins he reads what will happen to what he says."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from callbacks import media_parts, web
from callbacks.services import Services
from dispatch.access import Actor
from dispatch.commands import perform
from layouts.texts import Texts
from tests.callbacks.conftest import city, services
from tests.callbacks.person import Person
from tests.calls.booth import SECRET
from tests.calls.test_browsers import SOON_MS, Booth, booth, browser
from tests.stack import ROOT
from video.server import control_key

__all__ = ["booth", "browser", "city", "services"]
TEXT = Texts("zh")


@pytest.fixture
def assets() -> Path:
    return ROOT / "assets"


@pytest.fixture
def here(services: Services, booth: Booth) -> Services:
    """The product's web server, as it is with a media process."""
    values = media_parts.MediaValues(booth.url, SECRET, Fernet(Fernet.generate_key()))
    own = services
    media = media_parts.make(values, own.database, own.city, own.board.feeds)
    return replace(own, media=media)


@pytest.fixture
def inside(here: Services) -> Person:
    return Person(web.create(here), here)


@pytest.fixture
def address(inside: Person) -> Iterator[str]:
    http = make_server("127.0.0.1", 0, inside.server, threaded=True)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()


@pytest.fixture
def guest(browser: Browser, booth: Booth) -> Iterator[Page]:
    """A page whose media requests reach the media process, as the proxy lets them."""
    context = browser.new_context(permissions=["microphone", "camera"], locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(SOON_MS)

    def forward(route: Route) -> None:
        path = route.request.url.split("/media/", 1)[1]
        route.continue_(url=f"{booth.url}/media/{path}")

    page.route("**/media/**", forward)
    yield page
    context.close()


def opened(here: Services, record: bool) -> str:
    lead = next(one for one in here.city.people if one.id == "lead")
    actor = Actor(lead.id, lead.role, lead.districts, session="s")
    body = {"unit": "FIR-1", "record": record}
    made = perform(here.writer, here.city, actor, "call.open", "k", body, here.now())
    return str(made.body["call"])


def link(inside: Person, call: str) -> tuple[str, str]:
    """A link's token, and whom it makes."""
    headers = {"Idempotency-Key": f"link-{call}"}
    officer = inside("officer")
    made = officer.post("/api/v1/calls/links", json={"call": call, "label": "x"}, headers=headers)
    told = made.get_json()
    return told["url"].split("#")[1], told["party"]


def wants(booth: Booth, call: str, *parties: str, record: bool) -> None:
    """What the web process has the media process do with a call."""
    room = {
        "room": call,
        "record": record,
        "people": [{"id": id, "name": "王工"} for id in parties],
    }
    headers = {"Authorization": f"Bearer {control_key(SECRET)}"}
    answer = httpx.put(f"{booth.url}/control/calls", json={"rooms": [room]}, headers=headers)
    answer.raise_for_status()


def joins(guest: Page) -> None:
    guest.fill("[name=name]", "王工")
    guest.click("button.go")
    guest.wait_for_selector("html[data-call=live]", state="attached")


def test_who_comes_to_an_unrecorded_call_reads_so_and_learns_when_that_changes(
    here: Services, inside: Person, booth: Booth, guest: Page, address: str
) -> None:
    call = opened(here, record=False)
    token, party = link(inside, call)
    guest.goto(f"{address}/join#{token}")
    expect(guest.locator("#consent")).to_have_text(TEXT("call.consent_unrecorded"))
    assert TEXT("call.recording") not in guest.inner_text("body")
    wants(booth, call, party, record=False)
    joins(guest)
    guest.wait_for_selector(".call-people li")  # the room has spoken
    expect(guest.locator("#kept")).to_have_text(TEXT("call.not_recorded"))
    wants(booth, call, party, record=True)
    expect(guest.locator("#kept")).to_have_text(TEXT("call.recording_now"))
    wants(booth, call, party, record=False)
    expect(guest.locator("#kept")).to_have_text(TEXT("call.not_recorded"))


def test_who_comes_to_a_recorded_call_reads_so_and_so_does_who_comes_back(
    here: Services, inside: Person, booth: Booth, guest: Page, address: str
) -> None:
    call = opened(here, record=True)
    token, party = link(inside, call)
    wants(booth, call, party, record=True)
    guest.goto(f"{address}/join#{token}")
    expect(guest.locator("#consent")).to_have_text(TEXT("call.consent"))
    joins(guest)
    expect(guest.locator("#kept")).to_have_text(TEXT("call.recording"))
    guest.goto(f"{address}/join")
    expect(guest.locator("#consent")).to_have_text(TEXT("call.consent"))
    expect(guest.locator("[name=name]")).to_be_hidden()
    guest.click("button.go")
    guest.wait_for_selector("html[data-call=live]", state="attached")
    guest.goto("about:blank")
    guest.goto(f"{address}/join#{token}")  # used up
    expect(guest.locator("#say")).to_have_text(TEXT("call.why_bad_link"))
    expect(guest.locator("form")).to_be_hidden()


def test_who_is_shown_out_sends_nothing_and_is_told_of_no_recording(
    here: Services, inside: Person, booth: Booth, guest: Page, address: str
) -> None:
    call = opened(here, record=True)
    token, party = link(inside, call)
    wants(booth, call, party, record=True)
    guest.goto(f"{address}/join#{token}")
    joins(guest)
    inside("officer").does("call.remove", call=call, party=party)
    wants(booth, call, record=True)
    guest.wait_for_selector("html[data-call=over]", state="attached")
    tracks = "hall.call.line().stream.getTracks().map((one) => one.readyState)"
    assert guest.evaluate(f"{{ const {{ hall }} = dash_clientside; {tracks} }}") == ["ended"] * 2
    expect(guest.locator("#kept")).to_be_hidden()
    expect(guest.locator(".call-tools")).to_be_hidden()
