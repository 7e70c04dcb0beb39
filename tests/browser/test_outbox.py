"""The phone's outbox: what was done out of reach arrives once, in order, with its own times."""

import time
from collections import deque
from typing import Any

import pytest

from tests.browser.far_end import FarEnd
from tests.browser.page import Opener, Shown, eventually

NEXT = "phone-action|responder|w|zh|FIR-1"
TASK = "phone-task|responder|w|zh|FIR-1"
ACTS = ["order.acknowledge", "order.advance"]


def button(act: str, body: str) -> dict[str, Any]:
    words = (["span", "x"], ["small", "y"])
    node = ["button.btn.go", {"type": "button", "data-act": act, "data-body": body}, *words]
    return {"id": "next", "rank": "0", "node": node}


def task(state: str, order: str = "ZL-1") -> dict[str, Any]:
    node = ["h2", {"data-read": order, "data-state": state}, "hold the gate"]
    return {"id": "text", "rank": "2", "node": node}


@pytest.fixture
def phone(end: FarEnd, show: Opener) -> Shown:
    end.who = {**end.who, "id": "wang", "role": "responder", "unit": "FIR-1"}
    acknowledge = button("order.acknowledge", '{"order": "ZL-1"}')
    end.shows[NEXT] = ({}, {"phone-next": [acknowledge]})
    opened = show("phone")
    opened.page.locator("#phone-next button").wait_for()
    return opened


def acts(end: FarEnd) -> list[str]:
    return [one.name for one in end.commands]


def test_what_is_done_out_of_reach_survives_a_reload_and_arrives_once_with_its_time(
    end: FarEnd, phone: Shown
) -> None:
    phone.page.context.set_offline(True)
    pressed = [time.time() * 1000]
    phone.page.locator("#phone-next button").click()
    going = phone.page.locator("#phone-next button[data-act='order.advance']:not([data-state])")
    going.wait_for()
    phone.page.wait_for_timeout(600)
    pressed.append(time.time() * 1000)
    going.click()
    queue = phone.page.locator("#phone-queue [data-state=pending]")
    queue.nth(1).wait_for()

    end.answers = deque([503] * 8)
    phone.page.context.set_offline(False)
    phone.page.reload()
    queue.nth(1).wait_for()
    assert eventually(lambda: len(end.commands) >= 10, 15)
    phone.page.locator("#phone-queue [data-state=sent]").nth(1).wait_for()
    assert len({one.key for one in end.commands}) == 2
    done = [one for n, one in enumerate(end.commands) if n >= 8]
    assert [one.name for one in done] == ACTS
    assert [one.body["order"] for one in done] == ["ZL-1", "ZL-1"]
    assert done[1].body["to"] == "EN_ROUTE"
    for one, at in zip(done, pressed, strict=True):
        assert abs(one.body["at"] - at) < 400
    phone.page.wait_for_timeout(800)
    assert len(end.commands) == 10


def test_a_closed_session_keeps_what_was_done(end: FarEnd, phone: Shown) -> None:
    end.answers = deque([401])
    phone.page.locator("#phone-next button").click()
    assert eventually(lambda: len(end.commands) == 1)
    phone.page.wait_for_timeout(300)
    assert phone.page.locator("#phone-queue [data-state=pending]").count() == 1
    phone.page.reload()
    phone.page.locator("#phone-queue [data-state=sent]").wait_for()
    assert len({one.key for one in end.commands}) == 1


def test_what_one_person_did_is_not_sent_by_another(end: FarEnd, phone: Shown) -> None:
    end.answers = deque([401])
    phone.page.locator("#phone-next button").click()
    assert eventually(lambda: len(end.commands) == 1)
    end.who = {**end.who, "id": "he"}
    phone.page.reload()
    phone.page.wait_for_selector("html[data-live]")
    phone.page.wait_for_timeout(1_000)
    assert len(end.commands) == 1
    end.who = {**end.who, "id": "wang"}
    phone.page.reload()
    phone.page.locator("#phone-queue [data-state=sent]").wait_for()


def test_a_refusal_stays_in_sight_with_its_reason(end: FarEnd, phone: Shown) -> None:
    end.answers = deque([409])
    phone.page.locator("#phone-next button").click()
    refused = phone.page.locator("#phone-queue [data-state=refused]")
    refused.wait_for()
    assert phone.hall("hall.t('refused.wrong_state')") in refused.inner_text()


def test_an_order_that_comes_is_delivered_and_once_seen_it_is_read(
    end: FarEnd, phone: Shown
) -> None:
    behind = {"data-came": "ZL-2", "data-state": "ISSUED"}
    second = {"id": "ZL-2", "rank": "90", "node": ["div.msg", behind, "another"]}
    end.show(TASK, rows={"phone-order": [task("ISSUED"), second]})
    assert eventually(lambda: len(end.commands) == 3)
    done = sorted((one.name, one.body["order"]) for one in end.commands)
    assert done == [("order.deliver", "ZL-1"), ("order.deliver", "ZL-2"), ("order.read", "ZL-1")]
    end.show(TASK, rows={"phone-order": [task("DELIVERED"), second]})
    phone.page.wait_for_timeout(1_500)
    assert len(end.commands) == 3


def test_who_answers_at_once_has_read_the_order_before(end: FarEnd, phone: Shown) -> None:
    end.show(TASK, rows={"phone-order": [task("ISSUED")]})
    phone.page.locator("#phone-order [data-read]").wait_for()
    phone.page.locator("#phone-next button").click()
    assert eventually(lambda: len(end.commands) == 3)
    phone.page.wait_for_timeout(1_000)
    assert acts(end) == ["order.deliver", "order.read", "order.acknowledge"]
