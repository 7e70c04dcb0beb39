"""A browser for the paths, and the product with the demo city made once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.paths.people import Person, sign_in
from tests.stack import Stack, running

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Entrance = Callable[..., Person]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def stack(tmp_path: Path, demo_city: Path) -> Iterator[Stack]:
    with running(tmp_path / "var", {"YIPING_CITY": str(demo_city)}) as one:
        yield one


@pytest.fixture
def enter(browser: Browser, stack: Stack) -> Iterator[Entrance]:
    """`enter("desk", "xuwenbo")` signs a person in; all leave at the end."""
    inside: list[Person] = []

    def come_in(screen: str, who: str, lang: str = "zh") -> Person:
        inside.append(sign_in(browser, stack, screen, who, lang))
        return inside[-1]

    yield come_in
    for person in inside:
        person.context.close()
