"""What is remembered of the store has an end, however long a process runs."""

from collections import defaultdict

import pytest

from streams.kept import TURN_S, Kept
from streams.look import Board
from tests.dispatch.centre import Centre
from tests.streams.conftest import Take

FEW = 8


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def held(kept: Kept[str], count: int) -> list[int]:
    return [n for n in range(count) if kept.get(n) is not None]


def test_no_more_than_two_turns_of_things_are_held() -> None:
    kept: Kept[str] = Kept(FEW, Clock())
    for n in range(10 * FEW):
        kept.put(n, str(n))
        assert len(kept) <= 2 * FEW
    assert held(kept, 10 * FEW) == list(range(8 * FEW, 10 * FEW))


def test_what_is_asked_for_stays_and_the_rest_goes_after_its_turn() -> None:
    clock = Clock()
    kept: Kept[str] = Kept(FEW, clock)
    kept.put("asked", "a")
    kept.put("left", "l")
    for turn in range(1, 6):
        clock.at = turn * TURN_S
        kept.put(turn, str(turn))
        assert kept.get("asked") == "a"
    assert kept.get("left") is None
    assert len(kept) == 3, "the asked one and those of the last two turns"


def test_a_thing_put_anew_replaces_the_one_before() -> None:
    clock = Clock()
    kept: Kept[str] = Kept(FEW, clock)
    kept.put("one", "old")
    clock.at = TURN_S
    kept.put("one", "new")
    assert (kept.get("one"), len(kept)) == ("new", 1)


def test_a_process_remembers_few_rows_and_a_picture_has_all_of_them(
    centre: Centre, board: Board, picture: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "_kept", defaultdict(lambda: Kept(FEW)))
    monkeypatch.setattr(board, "_made", Kept(FEW))
    made = [centre.hears(ext_id=f"n-{n}", title=f"leak {n}")["alert"] for n in range(3 * FEW)]
    for _ in range(2):
        assert {row["id"] for row in picture("alerts")["alerts"]} == set(made)
    assert all(len(rows) <= 2 * FEW for rows in board._kept.values())
    assert len(board._made) <= 2 * FEW
