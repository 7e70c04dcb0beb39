"""Commands from a page: sent until answered, done once, and the answer is read out."""

import re
from collections import deque
from typing import get_args

from pydantic_core.core_schema import ErrorType

from layouts.refusals import said
from layouts.texts import Texts
from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

FORM = """
<section data-panel="probe"><div data-form data-body='{"alert": "AL-1"}'>
  <input name="note" value="by telephone"><input name="count" type="number" value="3">
  <button id="probe" data-act="alert.verify" data-need="note" data-key="F6">x</button>
  <button id="held" data-act="order.cancel" data-hold="400">x</button>
  <output data-answer role="status"></output>
</div></section>
"""


def probe(show: Opener) -> Shown:
    desk = show("desk")
    desk.put(FORM)
    return desk


def test_a_command_is_sent_until_it_is_answered_with_one_key(end: FarEnd, show: Opener) -> None:
    end.answers = deque([503, 500, 429, 200])
    desk = probe(show)
    desk.page.evaluate("document.getElementById('probe').click()")
    desk.page.locator("#probe[data-state=pending]").wait_for(state="attached")
    desk.until("root.dataset.unsent === '1'")
    desk.page.locator("#probe[data-state=sent]").wait_for(state="attached")
    assert len(end.commands) == 4
    assert len({one.key for one in end.commands}) == 1
    assert end.commands[0].name == "alert.verify"
    assert end.commands[0].body == {"alert": "AL-1", "note": "by telephone", "count": 3}
    assert desk.root("unsent") is None


def test_a_lost_line_keeps_a_command_until_it_is_back(end: FarEnd, show: Opener) -> None:
    desk = probe(show)
    desk.page.context.set_offline(True)
    desk.page.evaluate("document.getElementById('probe').click()")
    desk.page.wait_for_timeout(1_200)
    assert end.commands == []
    assert desk.page.locator("#probe").get_attribute("data-state") == "pending"
    desk.page.context.set_offline(False)
    desk.page.locator("#probe[data-state=sent]").wait_for(state="attached")
    assert len(end.commands) == 1


def test_what_is_pressed_twice_while_under_way_is_sent_once(end: FarEnd, show: Opener) -> None:
    end.answers = deque([503, 503])
    desk = probe(show)
    twin = """const one = document.getElementById('probe'); one.click();
        const again = one.cloneNode(true); one.replaceWith(again); again.click();"""
    desk.page.evaluate(f"() => {{ {twin} }}")
    assert eventually(lambda: len(end.commands) == 3)
    desk.page.wait_for_timeout(500)
    assert len({one.key for one in end.commands}) == 1
    assert len(end.commands) == 3


def test_a_refusal_is_read_out_and_not_repeated(end: FarEnd, show: Opener) -> None:
    end.answers = deque([409])
    desk = probe(show)
    desk.page.evaluate("document.getElementById('probe').click()")
    desk.page.locator("#probe[data-state=refused]").wait_for(state="attached")
    said = desk.page.locator("[data-panel=probe] [data-answer]").text_content()
    assert said == desk.hall("hall.t('refused.wrong_state')")
    assert len(end.commands) == 1


def test_a_field_that_is_needed_is_asked_for(end: FarEnd, show: Opener) -> None:
    desk = probe(show)
    desk.page.evaluate("document.querySelector('[data-panel=probe] [name=note]').value = ''")
    desk.page.evaluate("document.getElementById('probe').click()")
    assert desk.page.evaluate("document.activeElement.name") == "note"
    assert desk.page.locator("[data-panel=probe] [data-answer]").text_content() != ""
    assert end.commands == []


def test_a_key_presses_the_button_that_prints_it(end: FarEnd, show: Opener) -> None:
    desk = probe(show)
    desk.page.keyboard.press("F6")
    assert eventually(lambda: [one.name for one in end.commands] == ["alert.verify"])


def test_a_button_that_must_be_held_does_nothing_when_let_go(end: FarEnd, show: Opener) -> None:
    desk = probe(show)
    press = "(name) => document.getElementById('held').dispatchEvent(" \
        "new PointerEvent(name, { bubbles: true }))"  # fmt: skip
    desk.page.evaluate(press, "pointerdown")
    desk.page.wait_for_timeout(150)
    desk.page.evaluate(press, "pointerup")
    desk.page.wait_for_timeout(500)
    assert end.commands == []
    desk.page.evaluate(press, "pointerdown")
    assert eventually(lambda: [one.name for one in end.commands] == ["order.cancel"])


LINE = """
<section data-panel="asked">
  <div data-line="why" data-on="1" data-form><input name="note" value="by telephone">
    <button data-act="alert.verify" data-enter>x</button></div>
  <button data-act="incident.open" data-body='{"alert": "AL-1"}' data-key="E">x</button>
  <output data-answer role="status"></output>
</section>
"""


def test_the_key_after_enter_is_a_key_though_the_answer_is_still_to_come(
    end: FarEnd, show: Opener
) -> None:
    end.answers = deque([503, 503, 503, 200])
    desk = show("desk")
    desk.put(LINE)
    desk.page.locator("[data-panel=asked] [name=note]").focus()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("e")
    assert eventually(
        lambda: {one.name for one in end.commands} == {"alert.verify", "incident.open"}
    )
    assert {one.body["note"] for one in end.commands if one.name == "alert.verify"} == {
        "by telephone"
    }


def test_a_refused_line_is_written_on_where_it_was(end: FarEnd, show: Opener) -> None:
    end.answers = deque([409])
    desk = show("desk")
    desk.put(LINE)
    desk.page.locator("[data-panel=asked] [name=note]").focus()
    desk.page.keyboard.press("Enter")
    said = desk.page.locator("[data-panel=asked] [data-answer]")
    assert eventually(lambda: said.text_content() == desk.hall("hall.t('refused.wrong_state')"))
    assert desk.page.evaluate("document.activeElement.value") == "by telephone"


def test_a_refusal_is_told_in_our_own_words_whatever_refused_it(show: Opener) -> None:
    desk = probe(show)

    def told(code: str, status: int) -> str:
        body = {"code": code, "status": status, "detail": "in English", "field": "ack_limit"}
        return str(desk.hall("hall.reason(given)", body))

    of_schemas = get_args(ErrorType)
    assert "string_pattern_mismatch" in of_schemas
    words = {code: told(code, 422) for code in of_schemas}
    assert all(re.fullmatch(r"[\u3001-\u9fff\uff0c]+", text) for text in words.values()), words
    few = {
        **{"string_too_long": "too_long", "list_too_short": "too_short", "missing": "missing"},
        **{"greater_than_equal": "out_of_range", "string_pattern_mismatch": "invalid"},
    }
    for code, kind in few.items():
        if code in of_schemas:
            assert words[code] == desk.hall(f"hall.t('refused.{kind}')")
    assert words == {code: said(code, Texts("zh")) for code in of_schemas}, "the lists' words"
    assert told("method_not_allowed", 405) == desk.hall("hall.t('refused.other')")
    about = {"code": "held_by_another", "status": 409, "about": {"unit": "FIR-1"}}
    held = desk.hall("hall.t('refused.held_by_another')")
    assert desk.hall("hall.reason(given)", about) == f"{held} · FIR-1"
