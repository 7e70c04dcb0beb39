"""The log: numbered without a gap, answered once, chained, undone only where it was refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from dispatch import audit
from dispatch.database import Database
from dispatch.errors import Conflict, Invalid
from dispatch.log import Answer, Event, Request, Work, events_after, head
from dispatch.models import idem, unit
from dispatch.writer import Writer

Run = Callable[[Work], dict[str, Any]]


def note(text: str) -> Run:
    def run(work: Work) -> dict[str, Any]:
        work.emit("IncidentNoted", "EV-1", ["e"], {"text": text})
        return {"said": text}

    return run


@pytest.fixture
def rung() -> list[Event]:
    return []


@pytest.fixture
def writer(database: Database, rung: list[Event]) -> Any:
    opened = Writer(database, rung.extend)
    yield opened
    opened.close()


def ask(writer: Writer, key: str, text: str, run: Run | None = None, actor: str = "a") -> Answer:
    return writer.command(Request(actor, key, {"text": text}, run or note(text), now=1_000))


def test_the_same_request_again_gets_the_same_answer_and_writes_nothing(
    writer: Writer, database: Database
) -> None:
    first = ask(writer, "k", "one")
    again = ask(writer, "k", "one")
    assert (again.body, again.seq, again.fresh) == (first.body, first.seq, False)
    assert database.read(head) == 1


def test_a_key_used_for_another_request_is_refused(writer: Writer) -> None:
    ask(writer, "k", "one")
    with pytest.raises(Conflict) as refused:
        ask(writer, "k", "two")
    assert (refused.value.code, refused.value.field) == ("key_reused", "Idempotency-Key")


def test_two_people_may_use_the_same_key(writer: Writer, database: Database) -> None:
    ask(writer, "k", "one", actor="a")
    ask(writer, "k", "two", actor="b")
    assert database.read(head) == 2


def test_a_refusal_undoes_only_itself(writer: Writer, database: Database) -> None:
    def refused(work: Work) -> dict[str, Any]:
        work.put(unit, "U-1", status="AVAILABLE", status_at=1)
        work.emit("UnitStatusChanged", "U-1", ["e"])
        raise Invalid("no", "status")

    waiting = [
        writer.submit(Request("a", f"k{n}", {"n": n}, refused if n == 1 else note("x"), 1_000))
        for n in range(3)
    ]
    outcomes = [one.result(5)[0] for one in waiting]
    assert [isinstance(one, Answer) for one in outcomes] == [True, False, True]
    assert [e.seq for e in database.read(lambda c: events_after(c, 0))] == [1, 2]
    assert database.read(lambda c: c.execute(select(unit)).all()) == []
    assert database.read(lambda c: len(c.execute(select(idem)).all())) == 2


def test_a_fault_in_one_command_leaves_its_neighbours_alone(writer: Writer) -> None:
    def broken(work: Work) -> dict[str, Any]:
        raise ZeroDivisionError

    bad = writer.submit(Request("a", "bad", {}, broken, 1))
    good = writer.submit(Request("a", "good", {}, note("x"), 1))
    assert isinstance(bad.result(5)[0], ZeroDivisionError)
    (answer,) = good.result(5)
    assert isinstance(answer, Answer)
    assert answer.seq == 1


def test_fifty_threads_leave_no_gap_and_no_double(
    writer: Writer, database: Database, rung: list[Event]
) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: ask(writer, f"k{n}", f"{n}"), range(200)))
    assert sorted(one.seq for one in answers) == list(range(1, 201))
    assert [e.seq for e in rung] == list(range(1, 201))
    assert database.read(audit.verify) == audit.Report(True, 200)


def test_two_writers_on_one_store_leave_no_gap(database: Database) -> None:
    other = Database(database.url)
    writers = [Writer(one, lambda events: None) for one in (database, other)]
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda n: ask(writers[n % 2], f"k{n}", f"{n}"), range(60)))
    for one in writers:
        one.close()
    other.close()
    assert sorted(one.seq for one in done) == list(range(1, 61))
    assert database.read(audit.verify).ok


def test_twins_sent_to_two_processes_get_one_answer(database: Database) -> None:
    other = Database(database.url)
    writers = [Writer(one, lambda events: None) for one in (database, other)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ask(writers[n % 2], f"k{n // 8}", "x"), range(80)))
    for one in writers:
        one.close()
    other.close()
    assert database.read(head) == 10
    assert [a.seq for a in answers] == [answers[8 * (n // 8)].seq for n in range(80)]


def test_the_past_of_a_thing_stays(writer: Writer, database: Database) -> None:
    for n, status in enumerate(("AVAILABLE", "ASSIGNED", "EN_ROUTE")):

        def change(work: Work, status: str = status) -> dict[str, Any]:
            work.put(unit, "U-1", status=status, status_at=1)
            work.emit("UnitStatusChanged", "U-1", ["e"])
            return {}

        ask(writer, f"k{n}", status, change)
    rows = database.read(lambda c: c.execute(select(unit).order_by(unit.c.row)).all())
    assert [(r.from_seq, r.to_seq, r.status) for r in rows] == [
        (1, 2, "AVAILABLE"),
        (2, 3, "ASSIGNED"),
        (3, None, "EN_ROUTE"),
    ]


def test_a_word_that_the_log_does_not_know_is_refused(writer: Writer) -> None:
    def run(work: Work) -> dict[str, Any]:
        work.emit("SomethingHappened", "x", [])
        return {}

    with pytest.raises(ValueError, match="no word of the log"):
        ask(writer, "k", "x", run)


def test_a_bell_that_breaks_does_not_break_the_command(database: Database) -> None:
    def broken(events: list[Event]) -> None:
        raise ConnectionError

    writer = Writer(database, broken)
    assert ask(writer, "k", "x").seq == 1
    assert ask(writer, "l", "x").seq == 2
    writer.close()


def test_what_is_queued_is_written_before_the_writer_stops(database: Database) -> None:
    writer = Writer(database, lambda events: None)
    waiting = [writer.submit(Request("a", f"{n}", {}, note("x"), 1)) for n in range(30)]
    writer.close()
    answers = [one.result(0)[0] for one in waiting]
    assert [one.seq for one in answers if isinstance(one, Answer)] == list(range(1, 31))
