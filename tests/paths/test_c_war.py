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
    """Close what is open, hand over what is not done, end the activation."""
    for order in orders(desk):
        command(desk, "order.cancel", {"order": order["id"], "reason": "演示结束"})
    [active] = desk.api("/api/v1/pictures/activations")["picture"]["active"]
    handover = {str(n): "值班长 罗静" for n, item in enumerate(active["checklist"])}
    command(
        leader,
        "activation.end",
        {"activation": active["id"], "reason": "险情解除", "handover": handover},
    )


def command(person: Person, name: str, body: dict[str, object]) -> None:
    answer = person.page.evaluate(
        "([name, body]) => window.dash_clientside.hall.send(name, body)", [name, body]
    )
    assert answer["ok"], f"{name}: {answer['body']}"
