"""Path (g): a desk asks its neighbour for a unit, is lent it, and both desks see how it stands."""

import pytest
from playwright.sync_api import Locator, expect

from layouts.texts import Texts
from tests.paths.conftest import Entrance
from tests.paths.handling import acknowledge, drafts, leak, open_incident, order_of
from tests.paths.people import Person
from tests.stack import Stack

pytestmark = pytest.mark.path
T = Texts("zh")
UNIT, NAME = "FIR-XC-01", "西城特勤站 01 车"
TASK = "接替第一班内攻，上风向集结"


def write_for_the_neighbours(desk: Person) -> Locator:
    """Write an order for the neighbour's engine; gives its line among the drafts.

    The search says that only a leader sends it, and so does the desk before anything goes out.
    """
    desk.press("3", "@")
    desk.page.keyboard.type(NAME)
    hit = desk.page.locator("#composer-write .hits button[data-taken]").first
    expect(hit).to_contain_text(T("composer.leader_sends"))
    desk.press("Enter")
    expect(desk.page.locator("#composer-write .held")).to_contain_text(NAME)
    for box in drafts(desk).locator("[name=draft]").all():
        box.uncheck()
    desk.page.locator("[name=order_text]").fill(TASK)
    desk.press("Control+Enter")
    expect(desk.page.locator("#composer-answer")).to_contain_text(T("composer.kept", n=1))
    return drafts(desk).filter(has=desk.page.locator(f"[name=text][value='{TASK}']"))


def test_a_neighbours_unit_is_asked_for_lent_and_sent(stack: Stack, enter: Entrance) -> None:
    asks, lends = enter("desk", "mahui"), enter("desk", "hanxue")
    leak(stack)
    acknowledge(asks)
    open_incident(asks)
    line = write_for_the_neighbours(asks)
    expect(line.locator("[name=draft]")).not_to_be_checked()
    line.locator("[data-act='loan.ask']").press("Enter")
    expect(line).to_contain_text(T("loan_state.ASKED"))

    notice = lends.page.locator("#notices-list")
    expect(notice).to_contain_text(NAME)
    lends.press("i")
    request = lends.page.locator("#loans-list .rq")
    expect(request).to_contain_text(TASK)
    lends.press("F9")
    expect(request).to_have_count(0)

    granted = T("loan_state.LENT", who="韩雪", why="")
    expect(line).to_contain_text(granted)
    expect(line.locator("[name=draft]")).to_be_checked()
    asks.press("i")
    borrowed = row(asks, T("loans.borrowed"))
    for words in (NAME, "西城区", T("loans.for_minutes", n=120), T("loans.no_order")):
        expect(borrowed).to_contain_text(words)
    expect(borrowed.locator("[data-act='loan.give_back']")).to_be_visible()
    asks.press("Escape")

    asks.press("Control+Enter")
    expect(line).to_have_count(0)
    assert order_of(asks, UNIT)["text"] == TASK
    lent = row(lends, T("loans.lent"))
    for words in (NAME, "港口区", T("order_state.ISSUED")):
        expect(lent).to_contain_text(words)
    expect(lent.locator("[data-act]")).to_have_count(0)
    assert stack.errors() == []


def row(desk: Person, title: str) -> Locator:
    """The unit of a group in the panel of loans."""
    group = desk.page.locator("#loans-list > div").filter(has_text=title)
    return group.locator(".gr").filter(has_text=NAME)
