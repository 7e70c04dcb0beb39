"""What holds the runs to the promise: each check fails when it should, and not before."""

import asyncio
import os
import random
import time
from typing import Any, cast

import psutil
import pytest

from tests.faults import figures, invariants, matrix, sounds
from tests.faults.__main__ import tell
from tests.faults.bench import Outcome
from tests.faults.calm import doomed, lesser, measures
from tests.faults.intents import People
from tests.faults.invariants import Watched
from tests.faults.product import Product
from tests.faults.rows import Found
from tests.faults.schedule import Fault, Schedule
from tests.faults.sounds import Ear
from tests.faults.troubles import BACK_MS, Troubles
from tests.faults.vigil import Kept, Vigil

DUE = 10_000


def during(*spans: tuple[str, str, float, float]) -> Troubles:
    found = Troubles()
    for kind, target, start, end in spans:
        found.note(Fault(kind, target, 0, 0), start, end)
    return found


def test_one_worker_alone_or_a_busy_machine_excuses_no_late_step() -> None:
    for kind, target in (
        ("worker_stop", "worker-1"),
        ("worker_kill", "worker-2"),
        ("cpu_burners", ""),
        ("redis_kill", "redis"),
        ("web_stop", "web-1"),
    ):
        assert during((kind, target, DUE - 500, DUE + 5_000)).excuse(DUE) == 0


def test_workers_that_were_down_one_after_the_other_excuse_nothing() -> None:
    apart = during(
        ("worker_stop", "worker-1", DUE - 9_000, DUE - 5_000),
        ("worker_stop", "worker-2", DUE - 500, DUE + 5_000),
    )
    assert apart.excuse(DUE) == 0


def test_both_workers_down_at_once_excuse_until_the_first_is_back() -> None:
    both = during(
        ("worker_stop", "worker-1", DUE - 500, DUE + 5_000),
        ("worker_kill", "worker-2", DUE - 100, DUE + 1_000),
    )
    assert both.excuse(DUE) == 1_000 + BACK_MS


def test_a_store_that_takes_nothing_excuses_until_it_does() -> None:
    locked = during(("store_locked", "store", DUE - 100, DUE + 700))
    assert locked.excuse(DUE) == 700 + BACK_MS
    assert locked.excuse(DUE + 60_000) == 0


def test_a_step_that_falls_due_while_the_log_is_read_is_not_missing() -> None:
    """What the log held when it was asked is held against that moment, however long it took."""
    latest = round(time.time() * 1000) + 1_500
    vigil = Vigil(cast(People, None), "desk", "lead", [], random.Random(0))
    step = Watched("ZL-1", (latest - invariants.LATE_MS,))
    vigil._kept.append(Kept(step, "U-1", 0, "EV-1"))

    async def slow(_since: int) -> list[dict[str, Any]]:
        await asyncio.sleep(max(0.0, latest / 1000 - time.time()) + 0.05)
        return []

    assert asyncio.run(vigil.broken(slow, lambda _due: 0.0)) == []
    assert asyncio.run(vigil.broken(slow, lambda _due: 0.0))


def test_an_alert_that_is_escalated_twice_or_never_is_seen() -> None:
    def told(subject: str, step: int = 1, type: str = "AlertEscalated") -> dict[str, Any]:
        return {"type": type, "subject": subject, "body": {"step": step}}

    mine, others = ["AL-1", "AL-2"], [told("AL-9"), told("AL-9"), told("AL-1", type="AlertRung")]
    good = [*others, told("AL-1"), told("AL-2"), told("AL-2", step=2)]
    assert invariants.escalated_once(mine, good) == []
    (twice,) = invariants.escalated_once(mine, [*good, told("AL-2")])
    (never,) = invariants.escalated_once(mine, [*others, told("AL-1")])
    assert "AL-2 happened 2 times" in str(twice)
    assert "AL-2 has not happened" in str(never)


def test_what_nobody_closed_is_seen_and_what_stands_on_purpose_is_not() -> None:
    def alert(id: str, state: str, incident: str | None, closed: int | None) -> dict[str, Any]:
        return {"id": id, "state": state, "incident": incident, "closed_at": closed}

    closed = [alert("AL-1", "LINKED", "EV-1", 5), alert("AL-2", "CANCELLED", None, 5)]
    stands = [alert("AL-3", "LINKED", "EV-9", None)]
    ours = {"id": "ZL-1", "state": "ISSUED", "incident": "EV-9"}
    right: dict[str, Any] = {
        "alerts": {"alerts": closed + stands},
        "orders": {"orders": [ours]},
        "activations": {"active": [], "proposed": []},
    }
    assert invariants.finished(right, {"EV-9"}) == []
    theirs = {"id": "ZL-2", "state": "ISSUED", "incident": "EV-1"}
    for name, wrong in (
        ("alerts", {"alerts": [alert("AL-4", "NEW", None, None)]}),
        ("orders", {"orders": [ours, theirs]}),
        ("activations", {"active": [{**theirs, "id": "AC-1"}], "proposed": []}),
    ):
        (told,) = invariants.finished({**right, name: wrong}, {"EV-9"})
        assert "is left" in told.what


def test_what_a_process_uses_may_grow_by_a_tenth_and_what_is_spare() -> None:
    was = {"web:1": {"threads": 20.0, "files": 50.0, "mb": 200.0}}
    for measure, value in was["web:1"].items():
        most = value * invariants.GROWTH + invariants.SPARE[measure]
        assert not invariants.grown(was, {"web:1": {**was["web:1"], measure: most}})
        (told,) = invariants.grown(was, {"web:1": {**was["web:1"], measure: most + 1}})
        assert told.invariant == "I10"
        assert measure in told.what
    assert not invariants.grown(was, {"web:2": {"threads": 99.0, "files": 999.0, "mb": 9_999.0}})


def test_a_base_is_the_lesser_of_two_looks_and_the_later_memory() -> None:
    first, then = (
        {"threads": 9.0, "files": 30.0, "mb": 200.0},
        {"threads": 7, "files": 40, "mb": 90},
    )
    assert lesser(first, then) == {"threads": 7, "files": 30, "mb": 90}


def test_who_is_about_to_be_killed_is_known_beforehand() -> None:
    faults = [
        Fault("web_kill", "web-2", 0, 0),
        Fault("worker_stop", "worker-1", 0, 0),
        Fault("store_kill", "store", 0, 0),
    ]
    assert doomed(Schedule(1, "postgres", tuple(faults))) == {"web-2", "postgres"}


def sounding(seq: int, type: str = "AlertReceived", **more: Any) -> dict[str, Any]:
    event = {"seq": seq, "type": type, "subject": f"AL-{seq}", "at": 1_000, "scope": ["gk"]}
    return {**event, "body": {"level": 2}, **more}


def test_what_must_sound_is_missed_when_it_did_not_and_told_when_it_did_twice() -> None:
    desk, events = Ear("desk", sounds.DESK), [sounding(1), sounding(2)]
    assert sounds.once(desk, [1, 2], events, 5_000) == []
    assert "did not hear" in sounds.once(desk, [1], events, 5_000)[0].what
    assert "2 times" in sounds.once(desk, [1, 2, 2], events, 5_000)[0].what


@pytest.mark.parametrize(
    ("ear", "event"),
    [
        (Ear("desk", sounds.DESK), sounding(1, body={"level": 4})),
        (Ear("desk", sounds.DESK), sounding(1, "AlertAcknowledged")),
        (Ear("desk", sounds.DESK, ("dc",)), sounding(1)),
        (Ear("wall", sounds.WALL), sounding(1)),
        (
            Ear("phone", sounds.PHONE, unit="U-1"),
            sounding(1, "OrderCancelled", body={"unit": "U-2"}),
        ),
        (Ear("desk", sounds.DESK), sounding(1, at=-30_000)),
    ],
)
def test_what_need_not_sound_is_not_missed(ear: Ear, event: dict[str, Any]) -> None:
    assert sounds.once(ear, [], [event], 5_000) == []


def test_a_mark_that_nobody_sees_is_a_lie_too() -> None:
    seen: dict[str, list[Any]] = {"lies": [], "unseen": []}
    assert invariants.honesty(seen) == []
    assert len(invariants.honesty({"lies": [3_200], "unseen": ["covered"]})) == 2


def test_screens_that_agree_after_two_seconds_are_late() -> None:
    assert invariants.in_time(2.0) == []
    assert invariants.in_time(2.01)


def outcome(seed: int, converge_s: float, *kinds: str) -> Outcome:
    faults = tuple(Fault(kind, "", 0, 0) for kind in kinds)
    return Outcome(Schedule(seed, "sqlite", faults), converge_s=converge_s)


def test_a_row_that_was_not_done_is_named_with_its_reason() -> None:
    done = [outcome(1, 0.1, "redis_kill")]
    extra = Found(ran={"F15"}, not_run={"F19": matrix.NO_DISK})
    told = dict(one.split(": ", 1) for one in figures.summary(done, [], extra)["not_run"])
    assert not {"F1", "F15", "F49"} & told.keys()
    assert told["F19"] == matrix.NO_DISK
    assert told["F2"] == "not drawn"
    assert told["F16"] == "not asked for"
    assert told["F29"] == "by make bench-storm (tests/bench/storm.py)"
    assert told["F47"].startswith("by make test")
    assert told.keys() | {"F1", "F15", "F49"} == {row.id for row in matrix.MATRIX}


@pytest.mark.parametrize(
    ("change", "short"),
    [
        ({}, 0),
        ({"lost": 1}, 1),
        ({"doubled": 2}, 1),
        ({"schedules": 99}, 1),
        ({"converge_max_s": 2.01}, 1),
        ({"converge_p99_s": 1.21}, 1),
        ({"converge_p99_s": 1.21, "converged": 99}, 0),
        ({"stale_max_s": 3.01}, 1),
        ({"stale_max_s": None}, 1),
        ({"stale_max_s": None, "rows": 0}, 0),
        ({"order_p99_redis_dead_ms": 301.0}, 1),
        ({"order_p99_redis_dead_ms": 301.0, "orders_redis_dead": 99}, 0),
    ],
)
def test_a_figure_that_misses_its_aim_is_said_and_ends_the_run_as_failed(
    change: dict[str, Any], short: int, capsys: pytest.CaptureFixture[str]
) -> None:
    good = figures.summary([outcome(n, 0.5) for n in range(100)], [20.0] * 100, Found(ran={"F8"}))
    result = {**good, "stale_max_s": 2.7, **change}
    assert len(figures.missed(result, 100)) == short
    assert tell(result, 100) == (1 if short else 0)
    assert capsys.readouterr().out.count("MISSED") == short


class _Young:
    """A product whose only process is this test's own."""

    members = ("web-1",)

    def family(self, member: str) -> list[psutil.Process]:
        return [psutil.Process()]


def test_a_process_that_is_still_starting_is_no_base_for_what_it_uses_later() -> None:
    mine = f"web-1:{os.getpid()}"
    product = cast(Product, _Young())
    assert mine in measures(product)
    assert mine not in measures(product, 86_400.0)


def test_who_is_only_late_is_told_from_who_lost_something() -> None:
    schedule = Schedule(1, "sqlite", ())
    late = invariants.in_time(2.5)
    assert Outcome(schedule, converge_s=2.5, broken=late).only_late
    assert not Outcome(schedule, converge_s=1.5, broken=[]).only_late
    worse = [*late, invariants.Broken("I1", "one is not in the log")]
    assert not Outcome(schedule, converge_s=2.5, broken=worse).only_late
    assert not Outcome(schedule, converge_s=1.5, broken=worse[1:]).only_late
