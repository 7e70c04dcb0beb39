"""What a unit answers: step by step, from a pocket without network, or by telephone."""

from itertools import permutations

import pytest
from sqlalchemy import select

from dispatch import answers
from dispatch.access import Actor
from dispatch.canonical import loads
from dispatch.errors import Conflict, Forbidden
from dispatch.models import private_note, timer
from dispatch.vocabulary import OrderState
from tests.dispatch.centre import Centre, crew

UNIT = "FIR-E-01"
S = OrderState
SAY = {
    S.DELIVERED: ("order.deliver", {}),
    S.READ: ("order.read", {}),
    S.ACKED: ("order.acknowledge", {}),
    S.DECLINED: ("order.decline", {"reason": "no"}),
    S.EN_ROUTE: ("order.advance", {"to": "EN_ROUTE"}),
    S.ON_SCENE: ("order.advance", {"to": "ON_SCENE"}),
    S.DONE: ("order.advance", {"to": "DONE"}),
}
LINE = (S.ISSUED, S.DELIVERED, S.READ, S.ACKED, S.EN_ROUTE, S.ON_SCENE, S.DONE)


def say(centre: Centre, id: str, to: OrderState, **more: object) -> dict[str, object]:
    name, said = SAY[to]
    return centre.does(crew(UNIT), name, order=id, **said, **more)


def stamps(centre: Centre, id: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = loads(centre.row(id)["stamps_json"])
    return found


def test_an_order_goes_from_the_desk_to_the_unit_and_back(centre: Centre) -> None:
    id = centre.order(UNIT)
    for to in LINE[1:]:
        centre.now += 1000
        assert say(centre, id, to) == {"order": id, "state": to}
    centre.does("officer", "order.verify", order=id)
    assert centre.told(id) == [
        "OrderDrafted",
        "OrderIssued",
        "OrderDelivered",
        "OrderRead",
        "OrderAcknowledged",
        "OrderEnRoute",
        "OrderOnScene",
        "OrderDone",
        "OrderVerified",
    ]
    times = [stamps(centre, id)[one.value]["at"] for one in LINE]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("to", "status", "held"),
    [
        (S.READ, "ASSIGNED", True),
        (S.ACKED, "ASSIGNED", True),
        (S.EN_ROUTE, "EN_ROUTE", True),
        (S.ON_SCENE, "ON_SCENE", True),
        (S.DONE, "AVAILABLE", False),
        (S.DECLINED, "AVAILABLE", False),
    ],
)
def test_the_unit_does_what_its_order_says(
    centre: Centre, to: OrderState, status: str, held: bool
) -> None:
    id = centre.order(UNIT)
    say(centre, id, to)
    row = centre.row(UNIT)
    assert (row["status"], row["current_order"]) == (status, id if held else None)


@pytest.mark.parametrize("state", LINE)
def test_every_move_is_allowed_stamped_or_refused(centre: Centre, state: OrderState) -> None:
    incident, _ = centre.incident(type="other")
    for to in SAY:
        id = centre.order(UNIT, incident=incident)
        if state is not S.ISSUED:
            say(centre, id, state)
        number = len(centre.events())
        if to in answers.MOVES.get(state, ()):
            assert say(centre, id, to)["state"] == to
        elif to is S.DECLINED:
            with pytest.raises(Conflict) as refused:
                say(centre, id, to)
            assert refused.value.code == "order_closed"
        else:
            assert say(centre, id, to)["state"] == state
        nothing_new = to is state or (to is S.DECLINED and to not in answers.MOVES.get(state, ()))
        assert len(centre.events()) == number + (0 if nothing_new else 1)
        if centre.row(UNIT)["current_order"] == id:
            centre.does("officer", "order.cancel", order=id, reason="next")


def test_what_was_said_before_changes_nothing(centre: Centre) -> None:
    id = centre.order(UNIT)
    say(centre, id, S.ACKED)
    number = len(centre.events())
    centre.now += 5_000
    assert say(centre, id, S.ACKED) == {"order": id, "state": "ACKED"}
    assert len(centre.events()) == number
    assert stamps(centre, id)["ACKED"]["at"] == centre.now - 5_000


@pytest.mark.parametrize("order_of_arrival", list(permutations((S.ACKED, S.EN_ROUTE, S.ON_SCENE))))
def test_a_phone_that_was_offline_may_answer_in_any_order(
    centre: Centre, order_of_arrival: tuple[OrderState, ...]
) -> None:
    id = centre.order(UNIT)
    begun = centre.now
    said_at = {S.ACKED: begun + 20_000, S.EN_ROUTE: begun + 60_000, S.ON_SCENE: begun + 300_000}
    centre.now += 600_000
    for to in order_of_arrival:
        say(centre, id, to, at=said_at[to])
    known = stamps(centre, id)
    assert centre.row(id)["state"] == "ON_SCENE"
    assert {to: known[to.value]["at"] for to in said_at} == said_at
    assert {known[to.value]["received"] for to in said_at} == {centre.now}
    assert known["ACKED"]["late"] is False
    assert centre.row(UNIT)["status"] == "ON_SCENE"


def test_a_late_acknowledgement_is_marked(centre: Centre) -> None:
    id = centre.order(UNIT)
    centre.now += 1_800_001
    say(centre, id, S.ACKED)
    assert stamps(centre, id)["ACKED"]["late"] is True


@pytest.mark.parametrize("shift", [-3_600_000, 3_600_000])
def test_a_wrong_clock_loses_no_answer(centre: Centre, shift: int) -> None:
    id = centre.order(UNIT)
    centre.now += 10_000
    say(centre, id, S.ACKED, at=centre.now + shift)
    known = stamps(centre, id)["ACKED"]
    assert known["adjusted"] is True
    assert centre.now - 10_000 <= int(str(known["at"])) <= centre.now


def test_an_answer_that_was_given_before_the_recall_is_kept(centre: Centre) -> None:
    id = centre.order(UNIT)
    centre.now += 60_000
    centre.does("officer", "order.cancel", order=id, reason="other way")
    centre.now += 60_000
    assert say(centre, id, S.ACKED, at=centre.now - 90_000)["state"] == "CANCELLED"
    assert stamps(centre, id)["ACKED"]["at"] == centre.now - 90_000
    assert centre.row(UNIT)["current_order"] is None
    with pytest.raises(Conflict) as refused:
        say(centre, id, S.EN_ROUTE, at=centre.now - 30_000)
    assert refused.value.code == "order_closed"


def test_an_answer_to_an_order_that_was_called_back_does_not_touch_the_next(
    centre: Centre,
) -> None:
    old = centre.order(UNIT)
    centre.does("officer", "order.cancel", order=old, reason="x")
    new = centre.order(UNIT)
    say(centre, old, S.EN_ROUTE, at=centre.now - 1)
    assert (centre.row(UNIT)["status"], centre.row(UNIT)["current_order"]) == ("ASSIGNED", new)


def test_another_unit_does_not_answer(centre: Centre) -> None:
    id = centre.order(UNIT)
    for who in (crew("POL-E-01"), "officer", "leader"):
        with pytest.raises(Forbidden):
            centre.does(who, "order.acknowledge", order=id)
    assert centre.row(id)["state"] == "ISSUED"


def test_a_draft_is_nothing_to_answer(centre: Centre) -> None:
    _, drafts = centre.incident()
    with pytest.raises(Forbidden):
        centre.does(crew("FIR-E-01"), "order.acknowledge", order=drafts[0])


def test_a_units_own_key_answers_for_it(centre: Centre) -> None:
    id = centre.order(UNIT)
    key = Actor(crew(UNIT), None, ("e",), UNIT, rights=("orders:answer",))
    centre.does(key, "order.acknowledge", order=id)
    assert centre.row(id)["state"] == "ACKED"
    with pytest.raises(Forbidden):
        centre.does(key, "order.cancel", order=id, reason="x")


def test_a_word_by_telephone_is_an_acknowledgement(centre: Centre) -> None:
    id = centre.order(UNIT)
    said = {"order": id, "who": "Captain Li", "number": "13812345678"}
    centre.does("officer", "order.acknowledge_by_phone", **said)
    known = stamps(centre, id)["ACKED"]
    assert (known["via"], known["number"], known["by"]) == ("telephone", "138****5678", "officer")
    assert centre.rows(timer, timer.c.subject == id) == []
    log = str(centre.events()) + str(centre.row(id))
    assert "13812345678" not in log
    assert "Captain Li" not in log
    notes = centre.database.read(lambda c: c.execute(select(private_note)).all())
    assert {(n.kind, n.value) for n in notes} == {
        ("acknowledged_by", "Captain Li"),
        ("acknowledged_from", "13812345678"),
    }
    assert centre.does("officer", "order.acknowledge_by_phone", **said)["state"] == "ACKED"


def test_a_short_number_is_masked_too() -> None:
    assert [answers.mask(n) for n in ("8812", "0546-8812345", "+86 138 1234 5678")] == [
        "****12",
        "054****2345",
        "+86****5678",
    ]
