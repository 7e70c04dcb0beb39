"""Path (d): Redis dies, then the web process, in the middle of path (b): nothing is lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from playwright.sync_api import expect

from tests.paths.conftest import Entrance
from tests.paths.handling import acknowledge, issue_drafts, leak, open_incident, order_of, orders
from tests.stack import Stack

pytestmark = pytest.mark.path
UNIT = "FIR-GK-01"


def test_an_order_survives_the_death_of_redis_and_of_the_web_process(
    stack: Stack, enter: Entrance
) -> None:
    desk, phone = enter("desk", "xuwenbo"), enter("phone", "zhouhaifeng")
    wall = enter("wall", "wall-city")
    leak(stack)
    acknowledge(desk)
    kill(stack.child("redis-server"))
    open_incident(desk)

    web = stack.child("gunicorn")
    with held(web):
        for person in (desk, wall, phone):
            person.expect_stale()
    for person in (desk, wall, phone):
        person.expect_live()
    kill(web)
    issue_drafts(desk)
    for person in (desk, wall, phone):
        person.expect_live()

    order = order_of(desk, UNIT)
    assert len(orders(desk)) == len({one["unit"] for one in orders(desk)})
    expect(phone.page.locator(f"[data-read='{order['id']}']")).to_be_visible()
    phone.context.set_offline(True)
    pressed = time.time() * 1000
    phone.page.locator("#phone-next [data-act='order.acknowledge']").click()
    phone.expect_stale()
    expect(phone.page.locator("#phone-queue [data-state='pending']")).to_have_count(1)
    phone.context.set_offline(False)
    phone.expect_live()
    phone.page.locator("#phone-queue [data-state='sent']").wait_for()
    phone.page.locator("#phone-next [data-act='order.advance']").wait_for()
    stamp = order_of(desk, UNIT)["stamps"]["ACKED"]
    assert abs(stamp["at"] - pressed) < 2_000
    assert stamp["received"] - stamp["at"] > 2_000
    assert "whole" in stack.console("audit", "verify")


def kill(process: psutil.Process) -> None:
    process.kill()
    process.wait(5)


@contextmanager
def held(process: psutil.Process) -> Iterator[None]:
    """The web process stands still: it neither answers nor closes a connection."""
    workers = [process, *process.children(recursive=True)]
    for one in workers:
        one.suspend()
    try:
        yield
    finally:
        for one in workers:
            one.resume()
