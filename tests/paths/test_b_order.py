"""Path (b): from an alert to an order by keyboard alone, signed on a phone, seen on the wall."""

import pytest
from playwright.sync_api import expect

from tests.paths.conftest import Entrance
from tests.paths.handling import by_keyboard, leak, order_of
from tests.stack import Stack

pytestmark = pytest.mark.path
UNIT = "FIR-GK-01"
SIGNED = {"zh": "签收 1/10", "en": "1/10 acked"}


@pytest.mark.parametrize(
    ("lang", "stack"),
    [("zh", "sqlite"), pytest.param("en", "postgres", marks=pytest.mark.postgres)],
    indirect=["stack"],
)
def test_an_alert_becomes_an_order_that_a_phone_signs(
    stack: Stack, enter: Entrance, lang: str
) -> None:
    desk = enter("desk", "xuwenbo", lang)
    phone = enter("phone", "zhouhaifeng", lang)
    wall = enter("wall", "wall-city", lang)
    leak(stack)
    by_keyboard(desk)
    order = order_of(desk, UNIT)
    expect(phone.page.locator(f"[data-read='{order['id']}']")).to_be_visible()
    phone.page.locator("#phone-next [data-act='order.acknowledge']").click()
    phone.page.locator("#phone-queue [data-state='sent']").wait_for()
    phone.page.locator("#phone-next [data-act='order.advance']").wait_for()
    assert order_of(desk, UNIT)["state"] == "ACKED"
    assert set(order_of(desk, UNIT)["stamps"]) >= {"ISSUED", "DELIVERED", "READ", "ACKED"}
    expect(wall.page.locator("#wall-attention-list").get_by_text(SIGNED[lang])).to_be_visible()
    assert stack.errors() == []
