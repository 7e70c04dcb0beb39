"""A unit that two incidents want: a person says who gets it, and why; both at once or neither."""

import pytest

from dispatch.errors import Conflict, Forbidden
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
