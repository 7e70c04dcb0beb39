"""The phone's own page: its device's state, and its words where there is no network."""

from playwright.sync_api import BrowserContext

from layouts.texts import Texts
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown

DEVICE = "document.getElementById('phone-device').textContent"


def test_the_phone_says_what_its_browser_tells_of_battery_and_network(
    end: FarEnd, show: Opener
) -> None:
    phone = show("phone")
    phone.until(f"{DEVICE} !== ''")
    level = phone.page.evaluate("navigator.getBattery().then((one) => Math.round(one.level * 100))")
    assert Texts("zh")("phone.battery", n=level) in phone.hall(DEVICE)


def test_a_browser_that_tells_nothing_leaves_the_place_empty(
    context: BrowserContext, end: FarEnd, show: Opener
) -> None:
    silent = context.new_page()
    silent.add_init_script(
        "delete Navigator.prototype.getBattery; delete Navigator.prototype.connection"
    )
    silent.goto(f"http://127.0.0.1:{end.line.port}/phone/?lang=zh")
    silent.wait_for_selector("html[data-live]")
    assert silent.inner_text("#phone-device") == ""
    silent.close()


def test_without_network_each_language_has_its_own_words(
    context: BrowserContext, end: FarEnd, show: Opener
) -> None:
    phone = show("phone")
    phone.page.wait_for_function("() => navigator.serviceWorker.controller")
    for lang in ("zh", "en"):
        at(phone, end, lang)
    context.set_offline(True)
    for lang in ("zh", "en"):
        assert at(phone, end, lang) == Texts(lang)("phone.cannot")


def at(phone: Shown, end: FarEnd, lang: str) -> str | None:
    phone.page.goto(f"http://127.0.0.1:{end.line.port}/phone/?lang={lang}")
    return phone.page.locator("#phone-acts summary").text_content()


def test_a_call_and_a_strip_leave_the_order_and_its_button_in_sight(
    end: FarEnd, show: Opener
) -> None:
    phone = show("phone")
    phone.page.evaluate(
        """() => {
        const add = (id, tall, n) => {
            for (let at = 0; at < n; at += 1) {
                const box = document.createElement("div");
                box.style.cssText = `flex: none; min-height: ${tall}px`;
                document.getElementById(id).append(box);
            }
        };
        add("strip-list", 44, 2);
        add("phone-calls", 360, 1);
        add("phone-order", 500, 1);
        add("phone-next", 88, 1);
    }"""
    )
    task = phone.page.locator(".task").bounding_box()
    button = phone.page.locator("#phone-next").bounding_box()
    assert task
    assert button
    assert task["height"] >= 199
    assert button["y"] + button["height"] <= 844
