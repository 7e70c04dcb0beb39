"""The clock is set: no limit runs faster or slower for it, once, and the desk is told."""

import pytest

from dispatch import accounts, jumps, lease, sessions, timers
from dispatch.errors import Conflict, Forbidden, NotFound
from tests.dispatch.centre import Centre

MACHINE, BASE = "boot-1", 1_000_000
HOUR_MS = 3_600_000


def epoch(centre: Centre) -> int:
    return lease.take(centre.database, "worker", centre.now) or 0


def settle(centre: Centre, offset: int, machine: str = MACHINE) -> int:
    return jumps.settle(centre.writer, machine, offset, centre.now, epoch(centre))


def is_set(centre: Centre, by: int, offset: int = BASE) -> int:
    """Somebody sets the clock; the worker looks."""
    centre.now += by
    return settle(centre, offset + by)


def steps(centre: Centre) -> int:
    return centre.told().count("OrderEscalated")


@pytest.mark.parametrize("by", [2 * HOUR_MS, -2 * HOUR_MS])
def test_a_limit_keeps_the_time_that_it_had_left(centre: Centre, by: int) -> None:
    settle(centre, BASE)
    incident, _ = centre.incident(type="other", severity=4)
    order = centre.order("FIR-E-01", incident=incident, ack_limit=60)
    due = centre.row(order)["ack_due"]
    centre.now += 50_000
    assert is_set(centre, by) == by
    assert centre.row(order)["ack_due"] == due + by
    centre.passes(9)
    assert steps(centre) == 0
    centre.passes(1)
    assert steps(centre) == 1


def test_an_alert_and_a_proposal_are_waited_for_as_long_as_before(centre: Centre) -> None:
    settle(centre, BASE)
    alert = centre.hears(severity=1)["alert"]
    due = centre.row(alert)["ack_due"]
    is_set(centre, HOUR_MS)
    assert centre.row(alert)["ack_due"] == due + HOUR_MS
    assert centre.passes(59) == []
    centre.passes(1)
    assert centre.told(alert)[-1] == "AlertEscalated"


def test_no_alert_ends_sooner_because_our_clock_was_set_ahead(centre: Centre) -> None:
    """Neither one that was there nor one that comes while the clock is wrong."""
    settle(centre, BASE)
    there = centre.hears(severity=4, expires_at=centre.now + 3 * HOUR_MS)["alert"]
    right = centre.now
    is_set(centre, 2 * HOUR_MS)
    new = centre.hears(severity=4, sent_at=right, expires_at=right + 3 * HOUR_MS)["alert"]
    centre.passes(3 * 3600 - 1)
    assert {centre.row(one)["state"] for one in (there, new)} == {"NEW"}
    centre.passes(1)
    assert {centre.row(one)["state"] for one in (there, new)} == {"EXPIRED"}
    assert centre.told().count("AlertExpired") == 2


def test_an_alert_ends_by_the_clock_once_somebody_has_compared_it(centre: Centre) -> None:
    settle(centre, BASE)
    is_set(centre, 2 * HOUR_MS)
    alert = centre.hears(severity=4, expires_at=centre.now + HOUR_MS)["alert"]
    jump = next(one.seq for one in centre.events() if one.type == "ClockJumped")
    centre.does("lead", "clock.confirm", jump=jump)
    centre.passes(3600)
    assert centre.row(alert)["state"] == "EXPIRED"


def test_a_jump_is_answered_once_whoever_looks(centre: Centre) -> None:
    settle(centre, BASE)
    alert = centre.hears(severity=1)["alert"]
    due = centre.row(alert)["ack_due"]
    assert is_set(centre, HOUR_MS) == HOUR_MS
    assert settle(centre, BASE + HOUR_MS) == 0
    assert settle(centre, BASE + HOUR_MS + 3) == 0
    assert centre.row(alert)["ack_due"] == due + HOUR_MS
    assert centre.told().count("ClockJumped") == 1


def test_another_start_of_the_machine_says_nothing_of_a_jump(centre: Centre) -> None:
    settle(centre, BASE)
    assert settle(centre, 77, "boot-2") == 0
    assert "ClockJumped" not in centre.told()


def test_a_clock_that_is_corrected_by_little_is_no_jump(centre: Centre) -> None:
    settle(centre, BASE)
    assert is_set(centre, 1_900) == 0


def test_a_worker_without_the_lease_moves_nothing(centre: Centre) -> None:
    settle(centre, BASE)
    with pytest.raises(Conflict):
        jumps.settle(centre.writer, MACHINE, BASE + HOUR_MS, centre.now, 99)
    assert "ClockJumped" not in centre.told()


def test_a_lease_is_taken_over_although_the_clock_went_back(centre: Centre) -> None:
    assert lease.take(centre.database, "one", centre.now) == 1
    centre.now -= 2 * HOUR_MS
    assert lease.take(centre.database, "two", centre.now) == 2
    assert lease.take(centre.database, "one", centre.now) is None


def test_what_is_overdue_after_a_jump_is_what_was_before(centre: Centre) -> None:
    settle(centre, BASE)
    centre.hears(severity=1)
    is_set(centre, HOUR_MS)
    assert centre.database.read(lambda c: timers.overdue(c, centre.now)) == []


def test_only_who_leads_may_say_that_the_time_was_compared(centre: Centre) -> None:
    settle(centre, BASE)
    is_set(centre, HOUR_MS)
    jump = centre.events()[-1].seq
    with pytest.raises(Forbidden):
        centre.does("officer", "clock.confirm", jump=jump)
    assert centre.does("lead", "clock.confirm", jump=jump) == {"jump": jump}
    with pytest.raises(NotFound):
        centre.does("lead", "clock.confirm", jump=jump + 1)


def test_nobody_is_signed_out_because_the_clock_was_set(centre: Centre) -> None:
    settle(centre, BASE)
    accounts.sync(centre.database, centre.city, centre.now)
    link = sessions.renew_links(centre.database, ["officer"], centre.now)["officer"]
    token, _ = sessions.open_by_link(centre.writer, centre.database, link, "t", centre.now)
    is_set(centre, 2 * HOUR_MS)
    assert sessions.who(centre.database, token, centre.now) is not None
    assert is_set(centre, -2 * HOUR_MS, BASE + 2 * HOUR_MS) == -2 * HOUR_MS
    assert sessions.who(centre.database, token, centre.now) is not None
