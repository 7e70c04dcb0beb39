"""Alerts by Redis Streams: what was put there is on disk here before it is taken away."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dispatch.errors import Busy
from dispatch.models import alert, quarantine
from streams import mailbox
from streams.intake import Intake
from streams.mailbox import GROUP, Mailbox
from tests.dispatch.centre import Centre
from tests.streams.redis_server import Server
from tests.streams.waiting import running, wait_for

STREAM = "alerts:iot"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    made.start()
    yield made
    made.close()


@pytest.fixture
def outside(server: Server) -> Iterator[Any]:
    with server.client() as client:
        client.flushall()
        yield client


@pytest.fixture
def intake(centre: Centre) -> Intake:
    return Intake(centre.database, centre.writer, centre.city, now=lambda: centre.now)


def reader(server: Server, take: Any, name: str = "one") -> Mailbox:
    return Mailbox(server.url, ("iot", "gas"), name, take)


def said(id: str, **more: Any) -> dict[str, str]:
    return {"json": json.dumps({"ext_id": id, "title": "smoke", **more})}


def known(centre: Centre) -> list[str]:
    return [row["ext_id"] for row in centre.rows(alert)]


def left(outside: Any) -> tuple[int, int]:
    """(entries in the stream, entries that were read and not finished)."""
    return outside.xlen(STREAM), outside.xpending(STREAM, GROUP)["pending"]


def test_letters_are_taken_in_order_and_then_deleted(
    centre: Centre, intake: Intake, server: Server, outside: Any
) -> None:
    for n in range(3):
        outside.xadd(STREAM, said(f"early-{n}"))
    with running(reader(server, intake.letters.take).listen):
        wait_for(lambda: len(known(centre)) == 3, 15)
        outside.xadd(STREAM, said("late"))
        outside.xadd("alerts:gas", said("g-1"))
        wait_for(lambda: len(known(centre)) == 5, 15)
        wait_for(lambda: left(outside) == (0, 0), 15)
    assert known(centre)[:4] == ["early-0", "early-1", "early-2", "late"]


def test_what_the_store_does_not_take_stays_in_the_mailbox(
    centre: Centre, intake: Intake, server: Server, outside: Any
) -> None:
    tries = []

    def busy(letters: Any) -> None:
        tries.append(len(letters))
        if len(tries) < 3:
            raise Busy("store_unavailable")
        intake.letters.take(letters)

    outside.xadd(STREAM, said("a"))
    with running(reader(server, busy).listen):
        wait_for(lambda: len(tries) == 1, 15)
        assert left(outside) == (1, 1)
        wait_for(lambda: known(centre) == ["a"], 15)
        wait_for(lambda: left(outside) == (0, 0), 15)
    assert tries == [1, 1, 1]


def test_what_a_dead_worker_had_read_is_taken_over_and_not_doubled(
    centre: Centre,
    intake: Intake,
    server: Server,
    outside: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One dies before the commit, one after it; both before they could acknowledge."""
    monkeypatch.setattr(mailbox, "ABANDONED_MS", 100)
    outside.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    for id in ("before", "after"):
        outside.xadd(STREAM, said(id))
    ((_, entries),) = outside.xreadgroup(GROUP, "dead", {STREAM: ">"})
    intake.on_message("alerts.iot", entries[1][1][b"json"])
    with running(reader(server, intake.letters.take, "heir").listen):
        wait_for(lambda: left(outside) == (0, 0), 15)
    assert sorted(known(centre)) == ["after", "before"]


def test_poison_goes_aside_and_is_acknowledged(
    centre: Centre, intake: Intake, server: Server, outside: Any
) -> None:
    poison: list[dict[Any, Any]] = [
        {"json": b"\xff"}, {"other": "x"}, {"json": "[]"}, {"json": '{"title":"x"}'},
        {"json": '{"ext_id":"1","title":"x","source":"110"}'},
    ]  # fmt: skip
    for one in poison:
        outside.xadd(STREAM, one)
    outside.xadd(STREAM, said("good"))
    with running(reader(server, intake.letters.take).listen):
        wait_for(lambda: known(centre) == ["good"], 15)
        wait_for(lambda: left(outside) == (0, 0), 15)
    kept = centre.rows(quarantine)
    assert len(kept) == len(poison)
    assert any("other=x" in row["payload"] for row in kept), "the desk is not shown what was sent"
    assert {(row["door"], row["channel"]) for row in kept} == {("stream", STREAM)}


def test_a_redis_that_forgot_everything_is_read_again(
    centre: Centre, intake: Intake, server: Server, outside: Any
) -> None:
    box = reader(server, intake.letters.take)
    with running(box.listen):
        outside.xadd(STREAM, said("a"))
        wait_for(lambda: known(centre) == ["a"], 15)
        outside.flushall()
        outside.xadd(STREAM, said("b"))
        wait_for(lambda: known(centre) == ["a", "b"], 15)
        wait_for(lambda: left(outside) == (0, 0), 15)
    assert centre.rows(quarantine) == []


def test_a_key_that_is_no_stream_does_not_keep_the_others_waiting(
    centre: Centre, intake: Intake, server: Server, outside: Any
) -> None:
    outside.set("alerts:gas", "not a stream")
    with running(reader(server, intake.letters.take).listen):
        outside.xadd(STREAM, said("a"))
        wait_for(lambda: known(centre) == ["a"], 15)
        outside.delete("alerts:gas")
        outside.xadd("alerts:gas", said("b"))
        wait_for(lambda: known(centre) == ["a", "b"], 15)
    assert centre.rows(quarantine) == []


def test_names_of_workers_long_gone_are_forgotten_unless_they_hold_something(
    intake: Intake, server: Server, outside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "GONE_MS", -1)
    outside.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    outside.xadd(STREAM, said("a"))
    outside.xreadgroup(GROUP, "holds", {STREAM: ">"})
    outside.xgroup_createconsumer(STREAM, GROUP, "gone")
    box = reader(server, intake.letters.take, "new")
    with running(box.listen):
        wait_for(lambda: box.reading, 15)
        wait_for(lambda: names(outside) == {b"holds", b"new"}, 15)
    assert b"gone" not in names(outside)


def names(outside: Any) -> set[bytes]:
    return {one["name"] for one in outside.xinfo_consumers(STREAM, GROUP)}
