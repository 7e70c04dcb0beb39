"""What every screen is told when the store takes nothing: soon, and only as long as it is so."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.database import Database
from dispatch.log import Request, Row, Work
from streams import live as subject
from streams import vitals
from streams.live import Live
from streams.look import Board
from streams.receipts import DoorWriter, Receipts
from streams.upkeep import Upkeep
from streams.vitals import Vitals
from streams.writing import HELD_S, PATIENCE_S, STANDS_S, Writing
from tests.dispatch.centre import Centre
from tests.streams.waiting import running, wait_for

pytestmark = pytest.mark.both_stores


class Clock:
    """Seconds that pass when the test says so."""

    s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def held(database: Database) -> sqlite3.Connection:
    """Another program that holds the store."""
    path = database.url.removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    return other


def rename(database: Database, old: str, new: str) -> None:
    database.write(lambda c: c.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}"))


def test_each_try_changes_the_store_and_leaves_the_figures_alone(database: Database) -> None:
    moments = iter(range(1_000, 1_100))
    here = Vitals("web", lambda: next(moments))
    writing = Writing(lambda: here.touch(database))
    writing.attempt()
    here.write(database)
    (before,) = database.read(lambda connection: vitals.alive(connection, 2_000))
    writing.attempt()
    (after,) = database.read(lambda connection: vitals.alive(connection, 2_000))
    assert after.seen_at > before.seen_at
    assert after.figures == before.figures != {}
    assert writing.works


def test_a_store_that_is_held_is_told_after_a_second_and_its_release_at_once(
    file: Database, clock: Clock
) -> None:
    writing = Writing(lambda: Vitals("web").touch(file), clock)
    other = held(file)
    trying = threading.Thread(target=writing.attempt)
    trying.start()
    wait_for(lambda: writing._under_way is not None, 2)
    clock.s += PATIENCE_S
    assert writing.works, "what takes a moment is no news"
    clock.s += 0.1
    assert not writing.works
    other.close()
    trying.join(5)
    assert writing.works


def test_what_waits_behind_others_who_are_written_is_not_late(file: Database, clock: Clock) -> None:
    """A storm keeps the row waiting; that the log goes on shows that the store takes what comes."""
    writing = Writing(lambda: Vitals("web").touch(file), clock)
    other = held(file)
    trying = threading.Thread(target=writing.attempt)
    trying.start()
    wait_for(lambda: writing._under_way is not None, 2)
    for number in range(3):
        clock.s += PATIENCE_S * 0.9
        writing.heard(number)
        assert writing.works
    clock.s += PATIENCE_S + 0.1
    writing.heard(2)
    assert not writing.works, "the same number is no news"
    other.close()
    trying.join(5)


def test_a_process_that_stood_still_itself_does_not_blame_the_store(
    file: Database, clock: Clock
) -> None:
    writing = Writing(lambda: Vitals("web").touch(file), clock)
    other = held(file)
    trying = threading.Thread(target=writing.attempt)
    assert not writing.turned()
    trying.start()
    wait_for(lambda: writing._under_way is not None, 2)
    clock.s += PATIENCE_S * 3
    assert writing.works, "nobody looked meanwhile"
    assert not writing.turned()
    for _ in range(3):
        clock.s += PATIENCE_S * 0.3
        assert not writing.turned()
    clock.s += PATIENCE_S * 0.3
    assert writing.turned(), "a second of its own has passed"
    assert not writing.works
    other.close()
    trying.join(5)


def test_a_store_that_refuses_is_told_once_in_the_log_and_until_it_takes_a_row(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    writing = Writing(lambda: Vitals("web").touch(database), clock)
    rename(database, "process_seen", "gone")
    with caplog.at_level(logging.ERROR, "streams.writing"):
        for _ in range(3):
            clock.s += 1
            writing.attempt()
    assert not writing.works
    assert len(caplog.records) == 1
    clock.s += 60
    assert not writing.works
    rename(database, "gone", "process_seen")
    writing.attempt()
    assert writing.works


def test_a_command_that_found_no_room_is_told_although_a_row_finds_some(
    database: Database, clock: Clock
) -> None:
    writing = Writing(lambda: Vitals("web").touch(database), clock)
    writing.heard(4)
    clock.s += 1
    writing.refused()
    writing.attempt()
    assert not writing.works
    clock.s += HELD_S
    assert writing.works, "nobody has been refused since"
    writing.refused()
    clock.s += 0.1
    writing.heard(5)
    assert writing.works, "a command went through"


def test_a_writer_that_moves_nothing_is_told_although_rows_are_written(
    database: Database, tmp_path: Path
) -> None:
    upkeep, go_on = Upkeep("web", database, tmp_path), threading.Event()
    writer = upkeep.writer(lambda _events: go_on.wait(20) and None)
    upkeep.writing.attempt()
    assert upkeep.writing.works

    def note(work: Work) -> Row:
        work.emit("IncidentNoted", "EV-1", ["w"])
        return {}

    held = writer.submit(Request("a", "k", {}, note, 1))
    wait_for(lambda: not upkeep.writing.works, STANDS_S + 3)
    upkeep.writing.attempt()
    assert not upkeep.writing.works
    go_on.set()
    held.result(5)
    wait_for(lambda: upkeep.writing.works, 5)
    writer.close()


def test_the_doors_writer_says_when_the_store_did_not_take_commands(
    database: Database, tmp_path: Any
) -> None:
    def run(work: Work) -> Row:
        work.emit("AlertReceived", "AL-1", ["w"])
        return {}

    told: list[str] = []
    writer = DoorWriter(database, lambda _events: None, Receipts(tmp_path, "web:here"))
    writer.refused = lambda: told.append("refused")
    rename(database, "event", "gone")
    writer.commands([Request("key:gas", "k", {}, run, 1)])
    assert told == ["refused"]
    rename(database, "gone", "event")
    writer.commands([Request("key:gas", "k", {}, run, 1)])
    assert told == ["refused"]
    writer.close()


def test_screens_hear_of_it_at_once_and_with_every_beat(
    centre: Centre, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "BEAT_S", 60.0)
    monkeypatch.setattr(subject, "WATCH_S", 0.02)
    said: list[bool] = []

    def emit(event: str, data: Any, _to: str | None) -> None:
        if event == "hb":
            said.append(data["writable"])

    writing = Writing(lambda: Vitals("web").touch(centre.database))
    parts: Live = subject.live(centre.database, board, {}, lambda lang: lang, emit, "", writing)
    with running(*parts.tasks()):
        centre.hears()
        wait_for(lambda: parts.hub.cursor > 0, 3)
        writing.heard(parts.hub.cursor)
        writing.refused()
        wait_for(lambda: said == [False], 1)
        centre.hears()
        wait_for(lambda: said == [False, True], 3)
