"""A browser, the far end of its line, and screens that are opened on it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from dispatch.city import City
from tests.browser.far_end import FarEnd, Line
from tests.browser.page import Opener, Shown, open_screen
from tests.callbacks.conftest import city
from tests.paths.conftest import FLAGS

__all__ = ["city"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with each module: two at a time would share one event loop."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def line(city: City) -> Iterator[Line]:
    one = Line(city)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def end(line: Line) -> FarEnd:
    """What the centre is and says in this test."""
    line.end = FarEnd(line)
    return line.end


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One browser profile for a module: what the pages load stays in its cache."""
    profile = browser.new_context()
    yield profile
    profile.close()


@pytest.fixture
def show(context: BrowserContext, end: FarEnd) -> Iterator[Opener]:
    """`show("desk")` opens that screen and waits until it is live."""
    opened: list[Shown] = []

    def at(screen: str, lang: str = "zh") -> Shown:
        opened.append(open_screen(context, end.line.port, screen, lang))
        return opened[-1]

    yield at
    context.set_offline(False)
    for one in opened:
        one.page.evaluate("localStorage.clear()")
        one.page.close()
        assert one.faults == []
