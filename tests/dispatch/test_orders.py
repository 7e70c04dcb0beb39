"""Orders at the desk: drafted, issued to a unit that no other holds, called back, given on."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from dispatch import naming
from dispatch.commands import perform
from dispatch.errors import Conflict, Forbidden, Invalid, Refused
from dispatch.log import Request, Work
from dispatch.models import order, timer
from dispatch.vocabulary import HOLDING, TimerKind
from dispatch.writer import Writer
from tests.dispatch.centre import Centre, crew

UNIT = "FIR-E-01"


def drafts(centre: Centre, *units: str | None) -> list[str]:
    incident, _ = centre.incident(type="other")
    said = {"incident": incident, "text": "go", "kind": "dispatch", "priority": 1}
    more = [{"unit": one} if one else {} for one in units]
    return [centre.does("officer", "order.draft", **said, **one)["order"] for one in more]


def test_a_draft_is_edited_and_thrown_away(centre: Centre) -> None:
    (id,) = drafts(centre, None)
    centre.does("officer", "order.edit", order=id, text="stop", unit=UNIT, priority=2, ack_limit=90)
    row = centre.row(id)
    assert (row["text"], row["unit"], row["priority"], row["ack_limit"]) == ("stop", UNIT, 2, 90)
    centre.does("officer", "order.discard", order=id)
    assert centre.rows(order) == []
    assert centre.told(id) == ["OrderDrafted", "OrderEdited", "OrderDiscarded"]


def test_an_issued_order_is_not_edited(centre: Centre) -> None:
    id = centre.order(UNIT)
    for name in ("order.edit", "order.discard"):
        with pytest.raises(Conflict) as refused:
            centre.does("officer", name, order=id)
        assert refused.value.code == "wrong_state"
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "order.issue", orders=[id])
    assert refused.value.code == "already_issued"


def test_an_unknown_unit_is_refused(centre: Centre) -> None:
    (id,) = drafts(centre, None)
    with pytest.raises(Invalid) as refused:
        centre.does("officer", "order.edit", order=id, unit="X-1")
    assert refused.value.field == "unit"


def test_an_order_holds_its_unit(centre: Centre) -> None:
    id = centre.order(UNIT)
    row = centre.row(UNIT)
    assert (row["status"], row["current_order"]) == ("ASSIGNED", id)
    with pytest.raises(Conflict) as refused:
        centre.order(UNIT)
    assert refused.value.code == "held_by_another"
    assert refused.value.about == {"unit": UNIT, "order": id}


def test_orders_are_issued_all_or_none(centre: Centre) -> None:
    centre.order("POL-E-01")
    ids = drafts(centre, UNIT, "FIR-E-02", "POL-E-01")
    with pytest.raises(Conflict):
        centre.does("officer", "order.issue", orders=ids)
    assert [centre.row(id)["state"] for id in ids] == ["DRAFT"] * 3
    limits = (timer.c.subject.in_(ids), timer.c.kind == TimerKind.ORDER_ACK)
    assert centre.rows(timer, *limits) == []
    centre.does("officer", "order.issue", orders=ids[:2])
    assert [centre.row(id)["state"] for id in ids[:2]] == ["ISSUED", "ISSUED"]


def test_an_order_without_a_unit_is_not_issued(centre: Centre) -> None:
    (id,) = drafts(centre, None)
    with pytest.raises(Invalid) as refused:
        centre.does("officer", "order.issue", orders=[id])
    assert refused.value.code == "unit_missing"


def test_one_unit_is_not_in_two_orders_of_one_issue(centre: Centre) -> None:
    ids = drafts(centre, UNIT, UNIT)
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "order.issue", orders=ids)
    assert refused.value.code == "held_by_another"


def test_a_unit_off_duty_gets_no_order(centre: Centre) -> None:
    centre.does(crew(UNIT), "unit.set_status", unit=UNIT, status="OFF_DUTY")
    with pytest.raises(Conflict) as refused:
        centre.order(UNIT)
    assert refused.value.code == "unit_unavailable"


def test_a_unit_is_never_held_by_two_orders(centre: Centre) -> None:
    """Twenty desks, through two processes' writers, issue orders to the same two units."""
    ids = [drafts(centre, UNIT, "FIR-E-02") for _ in range(10)]
    other = Writer(type(centre.database)(centre.database.url), lambda events: None)

    def issue(n: int) -> str:
        desk, key, said = centre.actor("officer"), f"i{n}", {"orders": [ids[n // 2][n % 2]]}
        writer = (centre.writer, other)[n % 2]
        try:
            perform(writer, centre.city, desk, "order.issue", key, said, centre.now)
        except Refused as refused:
            return refused.code
        return "issued"

    with ThreadPoolExecutor(20) as pool:
        said = Counter(pool.map(issue, range(20)))
    other.close()
    assert said == {"issued": 2, "held_by_another": 18}
    held = centre.rows(order, order.c.state.in_(HOLDING))
    assert sorted(row["unit"] for row in held) == ["FIR-E-01", "FIR-E-02"]


def test_the_store_itself_refuses_a_second_holder(centre: Centre) -> None:
    first = centre.order(UNIT)
    (second,) = drafts(centre, UNIT)

    def force(work: Work) -> dict[str, object]:
        work.put(order, second, state="ISSUED")
        work.emit("OrderIssued", second, [])
        return {}

    with pytest.raises(Conflict):
        centre.writer.command(Request("x", "k", {}, force, centre.now))
    assert centre.row(first)["state"] == "ISSUED"
    assert centre.row(second)["state"] == "DRAFT"


def test_a_district_desk_orders_its_own_units(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    with pytest.raises(Forbidden) as refused:
        centre.order("FIR-W-01", who="officer-e", incident=incident)
    assert refused.value.code == "out_of_scope"
    assert centre.order(UNIT, who="officer-e", incident=incident)


def test_a_cancelled_order_frees_its_unit(centre: Centre) -> None:
    id = centre.order(UNIT)
    centre.does("officer", "order.cancel", order=id, reason="false alarm")
    again = centre.does("officer", "order.cancel", order=id, reason="false alarm")
    assert again == {"order": id}
    assert centre.row(UNIT)["status"] == "AVAILABLE"
    assert centre.rows(timer, timer.c.subject == id) == []
    assert centre.order(UNIT)


def test_an_order_given_on_names_the_one_before(centre: Centre) -> None:
    id = centre.order(UNIT)
    new = centre.does("officer", "order.reassign", order=id, unit="FIR-E-02", reason="no answer")[
        "order"
    ]
    row = centre.row(new)
    assert (row["supersedes"], row["unit"], row["state"]) == (id, "FIR-E-02", "ISSUED")
    assert (row["text"], row["priority"]) == ("go", 1)
    assert centre.row(id)["state"] == "CANCELLED"
    assert centre.row(UNIT)["current_order"] is None


def test_a_declined_order_is_given_on_once(centre: Centre) -> None:
    id = centre.order(UNIT)
    centre.does(crew(UNIT), "order.decline", order=id, reason="broken pump")
    centre.does("officer", "order.reassign", order=id, unit="FIR-E-02", reason="declined")
    assert centre.row(id)["state"] == "DECLINED"
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "order.reassign", order=id, unit="POL-E-01", reason="again")
    assert refused.value.code == "already_reassigned"


def test_an_order_given_on_to_a_held_unit_changes_nothing(centre: Centre) -> None:
    held, id = centre.order("FIR-E-02"), centre.order(UNIT)
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "order.reassign", order=id, unit="FIR-E-02", reason="x")
    assert refused.value.about["order"] == held
    assert centre.row(id)["state"] == "ISSUED"
    assert centre.row(UNIT)["current_order"] == id


def test_a_reminder_rings_only_while_the_order_is_unsigned(centre: Centre) -> None:
    id = centre.order(UNIT)
    centre.does("officer", "order.remind", order=id)
    assert centre.row(id)["reminded_at"] == centre.now
    centre.does(crew(UNIT), "order.acknowledge", order=id)
    with pytest.raises(Conflict):
        centre.does("officer", "order.remind", order=id)


def test_only_what_is_done_is_verified(centre: Centre) -> None:
    id = centre.order(UNIT)
    with pytest.raises(Conflict):
        centre.does("officer", "order.verify", order=id)
    centre.does(crew(UNIT), "order.advance", order=id, to="DONE")
    centre.does("officer", "order.verify", order=id, note="seen")
    assert (centre.row(id)["state"], centre.row(id)["note"]) == ("VERIFIED", "seen")
    with pytest.raises(Conflict):
        centre.does("officer", "order.cancel", order=id, reason="x")


@pytest.mark.parametrize(("priority", "seconds"), [(1, 60), (2, 180), (3, 600)])
def test_in_wartime_the_limit_follows_the_priority(
    centre: Centre, priority: int, seconds: int
) -> None:
    incident, _ = centre.incident(type="other")
    assert (
        centre.row(centre.order("POL-E-01", incident=incident, priority=priority))["ack_limit"]
        == 1800
    )
    centre.war(incident, "e")
    row = centre.row(centre.order(UNIT, incident=incident, priority=priority))
    assert row["ack_limit"] == seconds
    assert row["ack_due"] == centre.now + seconds * 1000
    assert row["authorised_by"] == "leader"


def test_a_draft_of_peacetime_gets_the_limit_of_the_war_it_is_issued_in(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    said = {"incident": incident, "text": "x", "kind": "dispatch", "priority": 1}
    plain = centre.does("officer", "order.draft", **said, unit=UNIT)["order"]
    chosen = centre.does("officer", "order.draft", **said, unit="POL-E-01", ack_limit=45)["order"]
    centre.war(incident, "e")
    centre.does("officer", "order.issue", orders=[plain, chosen])
    assert [centre.row(id)["ack_limit"] for id in (plain, chosen)] == [60, 45]


def test_a_number_says_the_day_in_the_city(centre: Centre) -> None:
    centre.now += 13 * 3_600_000  # past midnight in Shanghai, not yet in Greenwich
    incident, _ = centre.incident()
    assert incident == "EV-1122-0001"
    assert {naming.ALERT, naming.INCIDENT, naming.ORDER} == {"AL", "EV", "ZL"}
