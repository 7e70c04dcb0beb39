"""On a weak line pictures go first, sound stays; what was taken away is tried again."""

import time

from video.sfu_ears import CALM_S, VIDEO_SLOTS, Line

MUCH = 600_000


def test_a_good_line_keeps_its_pictures() -> None:
    line, now = Line(), time.monotonic()
    for second in range(60):
        line.hear_loss(0.0)
        line.hear_bitrate(100_000)  # a small estimate alone says nothing: little was sent
        assert not line.judge(MUCH, now + second)
    assert line.allowed == VIDEO_SLOTS


def test_a_line_that_loses_gets_fewer_pictures_and_later_more_again() -> None:
    line, now = Line(), time.monotonic() + 10
    taken = 0
    for second in range(16):
        line.hear_loss(0.3)
        taken += line.judge(MUCH, now + 2 * second)
    assert line.allowed == 0
    assert taken == VIDEO_SLOTS - line.allowed
    before = line.allowed
    for second in range(200):
        line.hear_loss(0.0)
        line.judge(MUCH, now + 32 + second)
    assert line.allowed > before


def test_what_failed_once_is_tried_more_rarely() -> None:
    line, now = Line(), time.monotonic() + 10
    for second in range(3):
        line.hear_loss(0.5)
        line.judge(MUCH, now + second)
    assert line._calm_s > CALM_S
