"""Path (c): one district goes to war and back; its screens follow, the others only hear of it."""

import time

import pytest
from playwright.sync_api import expect

from tests.paths.conftest import Entrance
from tests.paths.handling import by_keyboard, leak, orders
from tests.paths.people import Person
from tests.stack import Stack

pytestmark = pytest.mark.path
REPORTED_S = 15  # a screen says every 2 s what it shows; five screens and the product on 2 cores


def propose(desk: Person) -> None:
    """Ask for wartime at level III in the incident's district."""
    desk.press("Alt+w")
    desk.page.locator("#activate-body [name='level'][value='3']").check()
    desk.page.locator("#activate-body [name='activate_reason']").fill("泄漏扩大，需多部门处置")
    desk.press("Control+Enter")


def test_a_district_goes_to_war_and_back(stack: Stack, enter: Entrance) -> None:
    desk, leader = enter("desk", "luojing"), enter("desk", "lijuan", "en")
    wall, phone = enter("wall", "wall-gk"), enter("phone", "zhouhaifeng")
    other = enter("desk", "hanxue")
    leak(stack)
    by_keyboard(desk, left=1)
    propose(desk)

    sign = leader.page.locator("#confirm-acts [data-act='activation.sign']")
    expect(sign).to_be_visible()
    assert {person.mode() for person in (desk, wall, phone)} == {"PEACETIME"}
    leader.press("Control+Enter")
    for person in (desk, leader, wall, phone):
        person.expect_mode("WARTIME")
    other.expect_mode("PEACETIME")
    expect(other.page.locator("[data-notice]").get_by_text("港口区").first).to_be_visible()

    wall.page.reload()
    wall.expect_mode("WARTIME")
    wall.expect_live()
    confirmed(desk)
    stand_down(desk, leader)
    for person in (desk, leader, wall, phone, other):
        person.expect_mode("PEACETIME")
    assert stack.errors() == []


def confirmed(desk: Person) -> None:
    """Every screen in scope has said that it shows the present mode."""
    epoch = desk.api("/api/v1/pictures/activations")["picture"]["epoch"]
    until = time.monotonic() + REPORTED_S
    while True:
        screens = desk.api("/api/v1/pictures/screens")["picture"]
        if screens["confirmed"] == screens["total"] >= 4 or time.monotonic() > until:
            break
        desk.page.wait_for_timeout(100)
    assert screens["confirmed"] == screens["total"] >= 4
    assert {one["epoch"] for one in screens["screens"]} == {epoch}


def stand_down(desk: Person, leader: Person) -> None:
    """Call the orders back, settle the checklist and hand over the rest, as two people do."""
    leader.press("j")
    closed = leader.page.locator("#standdown-list .item").filter(has_text="All orders closed")
    closed.locator("[data-act='activation.check']").click()
    told = leader.page.locator("#standdown-acts [data-answer]")
    expect(told).to_contain_text("Orders are still open")
    call_back(desk)
    closed.locator("[data-act='activation.check']").click()
    expect(closed.locator("[data-done='yes']")).to_be_visible()
    left = hand_over(leader, "值班长 罗静")
    end(leader, "险情解除")
    expect(
        leader.page.locator("#standdown-list").get_by_text("handed over to 值班长 罗静")
    ).to_have_count(left)
    expect(leader.page.locator("#standdown-acts").get_by_text("Ended at")).to_be_visible()


def call_back(desk: Person) -> None:
    """Cancel every order, one after the other, as the matrix lists them."""
    standing = desk.page.locator("#matrix-grid .mxrow:not([data-state='CANCELLED'])")
    line = desk.page.locator("#panel-matrix [data-line='cancel']")
    expect(standing).to_have_count(len(orders(desk)))
    while standing.count():
        chosen = standing.first.get_attribute("data-select")
        standing.first.click()
        desk.page.locator("#panel-matrix [data-do='line'][data-for='cancel']").click()
        expect(line.locator("[name=reason]")).to_be_focused()
        desk.page.keyboard.type("演示结束")
        desk.press("Enter")
        expect(standing.and_(desk.page.locator(f"[data-select='{chosen}']"))).to_have_count(0)
        expect(line).not_to_have_attribute("data-on", "1")
    assert {one["state"] for one in orders(desk)} == {"CANCELLED"}


def hand_over(leader: Person, owner: str) -> int:
    """Name who owns each item that is not done; how many there are."""
    fields = leader.page.locator("#standdown-list [data-owner]")
    left = fields.count()
    assert left > 1
    for n in range(left):
        fields.nth(n).fill(owner)
    leader.press("Escape")
    return left


def end(leader: Person, reason: str) -> None:
    """Stand down by keyboard: E asks for the reason, Enter sends it."""
    leader.press("e")
    expect(leader.page.locator("#panel-standdown [name=end_reason]")).to_be_focused()
    leader.page.keyboard.type(reason)
    leader.press("Enter")
