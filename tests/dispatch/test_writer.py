"""The writer when the store cannot take it: nothing is accepted that is not written."""

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from dispatch import database as databases
from dispatch import writer as writers
from dispatch.database import Database
from dispatch.errors import Busy, Invalid
from dispatch.log import Answer, Request, Work, execute, head
from dispatch.models import quarantine
from dispatch.writer import Writer


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
    monkeypatch.setattr(writers, "WAITING", 3)
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
