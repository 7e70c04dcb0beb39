"""The responder's phone: one order, one next step, and what cannot be done with a reason."""

import json

import pytest
from sqlalchemy import insert

from dispatch.models import position
from dispatch.vocabulary import Role
from layouts.texts import Texts
from streams.look import Board
from streams.view import View
from tests.dispatch.centre import Centre, crew
from tests.layouts.looking import buttons, props_of, said

UNIT = "FIR-E-01"
PHONE = View(Role.RESPONDER, ("e",), subject=UNIT)


def next_button(centre: Centre, board: Board) -> dict[str, str]:
    rows = props_of("phone-action", centre, board, PHONE)[("phone-next", "rows")]
    return buttons(rows)[0]


def test_the_large_button_is_always_the_next_state(centre: Centre, board: Board) -> None:
    order = centre.order(UNIT)
    for to in ("ACKED", "EN_ROUTE", "ON_SCENE", "DONE"):
        button = next_button(centre, board)
        body = json.loads(button["data-body"])
        assert body.pop("to", "ACKED") == to
        assert body == {"order": order}
        centre.does(crew(UNIT), button["data-act"], **json.loads(button["data-body"]))
        assert centre.row(order)["state"] == to
    assert next_button(centre, board)["disabled"] is True


def test_only_what_ends_the_task_must_be_held(centre: Centre, board: Board) -> None:
    order = centre.order(UNIT)
    assert "data-hold" not in next_button(centre, board)
    centre.does(crew(UNIT), "order.acknowledge", order=order)
    for to in ("EN_ROUTE", "ON_SCENE"):
        centre.does(crew(UNIT), "order.advance", order=order, to=to)
    assert next_button(centre, board)["data-hold"] == 1000


def test_each_reason_declines_the_order_in_its_own_words(centre: Centre, board: Board) -> None:
    order = centre.order(UNIT)
    rows = props_of("phone-action", centre, board, PHONE)[("phone-reasons", "rows")]
    usual = [one for one in buttons(rows) if "data-need" not in one]
    assert len(usual) == 4
    centre.does(crew(UNIT), usual[0]["data-act"], **json.loads(usual[0]["data-body"]))
    assert centre.row(order)["state"] == "DECLINED"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_an_order_the_phone_says_so(centre: Centre, board: Board, lang: str) -> None:
    view = View(Role.RESPONDER, ("e",), lang, UNIT)
    rows = props_of("phone-task", centre, board, view)[("phone-order", "rows")]
    assert Texts(lang)("phone.no_order") in said(rows)


def test_the_order_says_what_where_from_whom_and_how_long(centre: Centre, board: Board) -> None:
    order = centre.order(UNIT, text="close the valve")
    shown = props_of("phone-task", centre, board, PHONE)[("phone-order", "rows")]
    for words in ("close the valve", order, UNIT, "officer"):
        assert words in said(shown)
    assert shown[0]["id"] == "limit"
    centre.does(crew(UNIT), "order.acknowledge", order=order)
    shown = props_of("phone-task", centre, board, PHONE)[("phone-order", "rows")]
    assert shown[0]["id"] == "steps"


def test_text_of_an_order_is_never_markup(centre: Centre, board: Board) -> None:
    centre.order(UNIT, text="<img src=x onerror=alert(1)>")
    shown = props_of("phone-task", centre, board, PHONE)[("phone-order", "rows")]
    assert "<img src=x onerror=alert(1)>" in said(shown)
    assert not [one for one in json.loads(json.dumps(shown)) if "innerHTML" in json.dumps(one)]


def points(centre: Centre, board: Board) -> dict[str, dict[str, object]]:
    shown = props_of("phone-map", centre, board, PHONE)["phone-map-points", "rows"]
    return {row["id"]: row for row in shown}


def test_once_signed_the_map_shows_the_goal_the_own_place_and_how_far(
    centre: Centre, board: Board
) -> None:
    order = centre.order(UNIT)
    assert points(centre, board) == {}, "first the order is read and signed"
    centre.does(crew(UNIT), "order.acknowledge", order=order)
    assert set(points(centre, board)) == {"goal"}
    place = {"realm": "real", "unit": UNIT, "at": centre.now, "received_at": centre.now}
    place |= {"lat": 37.06, "lon": 118.05, "source": "positions"}
    centre.database.write(lambda c: c.execute(insert(position).values(**place)))
    assert points(centre, board)["self"]["lat"] == 37.06
    note = props_of("phone-map", centre, board, PHONE)["phone-map-note", "children"]
    assert note == Texts("zh")("phone.straight", km="1.1")


@pytest.mark.parametrize(("kind", "key"), [("fire", "fire"), ("unheard-of", "accident")])
def test_the_hazard_is_told_by_the_kind_of_event(
    centre: Centre, board: Board, kind: str, key: str
) -> None:
    incident, _ = centre.incident(type=kind)
    centre.order(UNIT, incident=incident)
    shown = props_of("phone-task", centre, board, PHONE)["phone-order", "rows"]
    assert Texts("zh")(f"hazard.{key}") in said(shown)
