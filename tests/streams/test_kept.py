"""What is remembered of the store has an end, however long a process runs."""

import pytest

from streams import look
from streams.kept import forget_oldest
from streams.look import Board
from tests.dispatch.centre import Centre
from tests.streams.conftest import Take

FEW = 8


def test_the_oldest_quarter_goes_when_there_are_too_many() -> None:
    kept: dict[object, int] = {n: n for n in range(FEW)}
    forget_oldest(kept, FEW)
    assert list(kept) == list(range(FEW))
    kept[FEW] = FEW
    forget_oldest(kept, FEW)
    assert list(kept) == [3, 4, 5, 6, 7, 8]


def test_a_process_remembers_few_rows_and_a_picture_has_all_of_them(
    centre: Centre, board: Board, picture: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "KEPT", FEW)
    made = [centre.hears(ext_id=f"n-{n}", title=f"leak {n}")["alert"] for n in range(3 * FEW)]
    for _ in range(2):
        assert {row["id"] for row in picture("alerts")["alerts"]} == set(made)
    assert all(len(rows) <= FEW for rows in board._kept.values())
    assert len(board._made) <= FEW
