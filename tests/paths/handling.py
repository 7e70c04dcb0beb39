"""What an officer does at the desk, by keyboard alone."""

import time
from typing import Any

from playwright.sync_api import Locator, expect

from tests.paths.people import SOON_MS, Person
from tests.stack import Stack

TITLE = "化工园区氨气浓度高高报"


def leak(stack: Stack, ext_id: str = "GT-207-1") -> str:
    """The chemical park reports a leak; gives the alert's id."""
    body = {
        "source": "park",
        "ext_id": ext_id,
        "title": TITLE,
        "category": "accident",
        "type": "hazmat_leak",
        "severity": 2,
        "lat": 37.49,
        "lon": 119.03,
        "place": "云港化工 2# 罐区",
        "occurred_at": round(time.time() * 1000),
    }
    with stack.api("park") as door:
        answer = door.post("/api/v1/alerts", json=body)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["alert"])


def acknowledge(desk: Person) -> None:
    """Choose the first alert of the queue and acknowledge it."""
    expect(desk.page.locator("#queue-grid").get_by_text(TITLE)).to_be_visible()
    desk.press("ArrowDown")
    acknowledged = desk.page.locator("#detail-acts [data-act='alert.acknowledge']")
    expect(acknowledged).to_be_enabled()
    desk.press("a")
    expect(acknowledged).to_be_disabled()


def open_incident(desk: Person) -> None:
    """Verify the chosen alert and set up an incident."""
    desk.press("v")
    desk.page.keyboard.type("企业值班室电话核实")
    desk.press("Enter")
    ready = desk.page.locator("#detail-acts [data-do='set-up']")
    expect(ready).to_be_enabled()
    desk.press("e")
    expect(drafts(desk).first).to_be_visible()


def issue_drafts(desk: Person, left: int = 0) -> None:
    """Issue the plan's ticked drafts together: the desk has opened them by itself.

    left: how many are not ticked, because only a leader may send their units.
    """
    desk.press("Control+Enter")
    expect(drafts(desk)).to_have_count(left, timeout=SOON_MS)
    expect(drafts(desk).locator("[name=draft]:checked")).to_have_count(0)


def drafts(desk: Person) -> Locator:
    return desk.page.locator("#composer-drafts .draft")


def by_keyboard(desk: Person, left: int = 0) -> None:
    acknowledge(desk)
    open_incident(desk)
    issue_drafts(desk, left)


def orders(desk: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.api("/api/v1/pictures/orders")["picture"]["orders"]
    return found


def order_of(desk: Person, unit: str) -> dict[str, Any]:
    """The order that a unit holds."""
    return next(one for one in orders(desk) if one["unit"] == unit)
