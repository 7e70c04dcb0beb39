"""The worker: timers fire once under the lease, indicators follow, counters are kept."""

import threading
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from dispatch.log import events_after
from dispatch.models import alert, position, reading
from streams.background import every, now_and_then
from streams.look import Board
from streams.retention import Days, forget
from streams.worker import Worker
from tests.dispatch.centre import Centre
from tests.streams.conftest import CITY_DESK, Take
from tests.streams.test_indicators import speaks
from tests.streams.waiting import running, wait_for


def worker(centre: Centre, board: Board) -> Worker:
    return Worker(centre.database, centre.writer, centre.city, board, "", now=lambda: centre.now)


def test_a_due_timer_fires_once_however_many_workers_there_are(
    centre: Centre, board: Board
) -> None:
    first, second = worker(centre, board), worker(centre, board)
    centre.hears(severity=1)
    assert first.tick() == 0
    centre.now += 61_000
    assert [first.tick(), second.tick(), first.tick()] == [1, 0, 0]
    assert centre.told().count("AlertEscalated") == 1


def test_a_timer_that_cannot_be_fired_keeps_no_other_from_it_and_is_told(
    centre: Centre, board: Board, picture: Take, caplog: pytest.LogCaptureFixture
) -> None:
    work = worker(centre, board)
    spoilt, whole = (centre.hears(severity=1, lat=37.05 + n / 50)["alert"] for n in range(2))
    centre.database.write(
        lambda c: c.execute(update(alert).where(alert.c.id == spoilt).values(scope_json="["))
    )
    centre.now += 61_000
    assert [work.tick(), work.tick()] == [1, 0]
    events = centre.database.read(lambda connection: events_after(connection, 0))
    assert [one.subject for one in events if one.type == "AlertEscalated"] == [whole]
    assert caplog.text.count("cannot be fired") == 1
    assert picture("unfired") == {"timers": 0, "since": None}
    centre.now += 5_000
    late = picture("unfired")
    assert (late["timers"], late["since"]) == (1, centre.now - 6_000)


def test_another_worker_takes_over_when_one_is_gone(centre: Centre, board: Board) -> None:
    worker(centre, board).tick()
    centre.hears(severity=1)
    centre.now += 64_000
    assert worker(centre, board).tick() == 1


def test_the_share_of_signed_orders_follows_its_events(
    centre: Centre, board: Board, picture: Take
) -> None:
    work = worker(centre, board)
    work.measure()
    work.follow()
    order = centre.order("FIR-E-01")
    centre.now += 2_000
    centre.does("crew-FIR-E-01", "order.acknowledge", order=order)
    centre.now += 1_000
    work.follow()
    tile = picture("indicators", CITY_DESK)["tiles"][0]
    assert (tile["id"], tile["value"]) == ("order_ack_rate", 100.0)


def test_a_source_is_seen_as_it_was(centre: Centre, board: Board, picture: Take) -> None:
    speaks(centre, "gas")
    worker(centre, board).measure()
    then, state = centre.now, _gas(picture("sources"))
    assert (state["state"], state["accepted"]) == ("ok", 1)
    centre.now += 3_600_000
    centre.database.write(
        lambda c: c.exec_driver_sql(
            f"UPDATE source_seen SET last_at = {centre.now}, accepted = 900 WHERE source = 'gas'"
        )
    )
    assert _gas(picture("sources"))["accepted"] == 900
    assert _gas(picture("sources", now=then)) == state
    assert _gas(picture("sources", now=then + 400_000))["state"] == "dead"


def _gas(sources: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in sources["sources"] if one["id"] == "gas")


def test_a_task_that_fails_goes_on_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise RuntimeError("not today")

    with running(every(0.01, call, "the thing")):
        wait_for(lambda: len(calls) > 5, 15)
    assert caplog.text.count("the thing failed") == 1


def test_a_question_is_really_asked_only_now_and_then() -> None:
    asked: list[int] = []
    ask = now_and_then(0.05, lambda: asked.append(1) is None and len(asked) != 2)
    assert ask()
    assert ask()
    assert len(asked) == 1
    wait_for(lambda: not ask(), 15)
    assert len(asked) == 2
    wait_for(ask, 15)


def test_every_task_ends_when_it_is_told_to(centre: Centre, board: Board) -> None:
    with running(*worker(centre, board).tasks()) as stop:
        assert isinstance(stop, threading.Event)


def test_old_telemetry_is_forgotten_and_nothing_else(centre: Centre, board: Board) -> None:
    days = 86_400_000
    for ago in (0, 6, 8, 40):
        at = centre.now - ago * days
        row = {"realm": "real", "at": at, "received_at": at, "source": "x"}
        place = {**row, "unit": "FIR-E-01", "lat": 37.0, "lon": 118.0}
        value = {**row, "sensor": "m.power.e", "value": 1.0, "quality": "measured"}
        centre.database.write(lambda c, p=place: c.execute(insert(position).values(**p)))
        centre.database.write(lambda c, v=value: c.execute(insert(reading).values(**v)))
    worker(centre, board).forget()
    left = centre.database.read(
        lambda c: [len(c.execute(select(table)).all()) for table in (position, reading)]
    )
    assert left == [2, 3]


def test_how_long_readings_are_kept_can_be_set(centre: Centre, board: Board) -> None:
    for days in (1, 3):
        row = {"realm": "real", "sensor": "m.power.e", "at": centre.now - days * 86_400_000}
        row |= {"received_at": centre.now, "value": 1.0, "quality": "measured", "source": "power"}
        centre.database.write(lambda c, one=row: c.execute(insert(reading).values(**one)))
    kept = Days(readings=2)
    assert forget(centre.database, centre.city, centre.now, days=kept) == 1
    assert forget(centre.database, centre.city, centre.now, days=kept) == 0
