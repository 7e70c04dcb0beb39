"""The clock is set: no limit runs faster or slower for it, once, and the desk is told."""

import threading
from collections.abc import Iterator

import pytest

from dispatch import accounts, jumps, lease, sessions, timers
from dispatch.clock import JUMP_MS
from dispatch.errors import Conflict, Forbidden, NotFound
from dispatch.log import Answer, Request, Work
from dispatch.models import safety, timer, viewing, wall_push
from dispatch.writer import Writer
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


class Wall:
    """A machine's clock, and processes on it whose writers stamp by it."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.offset = centre, BASE
        self._opened = [centre.writer]
        self.process()
        settle(centre, BASE)

    def process(self) -> Writer:
        """Another process comes up; from now on the commands are given to it."""
        guard = jumps.Guard(MACHINE, lambda: self.offset, lambda: self.centre.now)
        self.centre.writer = Writer(self.centre.database, self.centre.rung.extend, guard)
        self._opened.append(self.centre.writer)
        return self.centre.writer

    def is_set(self, by: int) -> None:
        """Somebody sets it; no worker has looked yet."""
        self.offset += by
        self.centre.now += by

    def looks(self) -> int:
        """A worker's look."""
        return settle(self.centre, self.offset)

    def close(self) -> None:
        for one in self._opened:
            one.close()


@pytest.fixture
def wall(centre: Centre) -> Iterator[Wall]:
    made = Wall(centre)
    yield made
    made.close()


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


SET = [2 * HOUR_MS, -2 * HOUR_MS, 5_000, -5_000]


def draft(centre: Centre) -> str:
    """An order that is ready to be issued, in an incident without a plan."""
    incident, _ = centre.incident(type="other", severity=4)
    about = {"text": "go", "kind": "dispatch", "priority": 1, "unit": "FIR-E-01"}
    id: str = centre.does("officer", "order.draft", incident=incident, ack_limit=60, **about)[
        "order"
    ]
    return id


@pytest.mark.parametrize("by", SET)
def test_an_order_of_the_moment_after_the_clock_was_set_has_its_whole_limit(
    wall: Wall, centre: Centre, by: int
) -> None:
    """Issued by the new clock before any worker has looked; and its fellow of before."""
    there, new = centre.order("FIR-W-01", ack_limit=60), draft(centre)
    due = centre.row(there)["ack_due"]
    centre.now += 10_000
    wall.is_set(by)
    centre.now += 300
    centre.does("officer", "order.issue", orders=[new])
    issued = centre.now
    assert wall.looks() == 0
    assert centre.row(there)["ack_due"] == due + by
    assert centre.row(new)["ack_due"] == issued + 60_000
    centre.now = issued + 59_999 - 10_300
    assert centre.passes(0) == []
    for seconds, fired in ((0.002, 1), (10.298, 1), (0.002, 2)):
        centre.passes(seconds)
        assert steps(centre) == fired
    assert centre.told().count("ClockJumped") == 1


@pytest.mark.parametrize("by", SET)
def test_with_no_worker_alive_the_doors_move_the_limits(
    wall: Wall, centre: Centre, by: int
) -> None:
    """Hours go by until a worker comes; what was given meanwhile is where it belongs."""
    new = draft(centre)
    wall.is_set(by)
    centre.does("officer", "order.issue", orders=[new])
    due = centre.row(new)["ack_due"]
    assert due == centre.now + 60_000
    centre.now += 5 * HOUR_MS
    assert wall.looks() == 0
    assert centre.row(new)["ack_due"] == due


@pytest.mark.parametrize("by", SET)
def test_a_process_that_comes_up_after_the_clock_was_set_sees_it(
    wall: Wall, centre: Centre, by: int
) -> None:
    """Nobody was alive; the first command of the new process moves what there was."""
    there = centre.hears(severity=1)["alert"]
    due = centre.row(there)["ack_due"]
    wall.is_set(by)
    wall.process()
    new = centre.hears(severity=1)["alert"]
    assert centre.row(there)["ack_due"] == due + by
    assert centre.row(new)["ack_due"] == centre.now + 60_000
    assert wall.looks() == 0


def test_of_two_processes_one_answers_and_the_other_goes_on(wall: Wall, centre: Centre) -> None:
    first = centre.hears(severity=1)["alert"]
    due, one = centre.row(first)["ack_due"], centre.writer
    wall.process()
    centre.hears(severity=1)
    wall.is_set(HOUR_MS)
    for writer in (centre.writer, one):
        centre.writer = writer
        new = centre.hears(severity=1)["alert"]
        assert centre.row(new)["ack_due"] == centre.now + 60_000
    assert centre.row(first)["ack_due"] == due + HOUR_MS
    assert centre.told().count("ClockJumped") == 1


@pytest.mark.parametrize("by", SET)
def test_what_waited_to_be_written_is_stamped_by_the_clock_as_it_is(
    wall: Wall, centre: Centre, by: int
) -> None:
    """Said by the old clock, written when another process has moved everything."""
    writer, stamped = wall.process(), centre.now
    holds, goes_on = threading.Event(), threading.Event()

    def slow(work: Work) -> dict[str, object]:
        holds.set()
        goes_on.wait(5)
        work.emit("IncidentNoted", "EV-1", [])
        return {"now": work.now}

    waiting = writer.submit(Request("a", "slow", {}, slow, stamped))
    holds.wait(5)
    wall.is_set(by)
    goes_on.set()
    (answer,) = waiting.result(5)
    assert isinstance(answer, Answer)
    assert answer.body["now"] == stamped + by
    said = [(one.type, one.at) for one in centre.events()][-2:]
    assert said == [("ClockJumped", stamped + by), ("IncidentNoted", stamped + by)]


def test_what_was_read_by_another_clock_fires_nothing(wall: Wall, centre: Centre) -> None:
    """A worker reads the time; the clock goes back, and a door moves every limit with it."""
    centre.hears(severity=1)
    now, hand = centre.now, timers.Hand(MACHINE, wall.offset)
    wall.is_set(-2 * HOUR_MS)
    centre.hears(severity=1)
    due = centre.database.read(lambda connection: timers.due(connection, now))
    assert due
    held = epoch(centre)
    for one in due:
        with pytest.raises(Conflict):
            timers.fire(centre.writer, centre.city, one, now, held, hand)
    assert "AlertEscalated" not in centre.told()
    centre.now += 60_000
    for one in centre.database.read(lambda connection: timers.due(connection, centre.now)):
        hand = timers.Hand(MACHINE, wall.offset)
        timers.fire(centre.writer, centre.city, one, centre.now, held, hand)
    assert centre.told().count("AlertEscalated") == 2


def test_a_machine_that_fires_nothing_moves_nothing(wall: Wall, centre: Centre) -> None:
    """The doors of another machine, whose clock is set: the timers go by the worker's clock."""
    there = centre.hears(severity=1)["alert"]
    due = centre.row(there)["ack_due"]
    settle(centre, 7, "boot-2")
    wall.is_set(HOUR_MS)
    centre.hears(severity=1)
    assert centre.row(there)["ack_due"] == due
    assert "ClockJumped" not in centre.told()


def test_a_clock_that_is_corrected_by_little_moves_no_limit(wall: Wall, centre: Centre) -> None:
    wall.is_set(JUMP_MS)
    centre.hears(severity=1)
    assert "ClockJumped" not in centre.told()


def test_a_drill_keeps_its_time_as_well(wall: Wall, centre: Centre) -> None:
    there = centre.hears(severity=1, realm="drill-1")["alert"]
    due = centre.row(there, "drill-1")["ack_due"]
    wall.is_set(HOUR_MS)
    wall.looks()
    assert centre.row(there, "drill-1")["ack_due"] == due + HOUR_MS
    assert [row["due_at"] for row in centre.rows(timer)] == [due + HOUR_MS]


def test_a_safety_timer_a_pushed_picture_and_a_leave_to_watch_keep_their_time(
    wall: Wall, centre: Centre
) -> None:
    """What a screen counts down is what the timer counts."""
    order = centre.order("FIR-E-01")
    centre.does("crew-FIR-E-01", "order.acknowledge", order=order)
    centre.does("crew-FIR-E-01", "order.watch_safety", order=order, minutes=10)
    known = {"feed": "cam/C1", "scope_json": '["e"]', "reason": "", "until": centre.now + 600_000}
    pushed = {"slot": 1, "pushed_by": "officer", "pushed_at": centre.now}
    watched = {"watched_by": "officer", "since": centre.now}

    def show(work: Work) -> dict[str, object]:
        work.put(wall_push, "WP-1", **known, **pushed)
        work.put(viewing, "VW-1", **known, **watched)
        work.emit("WallPushed", "WP-1", ["e"])
        return {}

    centre.writer.command(Request("officer", "show", {}, show, centre.now))
    wall.is_set(HOUR_MS)
    assert wall.looks() == 0  # the look's own writer has been first
    due = centre.now + 600_000
    assert [row["due_at"] for row in centre.rows(safety)] == [due]
    assert [row["until"] for table in (wall_push, viewing) for row in centre.rows(table)] == [
        due,
        due,
    ]
