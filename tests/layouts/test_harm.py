"""Known harm, decisions with what follows from them, loans and the weather: from records alone."""

import json
from typing import Any

import pytest
from sqlalchemy import insert

from dispatch.city_records import Sensor
from dispatch.grading import suggested
from dispatch.models import order, reading
from dispatch.vocabulary import Role
from layouts import sky
from layouts.texts import Texts
from streams.look import Board
from streams.pictures.contention import DECIDE_MS
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.layouts.looking import attributes, buttons, nodes, props_of, said
from tests.streams.conftest import Take

T = Texts("zh")
WALL, OFFICER = View(Role.WALL, ("city",)), View(Role.OFFICER, ("city",))


def at_war(centre: Centre, grade: int = 3, *scope: str) -> str:
    incident, _ = centre.incident(grade=grade)
    centre.war(incident, *scope or ("e",), level=3)
    return incident


def facts_of(shown: dict[Any, Any]) -> dict[str, str]:
    return {row["id"]: said(row) for row in shown["wall-head-side", "rows"]}


def test_casualties_stand_apart_each_with_its_time_and_state(centre: Centre, board: Board) -> None:
    incident = at_war(centre)
    shown = facts_of(props_of("wall-head", centre, board, WALL))
    assert shown["harm:dead"] == T("harm.dead") + "—" + T("wall.not_reported")
    centre.does("officer", "incident.facts", incident=incident, source="卫健委", dead=0, serious=2)
    centre.does("officer", "incident.facts", incident=incident, source="卫健委", minor=5,
                verified=True)  # fmt: skip
    shown = facts_of(props_of("wall-head", centre, board, WALL))
    assert shown["harm:dead"] == f"{T('harm.dead')}0{T('harm.unverified')} 12:00"
    assert shown["harm:minor"] == f"{T('harm.minor')}5{T('harm.verified')} 12:00"
    assert shown["harm:missing"].endswith(T("wall.not_reported"))


@pytest.mark.parametrize(
    ("known", "grade"),
    [({}, None), ({"minor": 9}, None), ({"dead": 0}, 4), ({"dead": 3}, 3), ({"dead": 9}, 3),
     ({"dead": 10}, 2), ({"dead": 30}, 1), ({"dead": 2, "serious": 50}, 2)],
)  # fmt: skip
def test_the_harm_suggests_a_grade(known: dict[str, int], grade: int | None) -> None:
    facts = {name: {"value": value} for name, value in known.items()}
    found = suggested(facts)
    assert (found and found[0]) == grade


def decisions(centre: Centre, board: Board) -> dict[str, str]:
    shown = props_of("wall-decisions", centre, board, WALL)
    return {row["id"]: said(row) for row in shown["wall-decisions-list", "rows"]}


def test_harm_beyond_the_first_grade_is_a_decision_with_its_options(
    centre: Centre, board: Board
) -> None:
    incident, _ = centre.incident(grade=4)
    assert set(decisions(centre, board)) == {"none"}
    centre.does("officer", "incident.facts", incident=incident, source="卫健委", dead=3)
    words = decisions(centre, board)[f"grade:{incident}"]
    assert T("grade.3") in words
    assert T("grade.4") in words
    assert "卫健委" in words
    assert T("wall_decide.if_kept", grade=T("grade.4")) in words
    centre.does("officer", "incident.grade", incident=incident, grade=3)
    assert f"grade:{incident}" not in decisions(centre, board)


def test_a_proposal_says_what_follows_from_the_plan(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident(grade=3)
    centre.war(incident, "e", level=3, who="lead")
    (words,) = (text for key, text in decisions(centre, board).items() if key.startswith("MA-"))
    assert T("force.FIR") in words
    assert "5" in words


def test_drafts_that_wait_in_a_war_are_a_decision(centre: Centre, board: Board) -> None:
    at_war(centre)
    words = decisions(centre, board)["drafts"]
    assert T("wall_decide.first_step", n=1, text="第1步") in words


def test_a_third_option_stands_where_the_records_have_one(centre: Centre, board: Board) -> None:
    incident = at_war(centre)
    words = decisions(centre, board)["drafts"]
    drafts = [one for one in centre.rows(order, order.c.incident == incident)]
    (first,) = (one for one in drafts if one["plan_step"] == 1)
    rest = T("wall_decide.if_first", unit=first["unit"], n=len(drafts) - 1)
    assert T("wall_decide.first_alone", n=1) in words
    assert rest in words
    centre.does("officer", "order.issue", orders=[first["id"]])
    for other in drafts:
        if other["plan_step"] not in (1, 2):
            centre.does("officer", "order.discard", order=other["id"])
    assert T("wall_decide.first_alone", n=2) not in decisions(centre, board)["drafts"]
    centre.passes(150)
    late = decisions(centre, board)[first["id"]]
    assert T("wall_decide.if_by_phone") in late
    centre.does(crew(first["unit"]), "order.decline", order=first["id"], reason="no water")
    assert T("wall_decide.if_by_phone") not in decisions(centre, board)[first["id"]]


def test_what_is_short_stands_before_the_forces(centre: Centre, board: Board) -> None:
    incident = at_war(centre)
    needs = [{"what": "倒罐槽车", "need": 3, "have": 2}]
    centre.does("officer", "incident.facts", incident=incident, source="现场", needs=needs)
    shown = props_of("wall-forces", centre, board, WALL)["wall-forces-list", "rows"]
    first = min(shown, key=lambda row: row["rank"])
    assert "倒罐槽车" in said(first)
    assert T("harm.short", need=3, lack=1) in said(first)


def test_a_unit_at_work_elsewhere_is_lent_here_and_borrowed_there(
    centre: Centre, picture: Take
) -> None:
    incident = at_war(centre)
    centre.order("FIR-W-01", who="leader", incident=incident)
    west, east = (picture("loans", View(Role.OFFICER, (code,))) for code in "we")
    assert [one["unit_name"]["zh"] for one in west["lent"]] == ["FIR-W-01"]
    assert (west["borrowed"], east["lent"]) == ([], [])
    assert [one["from"] for one in east["borrowed"]] == ["w"]
    fire = next(one for one in west["left"] if one["force_type"] == "FIR")
    assert (fire["free"], fire["total"], fire["floor"]) == (0, 1, 1)


def test_a_unit_that_two_incidents_want_names_who_holds_it(centre: Centre, board: Board) -> None:
    first, _ = centre.incident(type="other", title="first")
    second, _ = centre.incident(type="other", title="second", lat=37.09)
    held = centre.order("FIR-E-01", incident=first)
    asked = centre.does("officer", "order.draft", incident=second, text="go", kind="dispatch",
                        priority=1, unit="FIR-E-01")["order"]  # fmt: skip
    rows = props_of("loans", centre, board, OFFICER)["loans-list", "rows"]
    words = said(next(one for one in rows if one["id"] == f"wanted:{asked}"))
    assert T("loans.asked_by", what="② second", order=asked) in words
    assert held in words


def test_the_weather_is_what_a_station_says_with_its_age(centre: Centre, board: Board) -> None:
    place = (37.05, 118.05, "weather")
    board.city = type(board.city)(**{**vars(board.city), "sensors": (
        Sensor("wx.t", "t", "t", "temperature", "city", *place, "°C"),
        Sensor("wx.s", "s", "s", "wind_speed", "city", *place, "m/s"),
        Sensor("wx.d", "d", "d", "wind_dir", "city", *place, "°"),
    )})  # fmt: skip
    assert facts_of(props_of("wall-head", centre, board, WALL))["weather"] == T("sky.title") + T(
        "sky.silent"
    )
    for id, value in (("wx.t", 11.0), ("wx.s", 3.2), ("wx.d", 50.0)):
        row = {"realm": "real", "sensor": id, "at": centre.now, "received_at": centre.now}
        row |= {"value": value, "quality": "measured", "source": "weather"}
        centre.database.write(lambda c, one=row: c.execute(insert(reading).values(**one)))
    words = facts_of(props_of("wall-head", centre, board, WALL))["weather"]
    assert "11 °C · 东北风 3.2 m/s" in words
    assert "12:00" in words


def test_the_wind_is_named_by_where_it_comes_from() -> None:
    assert [sky.compass(one, T) for one in (0, 44, 46, 180, 359)] == [
        "北",
        "东北",
        "东北",
        "南",
        "北",
    ]


def wanted_twice(centre: Centre, second: int = 3, lat: float = 37.0501) -> tuple[str, str]:
    """A unit that the first incident's order holds and the second asks for: both orders.

    second: the grade of the second; the first has III.
    """
    first, _ = centre.incident(type="other", title="first", grade=3)
    other, _ = centre.incident(type="other", title="second", lat=lat, grade=second)
    held = centre.order("FIR-E-01", incident=first)
    body = {"incident": other, "text": "go", "kind": "dispatch", "priority": 1}
    asked = centre.does("officer", "order.draft", **body, unit="FIR-E-01")["order"]
    return held, asked


def test_a_unit_that_works_on_scene_is_suggested_to_stay(centre: Centre, picture: Take) -> None:
    held, _ = wanted_twice(centre, second=1)
    centre.does(crew("FIR-E-01"), "order.acknowledge", order=held)
    for to in ("EN_ROUTE", "ON_SCENE"):
        centre.does(crew("FIR-E-01"), "order.advance", order=held, to=to)
    (one,) = picture("loans", OFFICER)["wanted"]
    assert (one["weighed"]["suggest"], one["weighed"]["why"]) == (held, "on_scene")


def test_a_unit_wanted_twice_goes_where_it_weighs_more_with_the_reason(
    centre: Centre, board: Board, picture: Take
) -> None:
    held, asked = wanted_twice(centre, second=1)
    (one,) = picture("loans", OFFICER)["wanted"]
    assert {side["order"] for side in one["weighed"]["sides"]} == {held, asked}
    assert (one["weighed"]["suggest"], one["weighed"]["why"]) == (asked, "grade")
    rows = props_of("loans", centre, board, OFFICER)["loans-list", "rows"]
    words = said(next(one for one in rows if one["id"] == f"wanted:{asked}"))
    assert T("loans.because_grade", n=0) in words
    assert words.count(T("loans.suggested")) == 1


def test_a_contention_says_until_when_and_its_two_decisions(centre: Centre, board: Board) -> None:
    held, asked = wanted_twice(centre)
    began = centre.now
    centre.now += 60_000
    centre.does("officer", "order.edit", order=asked, text="go there, by the north gate")
    (row,) = [
        one for one in rows_of_loans(centre, board, OFFICER) if one["id"].startswith("wanted:")
    ]
    inside = [attributes(one) for one in nodes(row["node"])]
    ends = [one["data-t0"] for one in inside if one.get("data-t") == "left"]
    assert ends == [began + DECIDE_MS], "another text is no new contention"
    sent = {one["data-act"]: json.loads(one["data-body"]) for one in inside if "data-act" in one}
    assert sent == {
        "order.move": {"order": held, "to": asked},
        "order.forgo": {"order": asked, "stays": held},
    }
    opened = {one["data-for"] for one in inside if one.get("data-do") == "line"}
    assert opened == {one["data-line"] for one in inside if "data-line" in one}
    assert T("loans.undecided") in said(row)


def test_who_answers_for_one_incident_alone_sees_a_contention_without_keys(
    centre: Centre, board: Board
) -> None:
    centre.order("FIR-E-01", incident=centre.incident(type="other", title="first")[0])
    other, _ = centre.incident(type="other", title="second", lon=118.15)
    body = {"incident": other, "text": "go", "kind": "dispatch", "priority": 1}
    centre.does("officer", "order.draft", **body, unit="FIR-E-01")
    east = rows_of_loans(centre, board, View(Role.OFFICER, ("e",)))
    (row,) = [one for one in east if one["id"].startswith("wanted:")]
    assert buttons([row]) == []
    assert T("loans.above") in said(row)


def rows_of_loans(centre: Centre, board: Board, view: View) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = props_of("loans", centre, board, view)["loans-list", "rows"]
    return rows


def test_whoever_would_wait_longer_for_another_unit_is_suggested(
    centre: Centre, picture: Take
) -> None:
    held, _ = wanted_twice(centre, second=1, lat=37.09)
    (one,) = picture("loans", OFFICER)["wanted"]
    assert (one["weighed"]["suggest"], one["weighed"]["why"]) == (held, "time")
    assert one["weighed"]["n"] > 0


def test_nobody_is_suggested_where_nothing_speaks_for_either(centre: Centre, picture: Take) -> None:
    wanted_twice(centre)
    (one,) = picture("loans", OFFICER)["wanted"]
    assert one["weighed"]["suggest"] is None


def test_who_signs_sees_how_many_live_there_and_what_was_told(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident(grade=3)
    centre.does("officer", "incident.facts", incident=incident, source="现场", missing=2)
    centre.war(incident, "e", level=3, who="lead")
    rows = props_of("confirm", centre, board, WALL)["confirm-body", "rows"]
    words = said(next(one for one in rows if one["id"] == "facts"))
    people = next(one.population for one in centre.city.districts if one.code == "e")
    assert T("confirm.residents", n=f"{people:,}") in words
    assert T("harm.missing") + " 2" in words
    assert "现场" in words


def test_the_desk_has_what_must_be_decided_and_what_is_short(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident(grade=4)
    needs = [{"what": "倒罐槽车", "need": 3, "have": 2}]
    centre.does("officer", "incident.facts", incident=incident, source="现场", needs=needs, dead=3)
    view = View(Role.OFFICER, ("city",), subject=incident)
    props = props_of("steps", centre, board, view)
    assert props["steps-decide-n", "children"] == "2"
    words = said(props["steps-decide", "rows"])
    assert T("wall_decide.regrade") in words
    assert T("wall_decide.issue") in words
    assert props["steps-gaps-n", "children"] == "1"
    assert T("harm.short", need=3, lack=1) in said(props["steps-gaps", "rows"])
    assert "现场" in said(props["steps-gaps", "rows"])
