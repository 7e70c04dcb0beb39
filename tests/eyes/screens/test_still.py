"""The desk's large picture, kept as evidence by one press."""

from typing import Any

from playwright.sync_api import Route

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener
from tests.eyes.screens.conftest import Eyes
from tests.eyes.screens.test_tiles import row


def test_the_large_picture_is_kept_for_its_incident(end: FarEnd, show: Opener, eyes: Eyes) -> None:
    asked: list[Any] = []

    def keep(route: Route) -> None:
        asked.append((route.request.post_data_json, route.request.headers["idempotency-key"]))
        known = {"recording": "r", "file": "EV-1/cam.b@1.jpg", "taken_at": 1_795_233_600_000}
        route.fulfill(json={**known, "sha256": "0123456789abcdef" * 4})

    desk = show("desk")
    desk.page.context.route("**/api/v1/stills", keep)
    desk.page.keyboard.press("4")
    end.show("cameras|officer|city|zh|", rows={"desk-cameras-tiles": [row("a", 1), row("b", 2)]})
    desk.until("hall.tiles().length === 2")
    desk.page.click(".cam[data-feed='cam/b']")
    desk.page.click("[data-still]")
    desk.until(
        "document.querySelector('#panel-cameras [data-answer]').textContent.includes('存证')"
    )
    ((body, key),) = asked
    assert body == {"feed": "cam/b", "incident": "EV-1"}
    assert len(key) > 10
    assert "0123456789ab" in desk.page.inner_text("#panel-cameras [data-answer]")
