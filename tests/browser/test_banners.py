"""What is wrong with a screen is said over it: soon, in words, the worst first, over nothing."""

from collections import deque
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from layouts.screens import SCREENS
from layouts.texts import LANGUAGES, Texts
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

PROMISED_MS = 3_000
WORST_FIRST = ("unwritable", "unsent", "bell")
SIZES = {"wall": (3840, 1080), "desk": (1600, 860), "phone": (390, 844)}
PRESS = "void hall.send('alert.acknowledge', { alert: 'AL-1' })"
COVERED = """() => {
  const below = document.getElementById("banners").getBoundingClientRect().bottom;
  const seen = [...document.querySelectorAll(".screen > *, .screen [data-key], .screen button")]
    .filter((one) => !one.matches(".banners, .pole") && one.getClientRects().length);
  const under = seen.filter((one) => one.getBoundingClientRect().top < below - 0.5);
  return under.map((one) => one.outerHTML.slice(0, 80));
}"""
"""What of the screen stands under the lines."""

LOOKS = """() => {
  const hatched = (one) => {
    const over = getComputedStyle(one, "::before");
    const hatch = over.backgroundImage + over.borderImageSource;
    return over.content !== "none" && hatch.includes("repeating");
  };
  const seen = (one) => [...one.querySelectorAll("*")].some((part) => part.offsetHeight);
  return [...document.querySelectorAll(".screen > [data-panel]")].filter(seen).map((one) => {
    const over = [one, one.firstElementChild, one.closest(".screen")];
    return [one.id, over.some(hatched), getComputedStyle(one).color];
  });
}"""
"""Of each panel in sight: whether it is hatched, and the colour of its values."""

EDGE = """() => {
  const { backgroundImage, borderImageSource, pointerEvents } =
    getComputedStyle(document.getElementById("panel-map"), "::before");
  return [backgroundImage, borderImageSource.includes("repeating"), pointerEvents];
}"""
STOPPED = """() => [...document.querySelectorAll(".wall .ph")]
    .filter((one) => one.offsetParent && !one.closest("[data-area=cameras]"))
    .map((one) => getComputedStyle(one, "::after").content)"""


def line(shown: Shown, name: str) -> Locator:
    return shown.page.locator(f"[data-banner={name}]")


@pytest.mark.parametrize("screen", SCREENS)
def test_a_store_that_takes_nothing_is_said_on_every_screen_until_it_does(
    end: FarEnd, show: Opener, screen: str
) -> None:
    shown = show(screen)
    expect(line(shown, "unwritable")).to_be_hidden()
    end.writable = False
    expect(line(shown, "unwritable")).to_be_visible(timeout=PROMISED_MS)
    since = shown.hall("hall.clockText(hall.now())")[:3]
    assert line(shown, "unwritable").inner_text().startswith("无法记录")
    assert since in line(shown, "unwritable").inner_text()
    assert line(shown, "unwritable").get_attribute("role") == "alert"
    end.writable = True
    expect(line(shown, "unwritable")).to_be_hidden(timeout=PROMISED_MS)
    assert line(shown, "unwritable").text_content() == ""


def test_a_bell_that_is_missed_once_is_no_news_and_one_that_is_gone_is(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    end.beating = False
    said = {"head": 1, "boot": end.boot, "epoch": 0, "behind": 0, "writable": True}
    end.say("hb", {**said, "now": end.now(), "redis": True})
    end.say("hb", {**said, "now": end.now(), "redis": False})
    desk.page.wait_for_timeout(300)
    expect(line(desk, "bell")).to_be_hidden()
    end.say("hb", {**said, "now": end.now(), "redis": False})
    expect(line(desk, "bell")).to_be_visible()
    assert line(desk, "bell").inner_text().startswith("实时通道降级")
    end.say("hb", {**said, "now": end.now(), "redis": True})
    expect(line(desk, "bell")).to_be_hidden()


def test_what_is_unsent_is_counted_and_what_is_answered_at_once_is_not(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    desk.page.evaluate(
        """() => { window.marks = [];
        window.dash_clientside.hall.on("mark", ({ name }) => window.marks.push(name)); }"""
    )
    desk.hall(PRESS)
    assert eventually(lambda: len(end.commands) == 1)
    desk.page.wait_for_timeout(300)
    assert desk.page.evaluate("window.marks") == []
    end.down = True
    desk.hall(PRESS)
    desk.hall(PRESS)
    expect(line(desk, "unsent")).to_be_visible()
    desk.until("root.dataset.unsent === '2'")
    assert "2" in line(desk, "unsent").inner_text().split("：")[0]
    end.down = False
    expect(line(desk, "unsent")).to_be_hidden()
    assert len(end.commands) == 3


def test_an_answer_that_does_not_come_is_said_before_the_try_is_given_up(
    end: FarEnd, show: Opener
) -> None:
    desk = show("desk")
    desk.page.route("**/api/v1/commands/**", lambda route: held.append(route))
    held: list[Any] = []
    desk.hall(PRESS)
    expect(line(desk, "unsent")).to_be_visible(timeout=PROMISED_MS)
    assert len(held) == 1
    held[0].continue_()
    expect(line(desk, "unsent")).to_be_hidden()


def test_the_phone_counts_what_its_outbox_keeps(end: FarEnd, show: Opener) -> None:
    end.who = {**end.who, "id": "wang", "role": "responder", "unit": "FIR-1"}
    phone = show("phone")
    end.answers = deque([503] * 4)
    phone.hall("hall.queue.put('order.deliver', { order: 'ZL-1' })")
    assert eventually(lambda: len(end.commands) == 3)
    expect(line(phone, "unsent")).to_be_hidden(timeout=1)  # nobody pressed anything
    assert eventually(lambda: len(end.commands) == 5)
    phone.page.context.set_offline(True)
    for order in ("ZL-1", "ZL-2"):
        phone.hall("hall.queue.put('order.acknowledge', { order: given })", order)
    phone.until("root.dataset.unsent === '2'")
    expect(line(phone, "unsent")).to_be_visible()
    phone.page.context.set_offline(False)
    expect(line(phone, "unsent")).to_be_hidden()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_all_lines_stand_over_the_screen_the_worst_first_and_cover_nothing(
    end: FarEnd, show: Opener, screen: str, lang: str
) -> None:
    shown = show(screen, lang)
    width, height = SIZES[screen]
    shown.page.set_viewport_size({"width": width, "height": height})
    everything_wrong(end, shown)
    boxes = [line(shown, name).bounding_box() for name in WORST_FIRST]
    places = [(box["y"], box["x"]) for box in boxes if box]
    assert len(places) == 3
    assert places == sorted(places)
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width + 1 for box in boxes)
    for name in WORST_FIRST:
        fits = "(one) => one.scrollWidth <= one.clientWidth + 1"
        assert line(shown, name).evaluate(fits), f"{name} is cut off"
        words = line(shown, name).inner_text()
        begin = Texts(lang)(f"banner.{name}", at="{}", n=1).split("{}")[0]
        assert words.startswith(begin)
    assert shown.page.evaluate(COVERED) == []
    bottom = "document.getElementById('screen').getBoundingClientRect().bottom"
    assert shown.page.evaluate(bottom) <= height + 1


def everything_wrong(end: FarEnd, shown: Shown) -> None:
    end.writable = end.redis = False
    end.answers = deque([503] * 50)
    shown.hall(PRESS)
    for name in WORST_FIRST:
        expect(line(shown, name)).to_be_visible(timeout=PROMISED_MS)
    shown.until("parseInt(root.style.getPropertyValue('--banners')) > 0")


@pytest.mark.parametrize("screen", SCREENS)
def test_a_silent_server_makes_every_panel_look_old(end: FarEnd, show: Opener, screen: str) -> None:
    shown = show(screen)
    fresh = {mode: looks(end, shown, mode) for mode in ("WARTIME", "PEACETIME")}
    bright = shown.page.evaluate("getComputedStyle(document.body).color")
    end.beating = False
    shown.until("root.dataset.stale")
    for mode, before in fresh.items():
        assert len(before) >= 2
        assert not any(hatched for _, hatched, _ in before)
        old = looks(end, shown, mode)
        assert [id for id, *_ in old] == [id for id, *_ in before]
        assert [id for id, hatched, _ in old if not hatched] == []
        assert [id for id, _, colour in old if colour == bright] == []
    if screen == "wall":
        at = shown.page.locator("#stopped-at").inner_text()
        said = shown.page.evaluate(STOPPED)
        assert len(said) >= 3
        assert all(at in one for one in said), said
    if screen != "phone":
        at = shown.page.locator("#stopped-at").inner_text()
        expect(shown.page.locator("#map-title")).to_contain_text(at)
        assert shown.page.evaluate(EDGE) == ["none", True, "none"], "the map goes on by itself"
    end.beating = True
    shown.until("!root.dataset.stale")
    assert shown.page.evaluate(LOOKS) == fresh["PEACETIME"]


def looks(end: FarEnd, shown: Shown, mode: str) -> Any:
    end.show("mode|x|x|zh|", {"mode": {"mode": mode, "level": 2, "epoch": 5}})
    shown.until(f"root.dataset.mode === '{mode}'")
    return shown.page.evaluate(LOOKS)
