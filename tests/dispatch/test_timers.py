"""Timers: each fires once, in time, only by the holder of the lease; an auditor sees the rest."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from dispatch import lease, timers
from dispatch.database import Database
from dispatch.errors import Conflict, NotFound
from dispatch.models import timer
from dispatch.vocabulary import TimerKind
from dispatch.writer import Writer
from tests.dispatch.centre import Centre, crew

UNIT = "FIR-E-01"


def urgent(centre: Centre) -> str:
    """An order that must be signed within 60 s, alone with its timers."""
    incident, _ = centre.incident(type="other", severity=4)
    return centre.order(UNIT, incident=incident, ack_limit=60)


def steps(centre: Centre) -> list[int]:
    return [e.body["step"] for e in centre.events() if e.type == "OrderEscalated"]


def test_an_unsigned_order_is_pushed_again_then_called_then_given_on(centre: Centre) -> None:
    id = urgent(centre)
    begun = centre.now
    for seconds, step in ((60, 1), (30, 2), (30, 3)):
        centre.passes(seconds - 0.001)
        assert centre.row(id)["escalation"] == step - 1
        centre.passes(0.001)
        assert centre.row(id)["escalation"] == step
    assert centre.row(id)["reminded_at"] == begun + 60_000
    assert centre.row(id)["proposed"] == "FIR-W-01"
    centre.passes(3600)
    assert steps(centre) == [1, 2, 3]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("order.acknowledge", {}),
        ("order.decline", {"reason": "no"}),
        ("order.advance", {"to": "EN_ROUTE"}),
    ],
)
def test_an_answer_ends_the_escalation(
    centre: Centre, answer: str, said: dict[str, object]
) -> None:
    id = urgent(centre)
    centre.passes(61)
    centre.does(crew(UNIT), answer, order=id, **said)
    assert centre.passes(3600) == []
    assert steps(centre) == [1]


@pytest.mark.parametrize("name", ["order.deliver", "order.read"])
def test_to_be_read_is_not_to_be_signed(centre: Centre, name: str) -> None:
    id = urgent(centre)
    centre.does(crew(UNIT), name, order=id)
    centre.passes(61)
    assert steps(centre) == [1]


def test_after_a_pause_of_the_workers_every_step_still_comes_once(centre: Centre) -> None:
    urgent(centre)
    centre.passes(86_400)
    assert steps(centre) == [1, 2, 3]


def test_two_workers_that_race_escalate_once(centre: Centre) -> None:
    urgent(centre)
    centre.now += 200_000
    epoch = lease.take(centre.database, "one", centre.now)
    assert epoch is not None
    due = centre.database.read(lambda c: timers.due(c, centre.now))
    other = Writer(Database(centre.database.url), lambda events: None)

    def fire(one: timers.Timer, n: int) -> bool:
        writer = (centre.writer, other)[n % 2]
        return timers.fire(writer, centre.city, one, centre.now, epoch).fresh

    with ThreadPoolExecutor(8) as pool:
        fresh = [sum(pool.map(fire, [one] * 8, range(8))) for one in due]
    other.close()
    assert fresh == [1, 1, 1]
    assert steps(centre) == [1, 2, 3]


def test_a_former_leader_is_fenced_out(centre: Centre) -> None:
    urgent(centre)
    centre.now += 61_000
    old = lease.take(centre.database, "old", centre.now)
    (due,) = centre.database.read(lambda c: timers.due(c, centre.now))
    centre.now += lease.TTL_MS + 1
    new = lease.take(centre.database, "new", centre.now)
    assert (old, new) == (1, 2)
    with pytest.raises(Conflict) as refused:
        timers.fire(centre.writer, centre.city, due, centre.now, 1)
    assert refused.value.code == "lease_lost"
    assert steps(centre) == []
    timers.fire(centre.writer, centre.city, due, centre.now, 2)
    assert steps(centre) == [1]


def test_a_lease_is_kept_by_its_holder_and_taken_when_it_expires(centre: Centre) -> None:
    store, now, ttl = centre.database, centre.now, lease.TTL_MS
    half = ttl // 2
    assert lease.take(store, "one", now) == 1
    assert lease.take(store, "two", now + half) is None
    assert lease.take(store, "one", now + half) == 1
    assert lease.take(store, "two", now + half + ttl) is None
    assert lease.take(store, "two", now + half + ttl + 1) == 2
    assert lease.take(store, "one", now + half + ttl + 2) is None
    lease.release(store, "one")
    assert lease.take(store, "one", now + half + ttl + 3) is None
    lease.release(store, "two")
    assert lease.take(store, "one", now + half + ttl + 4) == 3


def test_of_many_who_ask_at_once_one_holds_the_lease(centre: Centre) -> None:
    stores = [Database(centre.database.url) for _ in range(4)]
    with ThreadPoolExecutor(12) as pool:
        got = list(pool.map(lambda n: lease.take(stores[n % 4], f"w{n}", centre.now), range(12)))
    for one in stores:
        one.close()
    assert sorted(one for one in got if one is not None) == [1]


def test_a_timer_that_was_armed_again_does_not_fire_at_its_first_time(centre: Centre) -> None:
    centre.hears(ext_id="a", severity=4, expires_at=centre.now + 10_000)
    known = [t for t in centre.database.read(lambda c: timers.due(c, centre.now + 10_000))]
    centre.hears(ext_id="a", severity=4, title="more", expires_at=centre.now + 60_000)
    centre.now += 10_000
    epoch = lease.take(centre.database, "w", centre.now) or 0
    done = timers.fire(centre.writer, centre.city, known[0], centre.now, epoch)
    assert done.body["fired"] is False
    assert centre.rows(timer, timer.c.kind == TimerKind.ALERT_EXPIRY)


def test_the_auditor_sees_what_nobody_fired(centre: Centre) -> None:
    centre.hears(severity=1)
    at = centre.now + 60_000
    assert centre.database.read(timers.next_due) == at
    assert centre.database.read(lambda c: timers.overdue(c, at + 1_999)) == []
    (late,) = centre.database.read(lambda c: timers.overdue(c, at + 2_000))
    assert (late.kind, late.due_at) == (TimerKind.ALERT_ACK, at)


def test_a_drill_escalates_in_its_own_realm(centre: Centre) -> None:
    real = centre.hears(severity=1, ext_id="a")["alert"]
    centre.hears(severity=1, ext_id="a", realm="drill-1")
    centre.does("officer", "alert.acknowledge", alert=real)
    centre.passes(61)
    realms = [e.realm for e in centre.events() if e.type == "AlertEscalated"]
    assert realms == ["drill-1"]


def test_a_timer_that_nobody_understands_does_not_stop_the_others(centre: Centre) -> None:
    centre.hears(severity=1)
    centre.database.write(lambda c: c.execute(update(timer).values(kind="unknown")))
    id = centre.hears(severity=1)["alert"]
    centre.now += 61_000
    epoch = lease.take(centre.database, "w", centre.now) or 0
    strange, known = centre.database.read(lambda c: timers.due(c, centre.now))
    with pytest.raises(NotFound):
        timers.fire(centre.writer, centre.city, strange, centre.now, epoch)
    timers.fire(centre.writer, centre.city, known, centre.now, epoch)
    assert centre.told(id)[-1] == "AlertEscalated"
    assert [row["kind"] for row in centre.rows(timer, timer.c.step == 1)] == ["unknown"]
