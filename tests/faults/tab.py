"""A real browser with the desk open, watched from outside the product's own scripts."""

from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

WATCH = """() => {
  const seen = { beats: 0, at: null, lies: [], marks: [], needless: 0, open: 0 };
  window.__seen = seen;
  let frozen = 0;
  const Real = window.WebSocket;
  class Watched extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string") return;
        const joined = data.startsWith("43") && data.includes('"boot"');
        if (joined || data.startsWith('42["hb"')) {
          seen.at = performance.now();
          seen.beats += 1;
          seen.told = false;
          frozen = 0;
        }
      });
    }
  }
  window.WebSocket = Watched;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    const hung = now - last > 400;
    if (hung) frozen += now - last - 100;
    last = now;
    if (seen.at === null) return;
    const silent = now - seen.at;
    const marked = Boolean(document.documentElement.dataset.stale);
    if (marked && silent > 2000 && !seen.told) {
      seen.told = true;
      seen.marks.push(silent - Math.min(frozen, silent));
    }
    if (marked && silent < 800) seen.needless += 1;
    if (!marked && silent > 3000 && !hung) seen.lies.push(silent);
  }, 100);
}"""
"""Notes each heartbeat (or the answer to joining) as it comes from the wire, and ten times a second
whether the page says that it is old: `lies` are samples in which it did not, `marks` how long the
silence was when it first did. While the page itself stands still it can draw nothing at all: that
time is left out of `marks`, and the first sample but one after it must find the page marked.
"""

SHOWS = """() => {
  const root = document.documentElement;
  const rows = {};
  for (const row of document.querySelectorAll("#queue-grid [data-select^='alert:']")) {
    if (row.dataset.group === "closed") continue;
    const id = row.dataset.select.slice(6);
    rows[id] = row.dataset.new ? "NEW" : "TAKEN";
  }
  const total = document.getElementById("queue-total");
  return { live: Boolean(root.dataset.live), stale: Boolean(root.dataset.stale),
           mode: root.dataset.mode || null, total: total ? total.textContent : null, rows };
}"""
"""What a person sees: whether it is live, the mode, and the open alerts of the queue."""


class Tab:
    """One page of one person."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context, self.page = context, page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def shows(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate(SHOWS)
        return found

    async def seen(self) -> dict[str, Any]:
        """What was watched since the last time it was asked."""
        found: dict[str, Any] = await self.page.evaluate(
            "() => { const told = JSON.parse(JSON.stringify(window.__seen));"
            " Object.assign(window.__seen, { lies: [], marks: [], needless: 0 }); return told; }"
        )
        return found


async def open_tab(browser: Browser, url: str, token: str, screen: str = "desk") -> Tab:
    """Sign in by a link and wait until the screen is live."""
    context = await browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="zh-CN", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.add_init_script(f"({WATCH})()")
    tab = Tab(context, page)
    await page.goto(f"{url}/in#{token}")
    await page.wait_for_url(f"**/{screen}/**")
    await page.locator("html[data-live]:not([data-stale])").wait_for(
        state="attached", timeout=30_000
    )
    return tab
