"""A unit that cannot be ordered: the draft that wants it says why, and when it is free again."""

from typing import Any

import pytest

from dispatch.vocabulary import Role
from layouts.texts import Texts
from layouts.times import clock
from streams.look import Board
from streams.pictures import PICTURES
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.layouts.looking import attributes, nodes, props_of, said

T = Texts("zh")
UNIT, OTHER = "FIR-E-01", "FIR-E-02"
EAST = View(Role.OFFICER, ("e",))


def wants(centre: Centre, unit: str = UNIT) -> tuple[str, str]:
    """An incident of the east with one draft, for this unit."""
    incident, _ = centre.incident(type="other", title="chlorine")
    return incident, draft(centre, incident, unit)


def draft(centre: Centre, incident: str, unit: str) -> str:
    body: dict[str, Any] = {
        "incident": incident,
        "text": "go",
        "kind": "dispatch",
        "priority": 1,
        "unit": unit,
    }
    return str(centre.does("officer-e", "order.draft", **body)["order"])


def line(centre: Centre, board: Board, incident: str, order: str, who: View = EAST) -> Any:
    view = View(who.role, who.scope, "zh", incident)
    rows = props_of("composer", centre, board, view)["composer-drafts", "rows"]
    return next(one["node"] for one in rows if one["id"] == order)


def looked_up(centre: Centre, board: Board, incident: str, who: View = EAST) -> dict[str, Any]:
    """What the page looks up of units that are taken."""
    view = View(who.role, who.scope, "zh", incident)
    rows = props_of("composer", centre, board, view)["composer-taken", "rows"]
    return {row["id"]: row for row in rows}


def box(tree: Any) -> dict[str, Any]:
    return next(attributes(n) for n in nodes(tree) if attributes(n).get("name") == "draft")


def under(tree: Any) -> str:
    """What stands under a draft's fields."""
    return "".join(said(one) for one in nodes(tree) if one[0] == "div.borrow")


def ticked(tree: Any) -> bool:
    return "checked" in box(tree)


def test_a_draft_whose_unit_another_order_holds_is_not_ticked_and_says_which(
    centre: Centre, board: Board
) -> None:
    incident, order = wants(centre)
    assert ticked(line(centre, board, incident, order))
    centre.passes(60)
    holder = centre.order(UNIT)
    held = line(centre, board, incident, order)
    assert not ticked(held)
    assert box(held)["disabled"]
    assert T("taken.held", order=holder, what=f"leak · {T('order_state.ISSUED')}") in said(held)
    units = [one[1]["value"] for one in nodes(held) if one[0] == "option"]
    assert OTHER in units
    centre.does("officer-e", "order.edit", order=order, unit=OTHER)
    changed = line(centre, board, incident, order)
    assert ticked(changed)
    assert holder not in said(changed)


def test_a_batch_of_all_ticked_drafts_is_issued_though_one_unit_is_held(
    centre: Centre, board: Board
) -> None:
    incident, order = wants(centre)
    second = draft(centre, incident, OTHER)
    centre.order(UNIT)
    both = {one: line(centre, board, incident, one) for one in (order, second)}
    view = View(Role.OFFICER, ("e",), "zh", incident)
    total = props_of("composer", centre, board, view)["composer-total", "children"]
    assert total == f"{T('composer.drafts', n=2)} · {T('composer.held', n=1)}"
    go = [one for one, tree in both.items() if ticked(tree)]
    assert go == [second]
    assert centre.does("officer-e", "order.issue", orders=go)["orders"] == [second]


def test_a_unit_that_is_free_again_is_said_to_be_since_when(centre: Centre, board: Board) -> None:
    incident, order = wants(centre)
    assert under(line(centre, board, incident, order)) == ""
    centre.passes(60)
    holder = centre.order(UNIT)
    centre.passes(60)
    centre.does("officer", "order.cancel", order=holder, reason="not needed")
    free = line(centre, board, incident, order)
    assert ticked(free)
    assert T("taken.freed", at=clock(centre.now)) in said(free)
    centre.passes(60)
    centre.does("officer-e", "order.discard", order=order)
    later = draft(centre, incident, UNIT)
    assert under(line(centre, board, incident, later)) == ""


@pytest.mark.parametrize("status", ["OFF_DUTY", "OUT_OF_SERVICE"])
def test_a_unit_off_duty_or_out_of_service_is_said_and_comes_back(
    centre: Centre, board: Board, status: str
) -> None:
    incident, order = wants(centre)
    centre.passes(5)
    centre.does(crew(UNIT), "unit.set_status", unit=UNIT, status=status)
    away = line(centre, board, incident, order)
    assert not ticked(away)
    assert T("taken.away", status=T(f"unit_status.{status}")) in said(away)
    centre.passes(5)
    centre.does(crew(UNIT), "unit.set_status", unit=UNIT, status="AVAILABLE")
    back = line(centre, board, incident, order)
    assert ticked(back)
    assert T("taken.freed", at=clock(centre.now)) in said(back)


def test_two_drafts_for_one_unit_do_not_both_go_out(centre: Centre, board: Board) -> None:
    incident, first = wants(centre)
    second = draft(centre, incident, UNIT)
    assert ticked(line(centre, board, incident, first))
    again = line(centre, board, incident, second)
    assert not ticked(again)
    assert "disabled" not in box(again), "the officer may take the second instead"
    assert T("taken.again") in said(again)
    centre.does("officer-e", "order.discard", order=first)
    assert ticked(line(centre, board, incident, second))


def test_the_holder_of_another_district_is_not_told_by_name(centre: Centre, board: Board) -> None:
    incident, order = wants(centre)
    far, _ = centre.incident(type="other", title="secret", lon=118.15)
    holder = centre.order(UNIT, incident=far)
    held = line(centre, board, incident, order)
    assert holder in said(held)
    assert "secret" not in said(held)
    assert "secret" not in str(looked_up(centre, board, incident))
    city = View(Role.OFFICER, ("city",))
    assert "secret" in said(line(centre, board, incident, order, city))


def test_the_page_looks_up_what_each_unit_does_and_to_whom_it_is_lent(
    centre: Centre, board: Board
) -> None:
    incident, _ = wants(centre)
    holder = centre.order(UNIT)
    away, _ = centre.incident(type="other", lon=118.15)
    ask: dict[str, Any] = {"incident": away, "unit": OTHER, "purpose": "", "minutes": 60}
    loan = centre.does("officer-w", "loan.ask", **ask)["loan"]
    assert f"unit:{OTHER}" not in looked_up(centre, board, incident)
    centre.does("officer-e", "loan.grant", loan=loan)
    known = looked_up(centre, board, incident)
    assert holder in known[f"unit:{UNIT}"]["why"]
    assert known[f"unit:{OTHER}"]["why"] == T("recommend.lent", where="w")
    assert known["district:w"]["words"] == T("composer.leader_sends")
    assert "district:e" not in known
    west = looked_up(centre, board, away, View(Role.OFFICER, ("w",)))
    assert "words" not in west[f"unit:{OTHER}"], "it is lent to this incident: it may be ordered"
    leader = looked_up(centre, board, incident, View(Role.LEADER, ("e",)))
    assert not any(id.startswith("district:") for id in leader)


def test_a_lent_unit_that_is_given_back_is_free_since_then(centre: Centre, board: Board) -> None:
    incident, order = wants(centre)
    away, _ = centre.incident(type="other", lon=118.15)
    ask: dict[str, Any] = {"incident": away, "unit": UNIT, "purpose": "", "minutes": 60}
    loan = centre.does("officer-w", "loan.ask", **ask)["loan"]
    centre.does("officer-e", "loan.grant", loan=loan)
    assert not ticked(line(centre, board, incident, order))
    centre.passes(30)
    centre.does("officer-w", "loan.give_back", loan=loan)
    back = line(centre, board, incident, order)
    assert ticked(back)
    assert T("taken.freed", at=clock(centre.now)) in said(back)


def test_what_is_taken_grows_stale_as_soon_as_a_unit_is_held_or_freed(centre: Centre) -> None:
    holder = centre.order(UNIT)
    centre.does("officer", "order.cancel", order=holder, reason="no")
    centre.does(crew(UNIT), "unit.set_status", unit=UNIT, status="OFF_DUTY")
    told = [one for one in centre.events() if PICTURES["taken"].stale_after(one, EAST)]
    assert [one.type for one in told] == ["OrderIssued", "OrderCancelled", "UnitStatusChanged"]
