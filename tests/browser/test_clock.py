"""Times in the page run on the centre's clock, in the words of the page's language."""

import re

import pytest

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown

HOUR = 3_600_000


def time_of(shown: Shown, kind: str, at: int, name: str) -> str:
    shown.put(f'<time id="{name}" data-t="{kind}" data-t0="{at}"></time>')
    shown.until(f"document.getElementById('{name}').textContent")
    return shown.page.locator(f"#{name}").text_content() or ""


@pytest.mark.parametrize(
    ("lang", "age", "left", "over"),
    [("zh", "12 分", r"剩 4:5\d", r"超 1:0\d"), ("en", "12 min", r"4:5\d left", r"1:0\d over")],
)
def test_ages_and_limits_are_told_by_the_centres_clock(
    end: FarEnd, show: Opener, lang: str, age: str, left: str, over: str
) -> None:
    end.ahead = 2 * HOUR
    desk = show("desk", lang)
    desk.until("Math.abs(hall.now() - Date.now() - 7200000) < 2000")
    now = end.now()
    assert time_of(desk, "age", now - 12 * 60_000 - 5_000, "a") == age
    assert re.fullmatch(left, time_of(desk, "left", now + 300_000, "b"))
    assert re.fullmatch(over, time_of(desk, "left", now - 60_000, "c"))
    assert re.fullmatch(r"01:00:0\d", time_of(desk, "elapsed", now - HOUR, "d"))


def test_without_the_centre_the_clock_stands_and_what_runs_on_is_an_estimate(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    time_of(desk, "left", end.now() + 300_000, "limit")
    clock = desk.page.locator("[data-t=clock]").first
    end.beating = False
    desk.until("root.dataset.stale")
    stood = clock.text_content()
    limit = desk.page.locator("#limit")
    before = limit.text_content()
    desk.page.wait_for_timeout(2_200)
    assert clock.text_content() == stood
    assert limit.text_content() != before
    assert limit.get_attribute("data-estimated") == desk.hall("hall.t('time.estimated')")
    end.beating = True
    desk.until("!document.getElementById('limit').dataset.estimated")
    assert clock.text_content() != stood


def test_a_figure_is_marked_when_its_own_time_is_over_and_not_before(
    end: FarEnd, show: Opener
) -> None:
    """The centre is there and beats; this one figure is overdue."""
    end.ahead = 2 * HOUR
    desk = show("desk")
    desk.until("Math.abs(hall.now() - Date.now() - 7200000) < 2000")
    now = end.now()
    desk.put(f'<div id="old" data-valid="{now - 1}"></div>')
    desk.put(f'<div id="soon" data-valid="{now + 2_500}"></div>')
    desk.put(f'<div id="new" data-valid="{now + HOUR}"></div>')
    desk.until("document.getElementById('old').dataset.expired")
    assert desk.page.locator("#soon[data-expired]").count() == 0
    desk.until("document.getElementById('soon').dataset.expired", timeout=5_000)
    assert desk.page.locator("#new[data-expired]").count() == 0
    assert desk.root("stale") is None
    desk.page.evaluate(f"document.getElementById('old').dataset.valid = '{now + HOUR}'")
    desk.until("!document.getElementById('old').dataset.expired")
