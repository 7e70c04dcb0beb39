"""One screen in a real browser, as a test looks at it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.paths.people import SIZES

SOON_MS = 10_000
Opener = Callable[..., "Shown"]


@dataclass
class Shown:
    """A page, and the errors that its scripts threw."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def hall(self, expression: str, value: Any = None) -> Any:
        """What an expression over `hall` gives in the page; `given` is the value."""
        script = f"(given) => {{ const hall = window.dash_clientside.hall; return {expression}; }}"
        return self.page.evaluate(script, value)

    def until(self, expression: str, timeout: float = SOON_MS) -> None:
        """Wait until an expression over `hall` and `root` is true in the page."""
        names = "const hall = window.dash_clientside.hall, root = document.documentElement"
        self.page.wait_for_function(f"() => {{ {names}; return {expression}; }}", timeout=timeout)

    def root(self, name: str) -> str | None:
        """A data attribute of the root element."""
        found: str | None = self.page.evaluate("(n) => document.documentElement.dataset[n]", name)
        return found

    def put(self, markup: str) -> None:
        """Set a piece of a panel into the page, as a panel's skeleton would."""
        self.page.evaluate(
            """(markup) => document.getElementById("screen").append(
                document.createRange().createContextualFragment(markup))""",
            markup,
        )


def open_screen(context: BrowserContext, port: int, screen: str, lang: str = "zh") -> Shown:
    width, height = SIZES[screen]
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.set_default_timeout(SOON_MS)
    shown = Shown(page)
    page.on("pageerror", lambda error: shown.faults.append(str(error)))
    page.goto(f"http://127.0.0.1:{port}/{screen}/?lang={lang}")
    page.wait_for_selector("html[data-live]")
    return shown


def eventually(look: Callable[[], bool], patience_s: float = 5.0) -> bool:
    until = time.monotonic() + patience_s
    while not look():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
