"""A real browser with the desk open, watched from outside the product's own scripts."""

from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

WATCH = """() => {
  const seen = { beats: 0, at: null, lies: [], marks: [], unseen: [], needless: 0 };
  window.__seen = seen;
  let frozen = 0;
  const fresh = (behind = 0) => {
    seen.at = Math.max(seen.at || 0, performance.now() - behind);
    if (performance.now() - seen.at > 1000) return;
    seen.told = false;
    frozen = 0;
  };
  const Real = window.WebSocket;
  class Watched extends Real {
    constructor(...given) {
      super(...given);
      let waits = null;
      const hears = (data) => {
        if (/^43\\d*\\[/.test(data) && data.includes('"boot"')) {
          const [answer] = JSON.parse(data.replace(/^43\\d*/, ""));
          if (answer.ok) waits = new Set(answer.rooms);
        } else if (data.startsWith('42["snapshot"')) {
          const [, { room }] = JSON.parse(data.slice(2));
          if (waits && waits.delete(room) && !waits.size) fresh();
        } else if (data.startsWith('42["hb"') && waits && !waits.size) {
          const [, { behind }] = JSON.parse(data.slice(2));
          seen.beats += 1;
          fresh(behind || 0);
        }
      };
      this.says = (data) => {
        const [, panel] = /^42\\d*\\["(?:open|leave)",\\{"panel":"([^"]*)"/.exec(data) || [];
        if (!panel || !waits) return;
        for (const room of [...waits]) if (room.startsWith(`${panel}|`)) waits.delete(room);
      };
      this.addEventListener("message", ({ data }) => typeof data === "string" && hears(data));
    }
  }
  Watched.prototype.send = function (data) {
    if (typeof data === "string") this.says(data);
    return Real.prototype.send.call(this, data);
  };
  window.WebSocket = Watched;
  const sight = () => {
    const mark = document.querySelector(".stopped");
    if (!mark) return "not there";
    const box = mark.getBoundingClientRect();
    const seen = mark.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!seen || !box.width || !box.height) return "hidden";
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!top) return "outside the page";
    return mark.contains(top) ? "" : "covered";
  };
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
    const wrong = marked ? sight() : "";
    if (wrong) seen.unseen.push(wrong);
    if (marked && silent < 800) seen.needless += 1;
    if (!marked && silent > 3000 && !hung) seen.lies.push(silent);
  }, 100);
}"""
"""Notes how old the picture is, as the wire says, and ten times a second whether the page says so.

New it is with each heartbeat, less what the server itself is behind. A line that came back makes
nothing new: the answer to joining names rooms, and until the last of their pictures is there (or
its panel asks for another) the old ones are shown, whatever beats meanwhile. `lies` are samples in
which the page did not say that it is old, `unseen` those in which it did where nobody sees it,
`marks` how old it was when it first did. While the page itself stands still it can draw nothing at
all: that time is left out of `marks`, and the first sample but one after it must find the page
marked.
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

    async def id(self) -> str:
        """How this screen calls itself."""
        return str(await self.page.evaluate("() => dash_clientside.hall.screenId"))

    async def heard(self) -> list[int]:
        """The numbers of the events that sounded here, of late."""
        found: list[int] = await self.page.evaluate(
            "() => dash_clientside.hall.heard.map(({ seq }) => seq).filter((seq) => seq)"
        )
        return found

    async def seen(self) -> dict[str, Any]:
        """What was watched since the last time it was asked."""
        found: dict[str, Any] = await self.page.evaluate(
            "() => { const told = JSON.parse(JSON.stringify(window.__seen));"
            " Object.assign(window.__seen, { lies: [], marks: [], unseen: [], needless: 0 });"
            " return told; }"
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
