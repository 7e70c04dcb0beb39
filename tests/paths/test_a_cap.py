"""Path (a): a warning as CAP comes in, changes, and is taken back, on the desk and on two maps."""

import pytest
from playwright.sync_api import expect

from tests.paths.conftest import Entrance
from tests.paths.people import SOON_MS
from tests.samples import weather
from tests.stack import Stack

pytestmark = pytest.mark.path


def send(stack: Stack, message: bytes) -> None:
    with stack.api("weather") as door:
        answer = door.post(
            "/api/v1/alerts", content=message, headers={"Content-Type": "application/cap+xml"}
        )
    assert answer.status_code in (200, 201), answer.text


def test_a_cap_alert_is_shown_changed_and_taken_back(stack: Stack, enter: Entrance) -> None:
    desk, wall = enter("desk", "xuwenbo"), enter("wall", "wall-city", "en")
    send(stack, weather.alert("W-1", "港口区暴雨橙色预警"))
    row = desk.page.locator("#queue-grid").get_by_text("港口区暴雨橙色预警")
    expect(row).to_be_visible()
    expect(desk.mark("港口区暴雨橙色预警")).to_be_visible()
    expect(wall.mark("港口区暴雨橙色预警")).to_be_visible()

    send(stack, weather.update("W-2", "W-1", "港口区暴雨红色预警"))
    for person in (desk, wall):
        expect(person.mark("港口区暴雨红色预警")).to_be_visible()
        expect(person.mark("港口区暴雨橙色预警")).to_have_count(0)
    alerts = desk.api("/api/v1/pictures/alerts")["picture"]["alerts"]
    assert [one["title"] for one in alerts] == ["港口区暴雨红色预警"]
    assert [one["severity"] for one in alerts] == [1]

    send(stack, weather.cancel("W-3", "W-2"))
    for person in (desk, wall):
        expect(person.mark("港口区暴雨红色预警")).to_have_count(0, timeout=SOON_MS)
    assert stack.errors() == []
