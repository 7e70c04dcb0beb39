"""A sender's own count: holes are seen, filled, and not invented."""

import pytest

from streams.numbers import HOLES, Numbering, read, shown, stored


def heard(*numbers: int) -> Numbering:
    """A count that heard these, and was stored and read again after each."""
    one = Numbering()
    for number in numbers:
        one.hear(number, at=1_000)
        one = read(stored(one))
    return one


@pytest.mark.parametrize(
    ("numbers", "missing", "holes"),
    [
        ((7,), 0, []),
        ((1, 2, 3), 0, []),
        ((1, 2, 5), 2, [(3, 4)]),
        ((1, 5, 3), 2, [(2, 2), (4, 4)]),
        ((1, 4, 2, 3), 0, []),
        ((1, 3, 3, 1, 6), 3, [(2, 2), (4, 5)]),
        ((1, 2, 5, 1, 2, 3), 2, []),
        ((0, 1, 2, 0, 1, 2), 0, []),
        ((1, 2, 3, 4, 1, 5), 0, []),
        ((500, 501, 502, 500, 501, 502, 503), 0, []),
        ((10, 20, 1, 2, 4), 10, [(3, 3)]),
    ],
)
def test_what_is_missing_of_a_count(
    numbers: tuple[int, ...], missing: int, holes: list[tuple[int, int]]
) -> None:
    one = heard(*numbers)
    assert one.missing == missing
    assert [(hole.first, hole.last) for hole in one.holes] == holes


def test_many_holes_are_counted_and_the_latest_remembered() -> None:
    one = heard(*range(0, 400, 2))
    assert one.missing == 199
    assert len(one.holes) == HOLES
    assert one.holes[-1].last == 397


def test_a_hole_is_shown_when_it_stands() -> None:
    kept = stored(heard(1, 4))
    assert shown(kept, now=2_000) == []
    assert shown(kept, now=4_000) == [{"first": 2, "last": 3, "at": 1_000}]
    assert shown(None, now=4_000) == []
