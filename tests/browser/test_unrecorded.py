"""A call that is not recorded is chosen at the desk, by keyboard, where two may speak directly."""

from typing import Any

import pytest

from dispatch.vocabulary import Role
from layouts.call_parts import of_incident
from layouts.nodes import row
from layouts.panels import desk_calls
from layouts.texts import Texts
from streams.view import View
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

OFFICER = View(Role.OFFICER, ("city",))
CALLS, DETAIL = "calls|officer|city|{lang}|", "detail|officer|city|{lang}|EV-1"


def calls(end: FarEnd, show: Opener, direct: bool, lang: str = "zh") -> Shown:
    """The desk at its orders with the calls' panel; direct: whether two may speak directly."""
    desk, t = show("desk", lang), Texts(lang)
    desk.page.evaluate(
        "(on) => document.getElementById('screen').toggleAttribute('data-direct', on)", direct
    )
    desk.page.set_viewport_size({"width": 1600, "height": 860})
    props = desk_calls.props({"calls": {"calls": []}, "recordings": {"recordings": []}}, t, OFFICER)
    lists = {id: value for (id, name), value in props.items() if name == "rows"}
    end.show(CALLS.format(lang=lang), rows=lists)
    desk.page.keyboard.press("3")
    desk.hall("hall.select('incident', 'EV-1')")
    desk.page.locator("#panel-calls [data-act='call.open']").wait_for()
    return desk


def answers(desk: Shown, recorded: bool) -> list[dict[str, Any]]:
    """What is asked of the centre, which answers that the call is recorded, or not."""
    asked: list[dict[str, Any]] = []

    def answer(route: Any) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json={"seq": 9, "call": "TH-1", "recorded": recorded})

    desk.page.route("**/api/v1/commands/call.open", answer)
    return asked


def comes(desk: Shown, asked: list[dict[str, Any]], wanted: dict[str, Any]) -> bool:
    """Whether just this is asked; a route answers only while the page is spoken to."""

    def look() -> bool:
        desk.page.wait_for_timeout(20)
        return asked == [wanted]

    return eventually(look)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_call_is_opened_unrecorded_with_the_keyboard_and_the_desk_says_so(
    end: FarEnd, show: Opener, lang: str
) -> None:
    desk, t = calls(end, show, direct=True, lang=lang), Texts(lang)
    asked = answers(desk, recorded=False)
    desk.page.locator("#panel-calls [data-act='call.open']").focus()
    desk.page.keyboard.press("Tab")
    box = desk.page.locator("#panel-calls [name=record]")
    assert box.evaluate("(one) => one === document.activeElement")
    desk.page.keyboard.press("Space")
    note = desk.page.locator("#panel-calls .unrecorded small")
    assert note.inner_text() == t("call.unrecorded_note")
    desk.page.keyboard.press("Shift+Tab")
    desk.page.keyboard.press("Enter")
    said = desk.page.locator("#panel-calls [data-call-answer]")
    assert eventually(lambda: said.inner_text() == t("call.not_recorded"))
    assert asked == [{"incident": "EV-1", "record": False}]
    assert not box.is_checked(), "the choice holds for one call"


def test_who_asks_for_no_recording_of_a_recorded_call_is_told_that_it_is_recorded(
    end: FarEnd, show: Opener
) -> None:
    desk = calls(end, show, direct=True)
    answers(desk, recorded=True)
    desk.page.locator("#panel-calls [name=record]").check()
    desk.page.locator("#panel-calls [data-act='call.open']").click()
    said = desk.page.locator("#panel-calls [data-call-answer]")
    assert eventually(lambda: said.inner_text() == Texts("zh")("call.recording"))


def test_without_the_setting_no_call_can_be_opened_unrecorded(end: FarEnd, show: Opener) -> None:
    desk = calls(end, show, direct=False)
    asked = answers(desk, recorded=True)
    assert desk.page.locator("#panel-calls [name=record]").is_hidden()
    desk.page.locator("#panel-calls [data-act='call.open']").focus()
    desk.page.keyboard.press("Tab")
    assert not desk.page.evaluate("document.activeElement.name === 'record'")
    desk.page.locator("#panel-calls [data-act='call.open']").click()
    assert comes(desk, asked, {"incident": "EV-1"})


def test_the_incidents_own_button_opens_its_call_unrecorded_too(end: FarEnd, show: Opener) -> None:
    desk, t = calls(end, show, direct=True), Texts("zh")
    asked = answers(desk, recorded=False)
    desk.page.keyboard.press("1")
    end.show(
        DETAIL.format(lang="zh"),
        rows={"detail-head": [row("call", "0", of_incident("EV-1", [], t))]},
    )
    desk.page.locator("#detail-head [name=record]").check()
    desk.page.locator("#detail-head [data-call=here]").click()
    assert comes(desk, asked, {"incident": "EV-1", "record": False})
