"""The clock that goes on for a moment when somebody sets the machine's."""

import pytest

from dispatch import clock


def test_a_set_clock_is_taken_over_only_when_what_is_stored_was_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offset = [clock.offset_ms()]
    now = clock.Undisturbed(lambda: offset[0])
    before = now()
    offset[0] += 7_200_000
    assert 0 <= now() - before < 1_000
    monkeypatch.setattr(clock, "SETTLED_S", -1.0)
    assert 7_200_000 <= now() - before < 7_201_000


def test_a_jump_that_is_taken_back_at_once_is_never_seen() -> None:
    offset = [clock.offset_ms()]
    now = clock.Undisturbed(lambda: offset[0])
    before = now()
    for moved in (3_600_000, 0, 3_600_000):
        offset[0] = clock.offset_ms() + moved
        assert 0 <= now() - before < 1_000


def test_the_offset_is_the_same_whoever_asks_and_the_machine_has_a_name() -> None:
    assert abs(clock.offset_ms() - clock.offset_ms()) <= 1
    assert clock.machine() == clock.machine() != ""
