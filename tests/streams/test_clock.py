"""A clock that was set stands on the desk until somebody has compared the time."""

from typing import Any

import pytest

from dispatch import jumps, lease
from streams.look import Board
from streams.worker import Worker
from tests.dispatch.centre import Centre
from tests.streams.conftest import CITY_DESK, Take

HOUR_MS = 3_600_000
BASE = 1_000_000


def is_set(centre: Centre, by: int, offset: int) -> None:
    centre.now += by
    epoch = lease.take(centre.database, "worker", centre.now) or 0
    jumps.settle(centre.writer, "boot-1", offset, centre.now, epoch)


@pytest.fixture
def set_forward(centre: Centre) -> dict[str, Any]:
    is_set(centre, 0, BASE)
    centre.hears(severity=1)
    is_set(centre, HOUR_MS, BASE + HOUR_MS)
    return {"jump": centre.events()[-1].seq}


def test_the_desk_is_told_until_somebody_has_compared_the_time(
    centre: Centre, picture: Take, set_forward: dict[str, Any]
) -> None:
    told = picture("clock", CITY_DESK)["jump"]
    assert (told["seq"], told["by_ms"]) == (set_forward["jump"], HOUR_MS)
    assert told["timers"] > 0
    centre.does("lead", "clock.confirm", **set_forward)
    assert picture("clock", CITY_DESK) == {"jump": None}


def test_a_jump_that_is_taken_back_settles_itself(
    centre: Centre, picture: Take, set_forward: dict[str, Any]
) -> None:
    is_set(centre, -HOUR_MS, BASE)
    assert picture("clock", CITY_DESK) == {"jump": None}
    assert [one.type for one in centre.events()].count("ClockJumped") == 2


def test_a_worker_moves_the_limits_before_it_fires(centre: Centre, board: Board) -> None:
    offset = [BASE]
    worker = Worker(
        centre.database,
        centre.writer,
        centre.city,
        board,
        "",
        now=lambda: centre.now,
        offset=lambda: offset[0],
    )
    assert worker.tick() == 0
    alert = centre.hears(severity=1)["alert"]
    centre.now += HOUR_MS
    offset[0] += HOUR_MS
    assert worker.tick() == 0
    centre.now += 61_000
    assert worker.tick() == 1
    said = [one for one in centre.events() if one.subject == alert]
    assert [one.type for one in said] == ["AlertReceived", "AlertEscalated"]
