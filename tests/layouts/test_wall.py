"""The wall: what waits for a decision, what is late, what is not known."""

from typing import Any

from dispatch.vocabulary import Role
from layouts.nodes import Row
from layouts.panels.wall_steps import window
from layouts.panels.wall_vitals import tile
from layouts.texts import Texts
from streams.look import Board
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.layouts.looking import attributes, nodes, props_of, said

WALL, T = View(Role.WALL, ("city",)), Texts("zh")


def rows(centre: Centre, board: Board, panel: str, list_id: str) -> list[Row]:
    return props_of(panel, centre, board, WALL)[(list_id, "rows")]  # type: ignore[no-any-return]


def test_with_nothing_to_decide_the_wall_says_what_it_looked_at(
    centre: Centre, board: Board
) -> None:
    shown = rows(centre, board, "wall-decisions", "wall-decisions-list")
    assert Texts("zh")("wall_decide.none") in said(shown)
    assert any(attributes(one).get("data-t") == "clock" for one in nodes(shown[0]["node"]))


def test_a_proposed_war_waits_for_its_second_person(centre: Centre, board: Board) -> None:
    id, _ = centre.incident(grade=2)
    war = centre.war(id, "city", level=2, who="lead")
    shown = rows(centre, board, "wall-decisions", "wall-decisions-list")
    assert [row["id"] for row in shown] == [war]
    assert Texts("zh")("role.leader") in said(shown)
    centre.does("leader", "activation.sign", activation=war)
    assert war not in [
        row["id"] for row in rows(centre, board, "wall-decisions", "wall-decisions-list")
    ]


def test_a_declined_order_becomes_a_decision_with_its_reason(centre: Centre, board: Board) -> None:
    order = centre.order("FIR-E-01")
    centre.does(crew("FIR-E-01"), "order.decline", order=order, reason="pump broken")
    shown = rows(centre, board, "wall-decisions", "wall-decisions-list")
    assert [row["id"] for row in shown] == [order]
    assert "pump broken" in said(shown)


def test_an_order_that_nobody_took_in_time_stands_first_and_is_framed(
    centre: Centre, board: Board
) -> None:
    late = centre.order("FIR-E-01", ack_limit=60)
    centre.now += 30_000
    taken = centre.order("FIR-E-02")
    centre.does(crew("FIR-E-02"), "order.acknowledge", order=taken)
    centre.passes(70)
    shown = rows(centre, board, "wall-orders", "wall-orders-list")
    assert [row["id"] for row in shown] == [late, taken]
    assert attributes(shown[0]["node"])["data-late"] == "1"
    assert "data-late" not in attributes(shown[1]["node"])


def test_in_war_the_head_names_mode_level_incident_and_time(centre: Centre, board: Board) -> None:
    id, _ = centre.incident(grade=3, title="tank leaks")
    calm = said(rows(centre, board, "wall-head", "wall-head-main"))
    assert calm.startswith(Texts("zh")("mode.PEACETIME"))
    centre.war(id, "e", level=3)
    shown = rows(centre, board, "wall-head", "wall-head-main")
    assert "tank leaks" in said(shown)
    assert Texts("zh")("mode.WARTIME") in said(shown)
    side = rows(centre, board, "wall-head", "wall-head-side")
    timers = [attributes(one) for row in side for one in nodes(row["node"])]
    assert any(one.get("data-t") == "elapsed" for one in timers)


def test_a_war_elsewhere_is_a_strip_and_not_a_banner(centre: Centre, board: Board) -> None:
    id, _ = centre.incident(grade=3, lon=118.05)
    centre.war(id, "e", level=4)
    west = View(Role.WALL, ("w",))
    strip = props_of("strip", centre, board, west)[("strip-list", "rows")]
    head = props_of("wall-head", centre, board, west)[("wall-head-main", "rows")]
    assert len(strip) == 1
    assert said(head).startswith(Texts("zh")("mode.PEACETIME"))


def test_the_steps_of_the_ruling_incident_are_on_the_wall(centre: Centre, board: Board) -> None:
    id, _ = centre.incident(grade=3)
    assert [row["id"] for row in rows(centre, board, "wall-steps", "wall-steps-list")] == ["none"]
    centre.war(id, "e", level=4)
    assert len(rows(centre, board, "wall-steps", "wall-steps-list")) == 5


def test_long_plans_show_the_steps_round_the_first_open_one() -> None:
    steps = [{"seq": n, "state": "done" if n < 9 else "pending"} for n in range(1, 19)]
    assert [one["seq"] for one in window(steps)] == list(range(6, 16))
    assert [one["seq"] for one in window(steps[:4])] == [1, 2, 3, 4]


def test_an_indicator_without_data_shows_no_number() -> None:
    empty: dict[str, Any] = {
        "id": "x", "name": {"zh": "甲", "en": "A"}, "value": None, "unit": {"zh": "件", "en": ""},
        "as_of": None, "source": {"zh": "源", "en": "S"}, "freshness": "none", "low": 0, "high": 5,
        "scale_low": 0, "scale_high": 10, "target": None, "direction": "up", "trend": [],
        "off_target": False,
    }  # fmt: skip
    shown = tile(empty, Texts("zh"))
    assert Texts("zh")("vitals.no_data") in said(shown)
    assert not any(letter.isdigit() for letter in said(shown))


def test_the_map_knows_for_which_incident_there_is_war(centre: Centre, board: Board) -> None:
    first, _ = centre.incident(type="other", grade=4, lat=37.05, lon=118.05)
    worse, _ = centre.incident(type="fire", grade=2, lat=37.09, lon=118.09)
    centre.war(first, "e")
    marks = {row["id"]: row for row in rows(centre, board, "map", "map-marks")}
    assert marks[first]["war"] == 1
    assert "war" not in marks[worse]


def test_of_two_wars_the_map_holds_the_one_that_the_head_names(
    centre: Centre, board: Board
) -> None:
    """At one level neither the graver nor the newer incident goes before the older war."""
    first, _ = centre.incident(type="other", grade=4, lat=37.05, lon=118.05)
    newer, _ = centre.incident(type="fire", grade=2, lat=37.09, lon=118.15)
    centre.war(first, "e", level=4)
    centre.war(newer, "w", level=4)
    marks = {row["id"]: row for row in rows(centre, board, "map", "map-marks")}
    assert (marks[first]["war"], marks[newer]["war"]) == (1, 2)


def test_the_wall_counts_the_units_of_its_incident_and_borrowed_ones_too(
    centre: Centre, board: Board
) -> None:
    id, _ = centre.incident(grade=3)
    centre.war(id, "e", level=4)
    centre.order("FIR-E-01")  # for another incident
    for unit in ("FIR-E-02", "FIR-W-01"):
        order = centre.order(unit, who="leader", incident=id)
        centre.does(crew(unit), "order.acknowledge", order=order)
        centre.does(crew(unit), "order.advance", order=order, to="EN_ROUTE")
        if unit == "FIR-W-01":
            centre.does(crew(unit), "order.advance", order=order, to="ON_SCENE")
    east = View(Role.WALL, ("e",))
    side = props_of("wall-head", centre, board, east)[("wall-head-side", "rows")]
    arrived = said(next(row for row in side if row["id"] == "arrived"))
    assert arrived == T("wall.arrived") + "1" + T("wall.units_moving", n=1)


def test_the_map_shows_whom_a_district_has_borrowed(centre: Centre, board: Board) -> None:
    id, _ = centre.incident(type="other")
    east = View(Role.OFFICER, ("e",))
    asked = centre.does("officer-e", "loan.ask", incident=id, unit="FIR-W-01")["loan"]
    assert props_of("map", centre, board, east)[("map-units", "rows")] == []
    centre.does("officer-w", "loan.grant", loan=asked)
    (shown,) = props_of("map", centre, board, east)[("map-units", "rows")]
    assert (shown["id"], shown["incident"]) == ("FIR-W-01", id)
