"""A unit that two incidents want: a person says who gets it, and why; both at once or neither."""

import pytest

from dispatch.contention import DECIDE_S
from dispatch.errors import Conflict, Forbidden
from dispatch.log import Event
from dispatch.models import order
from dispatch.vocabulary import OrderState
from tests.dispatch.centre import Centre

UNIT, OTHER = "FIR-E-01", "FIR-E-02"


def wanted(centre: Centre, where: float = 118.05) -> tuple[str, str]:
    """The order that holds the unit, and another incident's draft that asks for it."""
    held = centre.order(UNIT)
    asking, _ = centre.incident(type="other", lon=where)
    said = {"incident": asking, "text": "go there", "kind": "dispatch", "priority": 1}
    return held, centre.does("officer", "order.draft", **said, unit=UNIT)["order"]


def test_the_unit_goes_and_the_first_order_is_called_back_with_the_reason(centre: Centre) -> None:
    held, asked = wanted(centre)
    centre.does("officer", "order.move", order=held, to=asked, reason="people are trapped")
    assert centre.row(held)["state"] == OrderState.CANCELLED
    assert centre.row(held)["note"] == "people are trapped"
    assert centre.row(asked)["state"] == OrderState.ISSUED
    assert centre.row(asked)["unit"] == UNIT
    assert [one["id"] for one in centre.rows(order, order.c.state == OrderState.ISSUED)] == [asked]


def test_the_unit_stays_and_the_draft_waits_for_another_with_the_reason(centre: Centre) -> None:
    held, asked = wanted(centre)
    centre.does("officer", "order.forgo", order=asked, stays=held, reason="it works inside")
    assert centre.row(held)["state"] == OrderState.ISSUED
    assert (centre.row(asked)["state"], centre.row(asked)["unit"]) == (OrderState.DRAFT, None)
    assert centre.events()[-1].body["reason"] == "it works inside"


def test_nothing_is_decided_about_a_unit_that_is_wanted_no_longer(centre: Centre) -> None:
    held, asked = wanted(centre)
    centre.does("officer", "order.edit", order=asked, unit=OTHER)
    for name, body in (
        ("order.move", {"order": held, "to": asked}),
        ("order.forgo", {"order": asked, "stays": held}),
    ):
        with pytest.raises(Conflict) as refused:
            centre.does("officer", name, **body, reason="x")
        assert refused.value.code == "not_contended"
    assert centre.row(held)["state"] == OrderState.ISSUED


def test_who_answers_for_one_of_the_incidents_alone_decides_nothing(centre: Centre) -> None:
    held, asked = wanted(centre, where=118.15)
    for who in ("officer-e", "officer-w"):
        with pytest.raises(Forbidden):
            centre.does(who, "order.move", order=held, to=asked, reason="mine")
        with pytest.raises(Forbidden):
            centre.does(who, "order.forgo", order=asked, stays=held, reason="mine")
    assert centre.row(held)["state"] == OrderState.ISSUED
    assert centre.row(asked)["unit"] == UNIT


def told(centre: Centre) -> list[Event]:
    return [one for one in centre.events() if one.type == "OrderContended"]


def test_a_decision_that_nobody_takes_in_time_is_told_once(centre: Centre) -> None:
    held, asked = wanted(centre, where=118.15)
    centre.passes(DECIDE_S - 1)
    assert told(centre) == []
    centre.passes(2)
    centre.passes(DECIDE_S * 3)
    [event] = told(centre)
    assert (event.subject, event.body["holder"], event.body["unit"]) == (asked, held, UNIT)
    assert event.body["level"] == min(
        centre.row(centre.row(one)["incident"])["grade"] for one in (held, asked)
    )
    assert set(event.scope) == {"e", "w"}, "the desks of both incidents hear it"


def test_an_order_that_takes_a_unit_begins_the_time_of_the_drafts_that_name_it(
    centre: Centre,
) -> None:
    first, _ = centre.incident(type="other", lon=118.15)
    said = {"text": "go there", "kind": "dispatch", "priority": 1, "unit": UNIT}
    waits = centre.does("officer", "order.draft", incident=first, **said)["order"]
    centre.passes(DECIDE_S + 1)
    assert told(centre) == [], "nobody else wants it yet"
    centre.order(UNIT)
    centre.passes(DECIDE_S - 1)
    assert told(centre) == []
    centre.passes(2)
    assert [one.subject for one in told(centre)] == [waits]


@pytest.mark.parametrize("settled", ["move", "forgo", "other", "discard", "freed"])
def test_what_was_decided_is_not_told_as_late(centre: Centre, settled: str) -> None:
    held, asked = wanted(centre)
    match settled:
        case "move":
            centre.does("officer", "order.move", order=held, to=asked, reason="x")
        case "forgo":
            centre.does("officer", "order.forgo", order=asked, stays=held, reason="x")
        case "other":
            centre.does("officer", "order.edit", order=asked, unit=OTHER)
        case "discard":
            centre.does("officer", "order.discard", order=asked)
        case "freed":
            centre.does("officer", "order.cancel", order=held, reason="x")
    centre.passes(DECIDE_S + 1)
    assert told(centre) == []


def test_another_word_in_the_draft_gives_no_more_time(centre: Centre) -> None:
    _, asked = wanted(centre)
    centre.passes(DECIDE_S - 1)
    centre.does("officer", "order.edit", order=asked, text="go there now")
    centre.passes(2)
    assert [one.subject for one in told(centre)] == [asked]
