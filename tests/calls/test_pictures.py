"""Calls as they were: a picture asked for later is the one that was live."""

import random
from typing import Any

import pytest

from dispatch import calls
from dispatch.city import City
from dispatch.errors import Refused
from dispatch.log import Request, head
from dispatch.models import call, incident, party
from dispatch.vocabulary import Role
from streams.look import Board
from streams.pictures import take
from streams.view import Moment, View
from tests.dispatch.centre import Centre, crew

UNIT = "FIR-E-01"
DESK, WEST = View(Role.OFFICER, ("city",), "zh", ""), View(Role.OFFICER, ("w",), "zh", "")
PHONE = View(Role.RESPONDER, ("e",), "zh", UNIT)
LOOKS = (("calls", DESK), ("calls", WEST), ("phone_calls", PHONE), ("recordings", DESK))


@pytest.fixture
def board(city: City) -> Board:
    return Board(city, lambda key: {"zh": key, "en": key})


def step(centre: Centre, dice: random.Random) -> None:
    """Somebody does something with a call."""
    centre.now += dice.randrange(1, 30_000)
    on = [row["id"] for row in centre.rows(call)] or ["none"]
    id, name = dice.choice(on), dice.choice([crew(UNIT), "officer", "leader"])
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("officer", "call.open", {"incident": dice.choice(centre.rows(incident))["id"]}),
        ("leader", "call.open", {"unit": UNIT}),
        ("officer", "call.invite", {"call": id, "unit": UNIT}),
        *((name, "call.join", {"call": id}) for _ in range(4)),
        (name, "call.hand", {"call": id, "up": dice.random() < 0.5}),
        (name, "call.leave", {"call": id}),
        ("officer", "call.mute", {"call": id, "party": name, "muted": dice.random() < 0.5}),
        ("officer", "call.remove", {"call": id, "party": name}),
        ("officer", "call.end", {"call": id}),
    ]
    who, what, body = dice.choice(acts)
    try:
        centre.does(who, what, **body)
    except Refused:
        pass
    seen = {id: [name]} if dice.random() < 0.5 else {}
    key = f"see-{centre.now}"
    run = lambda work: calls.observe(work, seen, 5_000)  # noqa: E731
    centre.writer.command(Request("calls", key, {}, run, centre.now))


def look(centre: Centre, board: Board, moment: Moment | None = None) -> list[Any]:
    def read(connection: Any) -> list[Any]:
        at = moment or Moment(head(connection), centre.now)
        eyes = board.look(connection, at)
        return [at, [take(eyes, name, view) for name, view in LOOKS]]

    return centre.database.read(read)


def test_what_was_shown_of_calls_can_be_shown_again(centre: Centre, board: Board) -> None:
    for _ in range(2):
        centre.incident(type="other")
    centre.order(UNIT)
    dice, shots = random.Random(7), []
    for _ in range(40):
        step(centre, dice)
        shots.append(look(centre, board))
    assert any(shot[1][0]["calls"] for shot in shots)
    assert any(shot[1][2]["calls"] for shot in shots)
    assert not any(shot[1][1]["calls"] for shot in shots), "the west sees calls of the east"
    for at, pictures in shots:
        assert look(centre, board, at)[1] == pictures, at
    assert len(centre.rows(party)) >= 2
