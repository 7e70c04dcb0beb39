"""A neighbour's unit: the draft that asks for it, the desk that answers, and both after it."""

import json
from typing import Any

import pytest

from dispatch import loans
from dispatch.vocabulary import Role
from layouts.texts import Texts
from layouts.times import clock
from streams.look import Board
from streams.pictures import PICTURES
from streams.sounds import news
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.layouts.looking import attributes, nodes, props_of, said
from tests.streams.conftest import EAST_DESK, WEST_DESK, Take

T = Texts("zh")
UNIT = "FIR-W-01"


def draft(centre: Centre) -> tuple[str, str]:
    """An order of the east that wants the west's engine."""
    incident, _ = centre.incident(type="other", title="chlorine")
    body = {"incident": incident, "text": "relieve the first team", "kind": "dispatch"}
    order = centre.does("officer-e", "order.draft", **body, priority=1, unit=UNIT)["order"]
    return incident, order


def ask(centre: Centre, incident: str) -> str:
    body = {"incident": incident, "unit": UNIT, "purpose": "relieve the first team"}
    id: str = centre.does("officer-e", "loan.ask", **body)["loan"]
    return id


def composer(centre: Centre, board: Board, incident: str) -> Any:
    view = View(Role.OFFICER, ("e",), "zh", incident)
    (row,) = props_of("composer", centre, board, view)["composer-drafts", "rows"]
    return row["node"]


def ticked(tree: Any) -> bool:
    box = next(attributes(n) for n in nodes(tree) if attributes(n).get("name") == "draft")
    return "checked" in box


def commands(tree: Any) -> dict[str, Any]:
    """What the buttons of a tree send: command -> body."""
    found = [attributes(one) for one in nodes(tree) if "data-act" in attributes(one)]
    return {one["data-act"]: json.loads(one.get("data-body", "{}")) for one in found}


def lists(centre: Centre, board: Board, view: View) -> dict[str, Any]:
    rows = props_of("loans", centre, board, view)["loans-list", "rows"]
    return {row["id"]: row["node"] for row in rows}


def test_a_draft_that_wants_a_neighbours_unit_asks_for_it(centre: Centre, board: Board) -> None:
    incident, _ = draft(centre)
    tree = composer(centre, board, incident)
    body = {"incident": incident, "unit": UNIT, "purpose": "relieve the first team"}
    assert commands(tree)["loan.ask"] == body
    id = ask(centre, incident)
    waiting = composer(centre, board, incident)
    assert "loan.ask" not in commands(waiting)
    assert T("loan_state.ASKED", who="", why="") in said(waiting)
    assert not ticked(waiting)
    centre.does("officer-w", "loan.grant", loan=id)
    lent = composer(centre, board, incident)
    assert ticked(lent)
    assert T("loan_state.LENT", who="officer-w", why="") in said(lent)


def forces(centre: Centre, board: Board, incident: str, scope: str) -> Any:
    view = View(Role.OFFICER, (scope,), "zh", incident)
    rows = props_of("forces", centre, board, view)["forces-list", "rows"]
    return next(one["node"] for one in rows if one["id"] == UNIT)


def test_a_draft_that_wants_a_unit_which_is_lent_says_to_whom(centre: Centre, board: Board) -> None:
    """The home desk's plan wants its own engine, which the east has."""
    home, orders = centre.incident(lon=118.15)
    view = View(Role.OFFICER, ("w",), "zh", home)

    def line() -> Any:
        rows = props_of("composer", centre, board, view)["composer-drafts", "rows"]
        return next(one["node"] for one in rows if one["id"] == orders[0])

    assert centre.row(orders[0])["unit"] == UNIT
    assert ticked(line())
    incident, _ = draft(centre)
    id = ask(centre, incident)
    assert ticked(line())
    centre.does("officer-w", "loan.grant", loan=id)
    assert not ticked(line())
    assert T("composer.lent_out", where="e") in said(line())
    assert "loan.ask" not in commands(line())
    assert ticked(composer(centre, board, incident))
    centre.does("officer-e", "loan.give_back", loan=id)
    assert ticked(line())
    assert T("composer.lent_out", where="e") not in said(line())


def test_a_lent_unit_cannot_be_chosen_for_another_incident(
    centre: Centre, board: Board, picture: Take
) -> None:
    home, _ = centre.incident(type="other", lon=118.15)
    incident, _ = draft(centre)
    id = ask(centre, incident)
    free = forces(centre, board, home, "w")
    centre.does("officer-w", "loan.grant", loan=id)
    away, there = forces(centre, board, home, "w"), forces(centre, board, incident, "e")
    words = T("recommend.lent", where="e")
    assert [words in said(one) for one in (free, away, there)] == [False, True, False]
    assert [attributes(one).get("data-held") for one in (free, away, there)] == [None, "1", None]
    listed = picture("recommend", View(Role.OFFICER, ("w",), "zh", home))["units"]
    assert [one["offered"] for one in listed if one["id"] == UNIT] == [False]


@pytest.mark.parametrize("answer", ["loan.grant", "loan.give_back"])
def test_a_loan_makes_every_recommendation_stale(centre: Centre, answer: str) -> None:
    home, _ = centre.incident(type="other", lon=118.15)
    incident, _ = draft(centre)
    id = ask(centre, incident)
    centre.does("officer-w", "loan.grant", loan=id)
    if answer == "loan.give_back":
        centre.does("officer-e", answer, loan=id)
    last, view = centre.events()[-1], View(Role.OFFICER, ("w",), "zh", home)
    assert last.subject == id
    assert PICTURES["recommend"].stale_after(last, view)


def test_a_refused_draft_says_why_and_may_ask_again(centre: Centre, board: Board) -> None:
    incident, _ = draft(centre)
    centre.does("officer-w", "loan.decline", loan=ask(centre, incident), reason="our last one")
    tree = composer(centre, board, incident)
    assert T("loan_state.DECLINED", who="officer-w", why="our last one") in said(tree)
    assert "loan.ask" in commands(tree)
    assert not ticked(tree)


def test_who_is_asked_sees_what_is_left_and_answers_there(centre: Centre, board: Board) -> None:
    incident, _ = draft(centre)
    id = ask(centre, incident)
    line = lists(centre, board, WEST_DESK)[id]
    words = said(line)
    for part in ("chlorine", "relieve the first team", T("loans.silence_LAPSED")):
        assert part in words
    left = T("loans.after", force=T("force.FIR"), n=0, all=1) + T("loans.after_floor", n=1)
    assert left in words
    assert "FIR-E-" in words.split(T("loans.cover"))[1]
    assert commands(line) == {"loan.grant": {"loan": id}, "loan.decline": {"loan": id}}
    keys = [attributes(one).get("data-key") for one in nodes(line)]
    assert "F9" in keys
    assert id not in lists(centre, board, EAST_DESK)
    assert "loan.withdraw" in commands(lists(centre, board, EAST_DESK)["asked"])


def test_the_key_that_lends_is_never_also_the_key_of_a_signature(
    centre: Centre, board: Board
) -> None:
    incident, _ = draft(centre)
    id = ask(centre, incident)
    asked = {"incident": incident, "mode": "WARTIME", "level": 1, "reason": "now"}
    centre.does("lead", "activation.propose", scope=["city"], **asked)
    keys = [attributes(one).get("data-key") for one in nodes(lists(centre, board, WEST_DESK)[id])]
    assert "F9" not in keys


@pytest.mark.parametrize("war", [False, True])
def test_the_notice_of_a_request_opens_the_loans(centre: Centre, board: Board, war: bool) -> None:
    incident, _ = draft(centre)
    if war:
        centre.war(incident, "e")
    ask(centre, incident)
    rows = props_of("notices", centre, board, WEST_DESK)["notices-list", "rows"]
    (row,) = [one for one in rows if "loans" in str(one["node"])]
    request = T("notice.request", where="e", unit=UNIT)
    assert (T("notice.waiting", n=1) if war else request) in said(row["node"])
    assert props_of("notices", centre, board, EAST_DESK)["notices-list", "rows"] == []


def test_a_lent_unit_is_on_both_lists_and_counts_as_away(
    centre: Centre, board: Board, picture: Take
) -> None:
    incident, order = draft(centre)
    centre.war(incident, "e")
    id = ask(centre, incident)
    centre.passes(loans.ANSWER_S)
    west = lists(centre, board, WEST_DESK)
    assert T("loans.by_silence") in said(west["lent"])
    assert T("loans.no_order") in said(west["lent"])
    fire = next(o for o in picture("loans", WEST_DESK)["left"] if o["force_type"] == "FIR")
    assert (fire["free"], fire["total"]) == (0, 1)
    assert commands(west["lent"]) == {"loan.recall": {"loan": id}}
    east = lists(centre, board, EAST_DESK)
    assert commands(east["borrowed"]) == {"loan.give_back": {"loan": id}}
    assert "asked" not in east
    centre.does("officer-e", "order.issue", orders=[order])
    assert commands(lists(centre, board, EAST_DESK)["borrowed"]) == {}
    assert commands(lists(centre, board, WEST_DESK)["lent"]) == {}
    (one,) = picture("loans", WEST_DESK)["lent"]
    assert (one["id"], one["loan"], one["minutes"]) == (order, id, 120)
    centre.does(crew(UNIT), "order.advance", order=order, to="DONE")
    centre.does("officer-e", "loan.give_back", loan=id)
    assert picture("loans", WEST_DESK)["lent"] == []


def test_both_districts_see_since_when_a_loan_is_over(centre: Centre, board: Board) -> None:
    incident, _ = draft(centre)
    id = ask(centre, incident)
    centre.does("officer-w", "loan.grant", loan=id)
    due = centre.now + 120 * 60_000

    def lines() -> list[Any]:
        east, west = (lists(centre, board, one) for one in (EAST_DESK, WEST_DESK))
        return [east["borrowed"], west["lent"]]

    over = T("loans.over_since", at=clock(due, seconds=False))
    for line in lines():
        assert ("left", due) in [
            (attributes(one).get("data-t"), attributes(one).get("data-t0")) for one in nodes(line)
        ]
        assert T("loans.for_minutes", n=120) in said(line)
        assert over not in said(line)
    centre.passes(120 * 60)
    last = centre.events()[-1]
    assert (last.type, last.subject) == ("LoanOverdue", id)
    for view in (EAST_DESK, WEST_DESK):
        assert PICTURES["loans"].stale_after(last, view)
    assert all(over in said(line) for line in lines())


@pytest.mark.parametrize(("role", "sounds"), [(Role.OFFICER, "II"), (Role.RESPONDER, None)])
def test_a_loan_that_is_over_sounds_at_the_desks(
    centre: Centre, role: Role, sounds: str | None
) -> None:
    incident, _ = draft(centre)
    centre.does("officer-w", "loan.grant", loan=ask(centre, incident))
    centre.passes(120 * 60)
    for scope in ("e", "w"):
        (heard,) = news(centre.events(), role, (scope,), centre.now)
        assert (heard["type"], heard["sound"]) == ("LoanOverdue", sounds)


def test_a_picture_of_the_past_shows_the_request_that_then_waited(
    centre: Centre, picture: Take
) -> None:
    incident, _ = draft(centre)
    id = ask(centre, incident)
    then = next(e.seq for e in centre.events() if e.type == "LoanAsked")
    centre.does("officer-w", "loan.decline", loan=id, reason="no")
    assert picture("loans", WEST_DESK)["requests"] == []
    assert [one["loan"] for one in picture("loans", WEST_DESK, seq=then)["requests"]] == [id]
