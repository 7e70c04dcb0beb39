"""Steps of a plan: each has a limit of its own, and one that is missed is told once."""

import pytest

from tests.dispatch.centre import Centre, crew

MINUTE = 60


def late(centre: Centre) -> list[int]:
    return [e.body["step"] for e in centre.events() if e.type == "IncidentStepLate"]


def issued(centre: Centre, orders: list[str]) -> str:
    """The plan's first order, given to its unit."""
    centre.does("officer", "order.issue", orders=orders[:1])
    return orders[0]


def test_a_step_without_an_order_is_late_by_its_limit_and_said_once(centre: Centre) -> None:
    incident, _ = centre.incident()
    centre.passes(10 * MINUTE - 0.001)
    assert late(centre) == []
    centre.passes(0.001)
    assert sorted(late(centre)) == [1, 2, 3, 4, 5]
    due = centre.now
    centre.passes(86_400)
    assert len(late(centre)) == 5
    assert f'"1":{due}' in centre.row(incident)["late_json"]


def test_an_order_gives_its_step_the_time_anew(centre: Centre) -> None:
    _, orders = centre.incident()
    centre.passes(6 * MINUTE)
    issued(centre, orders)
    centre.passes(4 * MINUTE)
    assert sorted(late(centre)) == [2, 3, 4, 5]
    centre.passes(6 * MINUTE)
    assert sorted(late(centre)) == [1, 2, 3, 4, 5]


def test_the_response_begins_the_count_again(centre: Centre) -> None:
    incident, _ = centre.incident()
    centre.passes(6 * MINUTE)
    centre.war(incident, "e")
    centre.passes(9 * MINUTE)
    assert late(centre) == []
    centre.passes(1 * MINUTE)
    assert len(late(centre)) == 5


@pytest.mark.parametrize("way", ["done", "cancelled"])
def test_a_step_that_is_settled_is_never_late(centre: Centre, way: str) -> None:
    _, orders = centre.incident()
    id = issued(centre, orders)
    if way == "done":
        centre.does(crew("FIR-E-01"), "order.advance", order=id, to="DONE")
    else:
        centre.does("officer", "order.cancel", order=id, reason="no need")
    centre.passes(86_400)
    assert 1 not in late(centre)


def test_a_declined_order_leaves_its_step_open(centre: Centre) -> None:
    _, orders = centre.incident()
    id = issued(centre, orders)
    centre.does(crew("FIR-E-01"), "order.decline", order=id, reason="broken")
    centre.passes(10 * MINUTE)
    assert 1 in late(centre)


def test_the_end_of_the_incident_ends_the_count(centre: Centre) -> None:
    incident, _ = centre.incident()
    centre.does("officer", "incident.end", incident=incident, reason="over")
    centre.passes(86_400)
    assert late(centre) == []


def test_an_order_out_of_reach_frees_its_unit_and_says_who_found_so(centre: Centre) -> None:
    id = centre.order("FIR-E-01", ack_limit=60)
    centre.does("officer", "order.unreachable", order=id, reason="no answer on any line")
    row = centre.row(id)
    assert row["state"] == "DECLINED"
    assert '"via":"unreachable"' in row["stamps_json"]
    assert '"by":"officer"' in row["stamps_json"]
    assert centre.row("FIR-E-01")["status"] == "AVAILABLE"
    centre.passes(3600)
    assert "OrderEscalated" not in centre.told(id)
    assert centre.does("officer", "order.unreachable", order=id, reason="again")["order"] == id
    assert centre.told(id).count("OrderUnreachable") == 1
