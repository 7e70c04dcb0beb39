"""A browser for the paths, and the product with the demo city made once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.paths.people import SOON_MS, Person, sign_in
from tests.stack import Stack, running

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Entrance = Callable[..., Person]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SOON_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path: Path, demo_city: Path) -> Iterator[Stack]:
    """The product; on PostgreSQL where a test asks for `postgres`, else on SQLite."""
    settings = {"YIPING_CITY": str(demo_city)}
    if getattr(request, "param", "sqlite") == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    with running(tmp_path / "var", settings) as one:
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
