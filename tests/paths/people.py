"""The people of a path: each has a browser of its own and does what a person would."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.stack import Stack

SIZES = {"wall": (3840, 1080), "desk": (1920, 1080), "phone": (390, 844)}
SOON_MS = 15_000
FETCH = "(path) => fetch(path).then(async (answer) => [answer.status, await answer.json()])"

POST = """async ([path, body]) => {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}"""


@dataclass
class Person:
    """Someone signed in at a screen."""

    page: Page
    context: BrowserContext
    screen: str

    def mode(self) -> str:
        return str(self.page.evaluate("document.documentElement.dataset.mode || ''"))

    def expect_mode(self, mode: str) -> None:
        expect(self.page.locator(f"html[data-mode={mode}]")).to_be_attached(timeout=SOON_MS)

    def expect_live(self) -> None:
        """The picture is connected and not marked as old."""
        live = self.page.locator("html[data-live]:not([data-stale])")
        expect(live).to_be_attached(timeout=SOON_MS)

    def expect_stale(self) -> None:
        expect(self.page.locator("html[data-stale]")).to_be_attached(timeout=6_000)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, words: str) -> Locator:
        return self.page.get_by_text(words)

    def mark(self, title: str) -> Locator:
        """A mark on the map that carries this title."""
        return self.page.locator("#panel-map").get_by_text(title)

    def api(self, path: str) -> Any:
        """What the product answers this person's page."""
        status, body = self.page.evaluate(FETCH, path)
        assert status == 200, f"{path}: {status} {body}"
        return body

    def api_post(self, path: str, body: Any) -> Any:
        """What the product answers to a body that this person's page sends."""
        status, answer = self.page.evaluate(POST, [path, body])
        assert status == 200, f"{path}: {status} {answer}"
        return answer

    @property
    def host(self) -> str:
        return self.page.url.split("/")[2]


def sign_in(browser: Browser, stack: Stack, screen: str, who: str, lang: str = "zh") -> Person:
    """Open a screen by the sign-in link of an account. lang: zh or en."""
    width, height = SIZES[screen]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale={"zh": "zh-CN", "en": "en-GB"}[lang],
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(SOON_MS)
    person = Person(page, context, screen)
    page.goto(stack.link(who))
    page.wait_for_url(f"**/{screen}/**")
    if lang != "zh":
        page.goto(f"{page.url.split('?')[0]}?lang={lang}")
    person.expect_live()
    return person
