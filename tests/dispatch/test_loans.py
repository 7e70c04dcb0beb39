"""Units of a neighbour: asked for, lent or kept, ordered while they are lent, given back."""

from typing import Any

import pytest

from dispatch import jumps, lease, loans, units
from dispatch.errors import Conflict, Forbidden, Invalid, Refused
from dispatch.models import loan
from dispatch.units import Candidate, Need
from dispatch.vocabulary import ForceType
from tests.dispatch.centre import Centre, crew

UNIT = "FIR-W-01"
EAST, WEST = "officer-e", "officer-w"


def asked(centre: Centre, **said: Any) -> tuple[str, str]:
    """The east asks the west for its engine: the incident and the loan."""
    incident, _ = centre.incident(type="other")
    return incident, request(centre, incident, **said)


def request(centre: Centre, incident: str, **said: Any) -> str:
    body = {"incident": incident, "unit": UNIT, "purpose": "relieve the first team", **said}
    id: str = centre.does(EAST, "loan.ask", **body)["loan"]
    return id


def lent(centre: Centre) -> tuple[str, str]:
    incident, id = asked(centre)
    centre.does(WEST, "loan.grant", loan=id, note="until five")
    return incident, id


def row(centre: Centre, id: str) -> dict[str, Any]:
    return next(one for one in centre.rows(loan) if one["id"] == id)


def ordered(centre: Centre, incident: str, who: str = EAST) -> str:
    return centre.order(UNIT, who=who, incident=incident)


def test_a_neighbours_unit_is_ordered_only_after_its_district_lends_it(centre: Centre) -> None:
    incident, id = asked(centre)
    with pytest.raises(Forbidden) as refused:
        ordered(centre, incident)
    assert refused.value.code == "out_of_scope"
    centre.does(WEST, "loan.grant", loan=id, note="until five")
    ordered(centre, incident)
    found = row(centre, id)
    assert (found["state"], found["answered_by"], found["note"]) == ("LENT", WEST, "until five")
    assert centre.told(id) == ["LoanAsked", "LoanGranted"]


def test_both_districts_are_told_of_a_request_and_its_answer(centre: Centre) -> None:
    _, id = lent(centre)
    told = [one for one in centre.events() if one.subject == id]
    assert {tuple(one.scope) for one in told} == {("e", "w")}
    assert [one.actor for one in told] == [EAST, WEST]
    assert told[0].body["text"] == "relieve the first team"
    assert told[1].body["reason"] == "until five"


def test_the_same_key_asks_once(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    body = {"incident": incident, "unit": UNIT}
    first = centre.answer(EAST, "loan.ask", key="k", **body)
    again = centre.answer(EAST, "loan.ask", key="k", **body)
    assert (again.body, again.fresh) == (first.body, False)
    assert len(centre.rows(loan)) == 1


def test_a_unit_is_asked_for_once_at_a_time(centre: Centre) -> None:
    incident, id = asked(centre)
    with pytest.raises(Conflict) as refused:
        request(centre, incident)
    assert (refused.value.code, refused.value.about) == ("already_asked", {"loan": id})
    centre.does(EAST, "loan.withdraw", loan=id)
    assert request(centre, incident) != id


@pytest.mark.parametrize("said", [{"unit": "FIR-E-01"}, {"unit": "X-1"}, {"minutes": 5}])
def test_only_a_neighbours_unit_can_be_asked_for(centre: Centre, said: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        asked(centre, **said)


def test_a_unit_at_work_is_not_asked_for_and_not_lent(centre: Centre) -> None:
    incident, id = asked(centre)
    other, _ = centre.incident(type="other", lon=118.15)
    held = centre.order(UNIT, who=WEST, incident=other)
    with pytest.raises(Conflict) as refused:
        centre.does(WEST, "loan.grant", loan=id)
    assert refused.value.about == {"unit": UNIT, "order": held}
    centre.does(WEST, "loan.decline", loan=id, reason="at work here")
    with pytest.raises(Conflict) as refused:
        request(centre, incident)
    assert refused.value.code == "held_by_another"


def test_a_district_that_keeps_its_unit_says_why(centre: Centre) -> None:
    incident, id = asked(centre)
    centre.does(WEST, "loan.decline", loan=id, reason="the last engine here")
    assert (row(centre, id)["state"], row(centre, id)["note"]) == (
        "DECLINED",
        "the last engine here",
    )
    assert centre.told(id) == ["LoanAsked", "LoanDeclined"]
    with pytest.raises(Forbidden):
        ordered(centre, incident)
    with pytest.raises(Conflict):
        centre.does(WEST, "loan.grant", loan=id)


def test_an_answer_given_twice_is_one_answer(centre: Centre) -> None:
    _, id = lent(centre)
    centre.does("lead", "loan.grant", loan=id)
    assert row(centre, id)["answered_by"] == WEST
    assert centre.told(id).count("LoanGranted") == 1


@pytest.mark.parametrize(
    ("who", "name", "body"),
    [
        (WEST, "loan.withdraw", {}),
        (WEST, "loan.give_back", {}),
        (EAST, "loan.grant", {}),
        (EAST, "loan.decline", {"reason": "x"}),
        (EAST, "loan.recall", {}),
        (crew(UNIT), "loan.recall", {}),
        (crew(UNIT), "loan.grant", {}),
    ],
)
def test_only_its_own_district_answers_and_only_who_asked_takes_back(
    centre: Centre, who: str, name: str, body: dict[str, str]
) -> None:
    _, id = asked(centre)
    with pytest.raises(Forbidden):
        centre.does(who, name, loan=id, **body)
    assert centre.told(id) == ["LoanAsked"]


def test_another_districts_officer_asks_nothing_for_an_incident_that_is_not_his(
    centre: Centre,
) -> None:
    incident, _ = centre.incident(type="other")
    with pytest.raises(Forbidden):
        centre.does(WEST, "loan.ask", incident=incident, unit=UNIT)


def test_a_lent_unit_is_ordered_for_nothing_else_not_even_at_home(centre: Centre) -> None:
    incident, id = lent(centre)
    home, _ = centre.incident(type="other", lon=118.15)
    for who in (WEST, "leader"):
        with pytest.raises(Conflict) as refused:
            ordered(centre, home, who)
        assert (refused.value.code, refused.value.about["loan"]) == ("lent_out", id)
    centre.does(EAST, "loan.give_back", loan=id)
    ordered(centre, home, WEST)
    with pytest.raises(Forbidden):
        ordered(centre, incident)


def recommended(centre: Centre, incident_id: str | None) -> dict[str, Candidate]:
    need = Need(ForceType.FIR, 37.05, 118.15, ("hazmat",), incident_id)
    found = centre.database.read(lambda c: units.recommend(c, centre.city, need, centre.now))
    return {one.id: one for one in found}


def test_a_lent_unit_is_offered_to_its_incident_alone(centre: Centre) -> None:
    before = len(centre.events())
    assert recommended(centre, None)[UNIT].offered
    incident, id = lent(centre)
    home, _ = centre.incident(type="other", lon=118.15)
    for other in (None, home):
        found = recommended(centre, other)
        assert (found[UNIT].offered, found[UNIT].lent) == (False, incident)
        assert list(found)[-1] == UNIT
    assert recommended(centre, incident)[UNIT].offered
    need = Need(ForceType.FIR, 37.05, 118.15)
    past = centre.database.read(
        lambda c: units.recommend(c, centre.city, need, centre.now, seq=before)
    )
    assert all(one.lent is None for one in past)
    centre.does(EAST, "loan.give_back", loan=id)
    assert recommended(centre, home)[UNIT].offered


def test_a_lent_engine_covers_no_district(centre: Centre) -> None:
    """The east lends one of its two: the other is the last that it has."""
    incident, _ = centre.incident(type="other", lon=118.15)
    assert not recommended(centre, incident)["FIR-E-01"].last_of_district
    id = centre.does("officer", "loan.ask", incident=incident, unit="FIR-E-02")["loan"]
    centre.does(EAST, "loan.grant", loan=id)
    found = recommended(centre, incident)
    assert found["FIR-E-01"].last_of_district
    assert (found["FIR-E-02"].offered, found["FIR-E-02"].last_of_district) == (True, False)


def test_a_plan_drafts_no_unit_that_is_away_and_its_orders_can_be_issued(centre: Centre) -> None:
    _, drafts = centre.incident(lon=118.15)
    assert centre.row(drafts[0])["unit"] == UNIT
    _, id = lent(centre)
    _, drafts = centre.incident(lon=118.15)
    planned = {centre.row(one)["unit"]: one for one in drafts}
    assert UNIT not in planned
    ready = [one for unit, one in planned.items() if unit is not None]
    assert len(ready) == 4
    centre.does("officer", "order.issue", orders=ready)
    assert row(centre, id)["state"] == "LENT"


@pytest.mark.parametrize(("own", "proposed"), [(True, UNIT), (False, "FIR-E-02")])
def test_an_unsigned_order_is_given_on_to_a_lent_unit_only_where_it_is_lent_to(
    centre: Centre, own: bool, proposed: str
) -> None:
    incident, _ = lent(centre)
    other, _ = centre.incident(type="other")
    order = centre.order("FIR-E-01", incident=incident if own else other)
    centre.passes(centre.row(order)["ack_limit"] * 2)
    assert centre.row(order)["proposed"] == proposed


def test_a_unit_goes_back_when_its_work_is_done(centre: Centre) -> None:
    incident, id = lent(centre)
    order = ordered(centre, incident)
    with pytest.raises(Conflict) as refused:
        centre.does(EAST, "loan.give_back", loan=id)
    assert (refused.value.code, refused.value.about) == ("orders_open", {"order": order})
    centre.does(crew(UNIT), "order.advance", order=order, to="DONE")
    centre.does(EAST, "loan.give_back", loan=id, reason="done")
    found = row(centre, id)
    assert (found["state"], found["returned_by"]) == ("RETURNED", EAST)


def test_its_own_district_calls_a_unit_back_when_no_order_holds_it(centre: Centre) -> None:
    incident, id = lent(centre)
    order = ordered(centre, incident)
    with pytest.raises(Conflict) as refused:
        centre.does(WEST, "loan.recall", loan=id)
    assert (refused.value.code, refused.value.about) == ("orders_open", {"order": order})
    centre.does(crew(UNIT), "order.advance", order=order, to="DONE")
    centre.does(WEST, "loan.recall", loan=id, reason="a fire at home")
    centre.does(WEST, "loan.recall", loan=id, reason="a fire at home")
    found = row(centre, id)
    assert (found["state"], found["returned_by"]) == ("RETURNED", WEST)
    assert centre.told(id) == ["LoanAsked", "LoanGranted", "LoanRecalled"]
    told = centre.events()[-1]
    assert (told.actor, set(told.scope), told.body["reason"]) == (
        WEST,
        {"e", "w"},
        "a fire at home",
    )
    home, _ = centre.incident(type="other", lon=118.15)
    ordered(centre, home, WEST)


def test_a_loan_that_was_not_granted_is_not_called_back(centre: Centre) -> None:
    _, id = asked(centre)
    with pytest.raises(Conflict) as refused:
        centre.does(WEST, "loan.recall", loan=id)
    assert refused.value.code == "wrong_state"


def test_when_a_loans_time_is_over_both_districts_are_told_and_nobody_is_moved(
    centre: Centre,
) -> None:
    incident, id = asked(centre, minutes=30)
    centre.passes(60)
    centre.does(WEST, "loan.grant", loan=id)
    assert row(centre, id)["due_back"] == centre.now + 30 * 60_000
    centre.passes(30 * 60 - 1)
    assert "LoanOverdue" not in centre.told(id)
    assert centre.passes(1) == [f"loan_over.{id}.1"]
    told = centre.events()[-1]
    assert (told.type, told.actor, set(told.scope)) == ("LoanOverdue", "system", {"e", "w"})
    assert (told.incident, told.body["minutes"]) == (incident, 30)
    assert row(centre, id)["state"] == "LENT"
    ordered(centre, incident)


@pytest.mark.parametrize(("who", "name"), [(EAST, "loan.give_back"), (WEST, "loan.recall")])
def test_what_came_back_is_never_overdue(centre: Centre, who: str, name: str) -> None:
    _, id = lent(centre)
    centre.does(who, name, loan=id)
    assert centre.passes(120 * 60) == []
    assert "LoanOverdue" not in centre.told(id)


def test_an_unanswered_request_is_never_overdue(centre: Centre) -> None:
    _, id = asked(centre, minutes=10)
    centre.passes(20 * 60)
    assert centre.told(id) == ["LoanAsked", "LoanLapsed"]


def test_a_loan_lasts_as_long_as_before_when_the_clock_is_set(centre: Centre) -> None:
    epoch = lease.take(centre.database, "worker", centre.now) or 0
    jumps.settle(centre.writer, "boot-1", 0, centre.now, epoch)
    _, id = lent(centre)
    due, by = row(centre, id)["due_back"], 7_200_000
    centre.now += by
    epoch = lease.take(centre.database, "worker", centre.now) or 0
    assert jumps.settle(centre.writer, "boot-1", by, centre.now, epoch) == by
    assert row(centre, id)["due_back"] == due + by
    centre.passes(120 * 60 - 1)
    assert "LoanOverdue" not in centre.told(id)
    centre.passes(1)
    assert centre.told(id)[-1] == "LoanOverdue"


def test_an_incident_that_ends_gives_back_what_it_has(centre: Centre) -> None:
    incident, id = lent(centre)
    centre.does(EAST, "incident.end", incident=incident, reason="over")
    assert row(centre, id)["state"] == "RETURNED"
    other, second = asked(centre)
    centre.does(EAST, "incident.end", incident=other, reason="over")
    assert row(centre, second)["state"] == "WITHDRAWN"
    assert centre.passes(loans.ANSWER_S) == []


def test_in_wartime_silence_counts_as_yes_and_is_recorded(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    centre.war(incident, "e")
    id = request(centre, incident)
    centre.passes(loans.ANSWER_S - 1)
    assert row(centre, id)["state"] == "ASKED"
    centre.passes(1)
    found = row(centre, id)
    assert (found["state"], found["answered_by"]) == ("LENT", None)
    (told,) = (one for one in centre.events() if one.type == "LoanGranted")
    assert (told.actor, told.body["silent"]) == ("system", True)
    ordered(centre, incident)


def test_in_peacetime_silence_makes_a_request_void(centre: Centre) -> None:
    incident, id = asked(centre)
    centre.passes(loans.ANSWER_S)
    assert row(centre, id)["state"] == "LAPSED"
    with pytest.raises(Refused):
        ordered(centre, incident)


def test_the_lenders_own_war_does_not_make_silence_a_yes(centre: Centre) -> None:
    _, id = asked(centre)
    home, _ = centre.incident(type="other", lon=118.15)
    centre.war(home, "w")
    centre.passes(loans.ANSWER_S)
    assert row(centre, id)["state"] == "LAPSED"


def test_silence_lends_nothing_that_is_at_work(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    centre.war(incident, "e")
    id = request(centre, incident)
    home, _ = centre.incident(type="other", lon=118.15)
    centre.order(UNIT, who=WEST, incident=home)
    centre.passes(loans.ANSWER_S)
    assert row(centre, id)["state"] == "LAPSED"


def test_who_is_asked_has_as_long_as_before_when_the_clock_is_set(centre: Centre) -> None:
    epoch = lease.take(centre.database, "worker", centre.now) or 0
    jumps.settle(centre.writer, "boot-1", 0, centre.now, epoch)
    _, id = asked(centre)
    due, by = row(centre, id)["answer_due"], 7_200_000
    centre.now += by
    epoch = lease.take(centre.database, "worker", centre.now) or 0
    assert jumps.settle(centre.writer, "boot-1", by, centre.now, epoch) == by
    assert row(centre, id)["answer_due"] == due + by
    centre.passes(loans.ANSWER_S - 1)
    assert row(centre, id)["state"] == "ASKED"
