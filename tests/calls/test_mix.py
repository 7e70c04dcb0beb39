"""The mix keeps time: what voices have kept over a pause of the process is heard, not dropped."""

import pytest

from video.mix import FRAME_S, MOST, next_frame


def frames(pause_s: float, length_s: float = 1.0) -> int:
    """How many frames are mixed in so long a time in which the process once stood still."""
    due = now = count = 0.0
    stood = False
    while now < length_s:
        due = next_frame(due, now)
        now = max(now, due)
        count += 1
        if not stood and now >= length_s / 2:
            now, stood = now + pause_s, True
    return round(count)


@pytest.mark.parametrize("pause_s", [0.0, 0.05, 0.08, 0.1, MOST * FRAME_S])
def test_no_frame_is_dropped_after_a_short_pause(pause_s: float) -> None:
    assert frames(pause_s) >= 1.0 / FRAME_S - 1


def test_after_a_long_pause_it_does_not_race_through_silence() -> None:
    pause_s = 0.4
    assert frames(pause_s) <= (1.0 - pause_s) / FRAME_S + MOST + 1
