"""The writer when the store cannot take it: nothing is accepted that is not written."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from dispatch import database as databases
from dispatch import turns
from dispatch import writer as writers
from dispatch.database import Database
from dispatch.errors import Busy, Invalid
from dispatch.log import Answer, Request, Work, execute, head
from dispatch.models import quarantine
from dispatch.writer import Writer
from tests.streams.waiting import wait_for


def said(key: str, run: object = None) -> Request:
    def note(work: Work) -> dict[str, object]:
        work.emit("IncidentNoted", "EV-1", [])
        return {}

    return Request("a", key, {}, run or note, 1)  # type: ignore[arg-type]


def test_a_locked_store_is_busy_and_the_same_key_works_later(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(databases.SQLITE, "timeout", 0.1)
    store, other = Database(sqlite_url), Database(sqlite_url)
    writer = Writer(store, lambda events: None)
    with other.writing(), pytest.raises(Busy) as refused:
        writer.command(said("k"))
    assert (refused.value.status, refused.value.code) == (503, "store_unavailable")
    assert writer.command(said("k")).seq == 1
    writer.close()
    store.close()
    other.close()


def wrote(key: str, channel: str, many: object = None) -> Request:
    """A command that writes down a text as it was said."""

    def keep(work: Work) -> dict[str, object]:
        about = {"door": "redis", "field": "", "reason": "", "payload": "", "received_at": 1}
        work.put(quarantine, f"QU-{work.seq}", channel=channel, **about)
        work.emit("MessageQuarantined", "QU", [])
        return {}

    return Request("a", key, {}, keep, 1, many=many)  # type: ignore[arg-type]


def every(connection: Connection, requests: Sequence[Request]) -> list[Answer]:
    return [execute(connection, one) for one in requests]


@pytest.mark.postgres
@pytest.mark.parametrize("many", [None, every])
def test_what_the_store_cannot_hold_is_that_commands_own_fault(
    emptied_postgres_url: str, many: object
) -> None:
    """Those that are committed with it are written."""
    database = Database(emptied_postgres_url)
    writer = Writer(database, lambda events: None)
    bad = [wrote("nul", "\0", many), wrote("long", "x" * 999, many)]
    first, *refused, last = writer.commands([said("one"), *bad, said("two")])
    assert [one.seq for one in (first, last) if isinstance(one, Answer)] == [1, 2]
    for one in refused:
        assert isinstance(one, Invalid)
        assert (one.status, one.code) == (422, "not_storable")
    writer.close()
    assert database.read(head) == 2
    database.close()


def test_when_too_many_wait_the_next_is_told_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAITING", 3)
    writer = Writer(database, lambda events: None)
    going, go_on = threading.Event(), threading.Event()

    def slow(work: Work) -> dict[str, object]:
        going.set()
        go_on.wait(5)
        return {}

    writer.submit(said("slow", slow))
    going.wait(5)
    waiting = [writer.submit(said(f"k{n}")) for n in range(3)]
    with pytest.raises(Busy) as refused:
        writer.submit(said("one too many"))
    assert refused.value.code == "too_many_waiting"
    go_on.set()
    answers = [one.result(5)[0] for one in waiting]
    assert [one.seq for one in answers if isinstance(one, Answer)] == [1, 2, 3]
    writer.close()
    assert database.read(head) == 3


def test_who_does_not_wait_long_enough_asks_again_with_the_same_key(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "PATIENCE_S", 0.05)
    writer = Writer(database, lambda events: None)
    go_on = threading.Event()

    def slow(work: Work) -> dict[str, object]:
        go_on.wait(5)
        work.emit("IncidentNoted", "EV-1", [])
        return {"done": True}

    with pytest.raises(Busy) as refused:
        writer.command(said("k", slow))
    assert refused.value.code == "no_answer_yet"
    go_on.set()
    monkeypatch.setattr(writers, "PATIENCE_S", 5)
    again = writer.command(said("k"))
    assert (again.body, again.fresh) == ({"done": True}, False)
    writer.close()


def test_a_reader_sees_one_moment(database: Database) -> None:
    writer = Writer(database, lambda events: None)
    writer.command(said("one"))

    def twice(connection: object) -> tuple[int, int]:
        before = head(connection)  # type: ignore[arg-type]
        writer.command(said("two"))
        return before, head(connection)  # type: ignore[arg-type]

    assert database.read(twice) == (1, 1)
    assert database.read(head) == 2
    writer.close()


def test_what_fails_in_a_transaction_is_undone(database: Database) -> None:
    writer = Writer(database, lambda events: None)
    writer.command(said("one"))

    def broken(connection: object) -> None:
        connection.exec_driver_sql("DELETE FROM idem")  # type: ignore[attr-defined]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(broken)
    assert writer.command(said("one")).fresh is False
    writer.close()


class Gate:
    """Holds a kind's commands up while they are carried out, until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, connection: Connection, requests: Sequence[Request]) -> list[Answer]:
        self.reached.set()
        self.open.wait(5)
        return every(connection, requests)


def numbers(outcomes: Sequence[object]) -> list[int]:
    """At which numbers of the log they stand, those that are written."""
    return [one.seq for one in outcomes if isinstance(one, Answer)]


def alerts(mark: str, many: object, count: int = 3 * turns.GROUP) -> list[Request]:
    return [replace(said(f"{mark}{n}"), many=many) for n in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize("apart", [True, False], ids=["one by one", "as a batch"])
def test_people_go_before_all_that_systems_report_but_the_group_under_way(
    database: Database, apart: bool
) -> None:
    """And each in the order of its coming."""
    writer, gate = Writer(database, lambda events: None), Gate()
    first = alerts("first", gate, turns.GROUP)
    before = [writer.submit(*first)]
    assert gate.reached.wait(5)
    rest = alerts("rest", gate)
    before += [writer.submit(one) for one in rest] if apart else [writer.submit(*rest)]
    people = [writer.submit(said(f"order{n}")) for n in range(5)]
    after = writer.submit(replace(said("last"), many=gate))
    gate.open.set()
    told = [numbers(one.result(5))[0] for one in people]
    assert told == list(range(turns.GROUP + 1, turns.GROUP + 6))
    machines = [seq for one in [*before, after] for seq in numbers(one.result(5))]
    assert len(machines) == len(first) + len(rest) + 1
    assert machines == sorted(machines)
    assert writer.depth == 0
    writer.close()


def test_who_comes_during_a_turn_is_written_before_its_next_group(database: Database) -> None:
    writer, start, second = Writer(database, lambda events: None), Gate(), Gate()
    writer.submit(*alerts("start", start, 2))
    assert start.reached.wait(5)
    queued = [writer.submit(*alerts(mark, second, turns.GROUP)) for mark in "ab"]
    start.open.set()
    assert second.reached.wait(5)
    order = writer.submit(said("order"))
    second.open.set()
    assert numbers(order.result(5)) == [2 + turns.GROUP + 1]
    assert numbers(queued[1].result(5))[0] == 2 + turns.GROUP + 2
    writer.close()


def test_a_batch_whose_end_was_not_written_is_sent_again_and_stands_once(
    database: Database,
) -> None:
    """What was written of it is answered, all the rest is told to come again: in its order."""
    lost: list[object] = []

    def breaks(connection: Connection, requests: Sequence[Request]) -> list[Answer]:
        if len(lost) == 1:
            lost.append(requests)
            raise OperationalError("", None, Exception("gone"))
        lost.append(requests)
        return every(connection, requests)

    writer, batch = Writer(database, lambda events: None), alerts("b", breaks)
    outcomes = writer.commands(batch)
    assert numbers(outcomes) == [*range(1, turns.GROUP + 1)]
    assert all(isinstance(one, Busy) for one in outcomes[turns.GROUP :])
    again = writer.commands(batch)
    fresh = [one.fresh for one in again if isinstance(one, Answer)]
    assert len(fresh) == len(batch)
    assert [n for n, new in enumerate(fresh) if new] == [*range(turns.GROUP, 3 * turns.GROUP)]
    assert database.read(head) == len(batch)
    writer.close()


def test_a_writer_without_a_thread_says_so_and_goes_on(sqlite_url: str) -> None:
    failing = threading.Event()
    failing.set()

    def offload(call: Callable[[], Any]) -> Any:
        if failing.is_set():
            raise RuntimeError("can't start new thread")
        return call()

    store = Database(sqlite_url, offload)
    writer = Writer(store, lambda events: None)
    for request in (said("order"), alerts("a", every, 1)[0]):
        with pytest.raises(Busy, match="new thread"):
            writer.command(request)
    failing.clear()
    assert writer.command(said("order")).seq == 1
    writer.close()
    store.close()


def test_a_writer_that_stands_still_says_for_how_long(database: Database) -> None:
    writer, gate = Writer(database, lambda events: None), Gate()
    assert writer.stands_s == 0
    held = writer.submit(*alerts("held", gate, 2))
    assert gate.reached.wait(5)
    before = writer.stands_s
    assert writer.stands_s > before >= 0
    gate.open.set()
    held.result(5)
    writer.command(said("next"))
    wait_for(lambda: writer.stands_s == 0, 5)
    writer.close()
