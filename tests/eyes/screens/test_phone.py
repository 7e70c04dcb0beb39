"""A responder's phone: photos, place and safety, with and without network, on small screens."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from layouts.panels import phone_report
from layouts.texts import Texts
from streams.view import View
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown
from tests.eyes.doors.test_uploads import photo

ROOM = "phone-report|officer|city|zh|"
ORDER = "ZL-1123-0001"


def pictures(**more: Any) -> dict[str, Any]:
    usual = {"orders": [{"id": ORDER, "state": "ON_SCENE", "unit": "FIR-1"}], "sharing": None}
    usual |= {"sending": None, "safety": None}
    return {"phone": {**usual, **more}}


def rows(**more: Any) -> dict[str, Any]:
    made = phone_report.props(pictures(**more), Texts("zh"), View("responder", ("city",)))  # type: ignore[arg-type]
    return {id: value for (id, prop), value in made.items() if prop == "rows"}


@pytest.fixture
def posts(context: BrowserContext) -> list[tuple[str, str, bytes]]:
    """What came to the doors of photos and places: (address, key, body)."""
    came: list[tuple[str, str, bytes]] = []

    def take(route: Route) -> None:
        key = route.request.headers.get("idempotency-key", "")
        came.append((route.request.url.split("/api/v1/")[1], key, route.request.post_data_buffer))
        route.fulfill(status=201, json={"upload": "ZP-1", "seq": 1, "accepted": 1})

    context.route("**/api/v1/uploads?*", take)
    context.route("**/api/v1/positions/own", take)
    return came


def phone(end: FarEnd, show: Opener, **more: Any) -> Shown:
    shown = show("phone")
    end.show(ROOM, rows=rows(**more))
    shown.page.wait_for_selector("#phone-tools .tool4")
    return shown


def photograph(page: Page) -> None:
    with page.expect_file_chooser() as chosen:
        page.click("[data-photo]")
    chosen.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})


def test_a_photo_goes_to_the_centre_without_what_the_camera_wrote(
    end: FarEnd, show: Opener, posts: list[Any]
) -> None:
    shown = phone(end, show)
    photograph(shown.page)
    shown.page.wait_for_selector("#phone-uploads .msg[data-state=sent]")
    ((address, key, body),) = posts
    assert f"order={ORDER}" in address
    assert key
    assert body.startswith(b"\xff\xd8\xff")
    assert b"Maker" not in body


def test_without_network_a_photo_waits_and_goes_once(
    end: FarEnd, show: Opener, posts: list[Any], context: BrowserContext
) -> None:
    shown = phone(end, show)
    context.set_offline(True)
    shown.page.route("**/api/v1/uploads?*", lambda route: route.abort())
    photograph(shown.page)
    shown.page.wait_for_selector("#phone-uploads .msg[data-state=pending]")
    waits = "() => /待发送/.test(document.getElementById('phone-uploads').textContent)"
    shown.page.wait_for_function(waits)
    shown.page.unroute("**/api/v1/uploads?*")
    context.set_offline(False)
    shown.page.wait_for_selector("#phone-uploads .msg[data-state=sent]", timeout=12_000)
    assert len({key for _, key, _ in posts}) == 1
    assert shown.hall("hall.uploads.all()") == []


def test_a_place_is_asked_for_shown_and_ends_with_the_order(
    end: FarEnd, show: Opener, posts: list[Any], context: BrowserContext
) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 37.5, "longitude": 118.7, "accuracy": 6})
    shown = phone(end, show)
    shown.page.wait_for_timeout(200)
    assert shown.hall("hall.phonePlace()") is None  # nothing is taken before it is asked for
    shown.page.click("[data-unfold=place]")
    shown.page.click(".asked[data-on] [data-act='order.share_place']")
    shown.until("hall.queue.items().some((one) => one.name === 'order.share_place')")
    end.show(ROOM, rows=rows(sharing={"dispatch_order": ORDER}))
    shown.page.wait_for_selector("#phone-running [data-sharing]")
    shown.page.wait_for_function("() => /±6 m/.test(document.body.textContent)")
    shown.page.wait_for_event("request", lambda one: "positions/own" in one.url, timeout=12_000)
    end.push(ROOM, end.seqs[ROOM], rows={"phone-running": {"set": [], "drop": ["place"]}})
    shown.until("hall.phonePlace() === null")


def test_a_call_for_help_must_be_held(end: FarEnd, show: Opener) -> None:
    shown = phone(end, show)
    button = shown.page.locator("[data-act='order.ask_help']")
    button.click()
    assert shown.hall("hall.queue.items().length") == 0
    button.hover()
    shown.page.mouse.down()
    shown.until("hall.queue.items().some((one) => one.name === 'order.ask_help')", 3_000)
    shown.page.mouse.up()


@pytest.mark.parametrize("size", [(390, 844), (360, 640)])
def test_every_target_is_large_and_nothing_is_cut_off(
    end: FarEnd, show: Opener, size: tuple[int, int]
) -> None:
    shown = phone(end, show, sharing={"dispatch_order": ORDER})
    shown.page.set_viewport_size({"width": size[0], "height": size[1]})
    for box in shown.page.locator("#phone-tools .tool4 > .btn, #phone-tools .askbox > .btn").all():
        found = box.bounding_box()
        assert found
        assert found["height"] >= 56
        assert found["width"] >= 56
        assert found["y"] + found["height"] <= size[1]
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= size[0]
