"""What a second person is shown before he signs, and what can be done with screens that lag."""

import json
from dataclasses import replace

import pytest

from dispatch.grounds import ALERTS, PEOPLE
from dispatch.log import head
from dispatch.models import screen_seen
from dispatch.vocabulary import REAL, Role
from layouts.grounds import table
from layouts.panel import Props
from layouts.screens import all_panels
from layouts.texts import Texts
from streams.look import Board
from streams.pictures import take
from streams.view import Moment, View
from tests.dispatch.centre import Centre
from tests.layouts.looking import attributes, buttons, nodes, props_of, said

LEADER = View(Role.LEADER, ("city",))
OFFICER = View(Role.OFFICER, ("city",))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_says_value_threshold_source_and_whether_it_is_met(
    centre: Centre, board: Board, lang: str
) -> None:
    t = Texts(lang)
    incident, _ = centre.incident(grade=3, severity=2, reading={"sensor": "x-9", "value": 7})
    centre.war(incident, "e", level=3, who="lead")
    shown = props_of("confirm", centre, board, View(Role.LEADER, ("city",), lang))
    row = next(one for one in shown["confirm-body", "rows"] if one["id"] == "grounds")
    words = said(row)
    assert t("grounds.enough", n=1, met=2, all=3) in words
    assert t("grounds.level_or_worse", level=t("level.3")) in words
    assert t("level.2") in words
    assert t.name({"zh": "gas源", "en": "Source gas"}) in words
    marks = [attributes(one)["data_done".replace("_", "-")] for one in nodes(row["node"])
             if one[0] == "i.ck"]  # fmt: skip
    assert sorted(marks) == ["open", "yes", "yes"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_counts_have_units_in_the_readers_words(lang: str) -> None:
    t = Texts(lang)
    usual = {"source": "", "source_name": None, "sign": "at_least", "met": True, "at": 1}
    inputs = [
        {**usual, "name": {"zh": "告警", "en": "Alerts"}, "value": 1, "unit": ALERTS,
         "threshold": 2},
        {**usual, "name": {"zh": "重伤", "en": "Injured"}, "value": 3, "unit": PEOPLE,
         "threshold": 1},
    ]  # fmt: skip
    shown = table({"grounds": {"enough": 1, "inputs": inputs}}, t)
    words = said(shown)
    expected = {"zh": ("≥ 2 条", "1 条", "≥ 1 人", "3 人"),
                "en": ("≥ 2 alerts", "1 alert", "≥ 1 person", "3 people")}  # fmt: skip
    assert [one for one in expected[lang] if one not in words] == []


def lags(centre: Centre) -> None:
    """A desk that last reported before the mode changed."""
    row = {
        "realm": REAL, "screen": "s-1", "account": "officer", "role": "officer", "name": "desk 1",
        "scope_json": '["city"]', "epoch": 0, "mode": "PEACETIME", "epoch_at": centre.now,
        "seen_at": centre.now,
    }  # fmt: skip
    centre.database.write(lambda c: c.execute(screen_seen.insert(), [row]))
    incident, _ = centre.incident()
    centre.war(incident, "e", level=4, who="lead")


def test_a_screen_that_lags_can_be_pushed_or_recorded_and_both_stay_in_sight(
    centre: Centre, board: Board
) -> None:
    lags(centre)
    t = Texts("zh")
    missing = props_of("screens", centre, board, OFFICER)["screens-missing", "rows"]
    acts = {one.get("data-act") for one in buttons(missing)}
    assert {"screen.push", "screen.unreachable"} <= acts
    centre.does("officer", "screen.push", screen="s-1")
    missing = props_of("screens", centre, board, OFFICER)["screens-missing", "rows"]
    assert t("screens.pushed", who="officer", at="12:00:00") in said(missing)
    centre.does("officer", "screen.unreachable", screen="s-1", reason="line cut")
    missing = props_of("screens", centre, board, OFFICER)["screens-missing", "rows"]
    assert "line cut" in said(missing)
    bodies = [attributes(one).get("data-body") for row in missing for one in nodes(row["node"])]
    assert json.dumps({"screen": "s-1"}) in bodies


def test_of_the_past_it_is_said_that_nobody_knows_which_screens_had_confirmed(
    centre: Centre, board: Board
) -> None:
    lags(centre)
    now = props_of("screens", centre, board, OFFICER)
    assert now["screens-count", "children"] == Texts("zh")("screens.count", n=0, all=1)
    before = centre.database.read(head)
    centre.hears()
    at_number = Moment(before, centre.now)
    at_time = Moment(centre.database.read(head), centre.now - 60_000)
    for moment in (at_number, at_time):
        shown = _screens(centre, board, moment)
        assert shown["screens-count", "children"] == "无记录"
        assert shown["screens-acts", "rows"] == []
        assert Texts("zh")("screens.last_alone") in said(shown["screens-missing", "rows"])


def test_a_clock_that_was_set_back_hides_no_screen(centre: Centre, board: Board) -> None:
    lags(centre)
    later = {"realm": REAL, "screen": "s-9", "account": "wall", "role": "wall", "name": "wall",
             "scope_json": '["city"]', "epoch": 0, "mode": "PEACETIME", "epoch_at": centre.now,
             "seen_at": centre.now + 3_600_000}  # fmt: skip
    centre.database.write(lambda c: c.execute(screen_seen.insert(), [later]))
    now = props_of("screens", centre, board, OFFICER)
    assert now["screens-count", "children"] == Texts("zh")("screens.count", n=0, all=1)


def _screens(centre: Centre, board: Board, moment: Moment) -> Props:
    panel = all_panels()["screens"]
    taken = centre.database.read(lambda c: take(board.look(c, moment), "screens", OFFICER))
    return panel.props({"screens": taken}, Texts("zh"), OFFICER)


def test_a_unit_whose_phone_lags_is_called_from_the_list_and_a_seat_by_telephone(
    centre: Centre, board: Board
) -> None:
    lags(centre)
    row = {
        "realm": REAL, "screen": "s-2", "account": "crew-FIR-E-01", "role": "responder",
        "name": "engine", "scope_json": '["e"]', "epoch": 0, "mode": "PEACETIME",
        "epoch_at": centre.now, "seen_at": centre.now,
    }  # fmt: skip
    centre.database.write(lambda c: c.execute(screen_seen.insert(), [row]))
    officer = next(one for one in board.city.people if one.id == "officer")
    known = replace(officer, phone="60020")
    people = tuple(known if one is officer else one for one in board.city.people)
    board.city = replace(board.city, people=people)
    missing = props_of("screens", centre, board, OFFICER)["screens-missing", "rows"]
    calls = [one.get("data-unit") for one in buttons(missing) if one.get("data-do") == "call-unit"]
    assert calls == ["FIR-E-01"]
    seat = next(row for row in missing if row["id"] == "s-1")
    assert Texts("zh")("screens.phone", number="60020") in said(seat["node"])


def test_a_step_that_is_late_says_since_when(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident()
    centre.passes(600)
    shown = props_of("steps", centre, board, View(Role.OFFICER, ("city",), "zh", incident))
    assert Texts("zh")("steps.late", at="12:10") in said(shown["steps-list", "rows"])
