"""Path (g): two incidents want one engine; the desk that answers for both says who gets it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from layouts.texts import Texts
from tests.paths.conftest import Entrance
from tests.paths.handling import leak, orders
from tests.paths.people import Person
from tests.stack import Stack

pytestmark = pytest.mark.path
UNIT = "FIR-GK-05"  # no plan of the demo city names it


def does(desk: Person, name: str, **body: Any) -> Any:
    return desk.api_post(f"/api/v1/commands/{name}", body)


def wants(desk: Person, alert: str, text: str) -> str:
    """An incident of this alert with a draft for the engine."""
    incident = does(desk, "incident.open", alert=alert, grade=3, verified=True)["incident"]
    body = {"incident": incident, "text": text, "kind": "dispatch", "priority": 1}
    return str(does(desk, "order.draft", **body, unit=UNIT)["order"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_moves_the_engine_and_says_why(stack: Stack, enter: Entrance, lang: str) -> None:
    t, desk = Texts(lang), enter("desk", "xuwenbo", lang)
    held = wants(desk, leak(stack, "GT-207-1"), "水枪掩护")
    does(desk, "order.issue", orders=[held])
    asked = wants(desk, leak(stack, "GT-207-2"), "登高救人")
    desk.press("3")
    count = desk.page.locator("#switcher-list [data-wanted]")
    expect(count).to_contain_text(t("switcher.wanted", n=1))
    timer = desk.page.locator(f"#timers-grid [row-id='wanted:{asked}']")
    expect(timer).to_be_visible()
    timer.locator(".td").click()
    case = desk.page.locator(f"#loans-list [data-conflict='{asked}']")
    expect(case).to_contain_text("①")
    case.get_by_role("button", name=t("loans.goes"), exact=True).click()
    desk.page.keyboard.type("孟副市长口头同意，救人优先")
    desk.press("Enter")
    expect(count).to_have_count(0)
    expect(case).to_have_count(0)
    sent = {one["id"]: one for one in orders(desk)}
    assert (sent[held]["state"], sent[asked]["state"]) == ("CANCELLED", "ISSUED")
    assert sent[asked]["unit"] == UNIT
    assert stack.errors() == []
