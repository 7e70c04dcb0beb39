"""Receipts: counted at the doors, and still there when process or store are not."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from dispatch.database import Database
from dispatch.errors import Busy, Invalid
from dispatch.log import Request, Row, Work
from dispatch.models import receipt
from streams import receipts as subject
from streams.receipts import DoorWriter, Receipts, Told, collect_left, forget, reopen, within

pytestmark = pytest.mark.both_stores

NOW = 1_700_000_000_000
CHILD = """
import sys
from pathlib import Path
from dispatch.log import Answer, Event, Request
from streams.receipts import Receipts, Told
rest = (None, (), "key:gas", {})
happened = [Event(n, "real", 1, "AlertReceived", f"AL-{n}", *rest) for n in (1, 2)]
given = Receipts(Path(sys.argv[1]), "web:gone")
request = Request("key:gas", "k", {}, lambda work: {}, 1)
given.give([Told(request, Answer({}, 2, tuple(happened)))])
print("told", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(subject, "BORN_S", 0.0)
    return tmp_path / "receipts"


@pytest.fixture
def given(folder: Path) -> Receipts:
    return Receipts(folder, "web:here", now=lambda: NOW)


@pytest.fixture
def writer(database: Database, given: Receipts) -> Iterator[DoorWriter]:
    made = DoorWriter(database, lambda _events: None, given)
    yield made
    made.close()


def report(key: str, *subjects: str, actor: str = "key:gas") -> Request:
    def run(work: Work) -> Row:
        for one in subjects:
            work.emit("AlertReceived", one, ["w"])
        return {"alerts": list(subjects)}

    return Request(actor, key, {"of": list(subjects)}, run, NOW)


def refused(work: Work) -> Row:
    raise Invalid("bad", "field")


def kept(database: Database) -> list[tuple[Any, ...]]:
    query = select(receipt.c.seq, receipt.c.type, receipt.c.subject).order_by(receipt.c.seq)
    return [tuple(row) for row in database.read(lambda c: c.execute(query).all())]


def test_each_event_that_was_answered_has_a_receipt(
    database: Database, writer: DoorWriter, given: Receipts
) -> None:
    writer.command(report("a", "AL-1", "AL-2"))
    writer.command(report("b", "AL-3"))
    given.ship(database)
    expected = [(n, "AlertReceived", f"AL-{n}") for n in (1, 2, 3)]
    assert kept(database) == expected
    assert given.waiting == 0


def test_what_was_refused_has_none(database: Database, writer: DoorWriter, given: Receipts) -> None:
    with pytest.raises(Invalid):
        writer.command(Request("key:gas", "k", {}, refused, NOW))
    given.ship(database)
    assert kept(database) == []


def test_within_a_request_only_its_answer_counts(
    database: Database, writer: DoorWriter, given: Receipts
) -> None:
    heard: list[Told] = []
    mark = within.set(heard)
    writer.command(report("a", "AL-1"))
    within.reset(mark)
    given.ship(database)
    assert kept(database) == []  # the door has not said yes yet
    given.give(heard)
    given.ship(database)
    assert kept(database) == [(1, "AlertReceived", "AL-1")]


def test_a_retry_that_is_answered_gives_the_receipts_of_the_first_try(
    database: Database, writer: DoorWriter, given: Receipts
) -> None:
    mark = within.set([])
    writer.command(report("a", "AL-1", "AL-2"))  # the process dies before it answers
    within.reset(mark)
    writer.command(report("b", "AL-3"))
    writer.command(report("a", "AL-1", "AL-2"))
    writer.command(report("a", "AL-1", "AL-2"))
    given.ship(database)
    assert [seq for seq, *_ in kept(database)] == [1, 2, 3]


def test_timers_answer_nobody_and_give_none(
    database: Database, writer: DoorWriter, given: Receipts
) -> None:
    writer.command(report("timer:1", "AL-1", actor="system"))
    given.ship(database)
    assert kept(database) == []


def test_the_receipts_of_a_killed_process_are_collected(database: Database, folder: Path) -> None:
    words = [sys.executable, "-c", CHILD, str(folder)]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    assert child.stdout.readline() == b"told\n"
    assert collect_left(database, folder) == 0  # it lives and copies them itself
    child.kill()
    child.wait()
    assert collect_left(database, folder) == 2
    assert collect_left(database, folder) == 0
    assert [seq for seq, *_ in kept(database)] == [1, 2]


def test_a_line_cut_off_by_the_kill_is_left_out(
    database: Database, folder: Path, given: Receipts
) -> None:
    folder.mkdir()
    whole = b'[1,1,"AlertReceived","AL-1","real",1]\n'
    (folder / "web:old.1.jsonl").write_bytes(whole + b'[2,1,"AlertRec')
    assert collect_left(database, folder) == 1
    assert kept(database) == [(1, "AlertReceived", "AL-1")]


def test_after_a_restore_all_of_them_are_copied_anew(
    database: Database, folder: Path, given: Receipts
) -> None:
    folder.mkdir()
    (folder / "web:old.1.jsonl").write_bytes(b'[1,1,"AlertReceived","AL-1","real",1]\n')
    collect_left(database, folder)
    database.write(lambda c: c.execute(receipt.delete()))
    assert collect_left(database, folder) == 0
    assert reopen(folder) == 1
    assert collect_left(database, folder) == 1
    assert [seq for seq, *_ in kept(database)] == [1]


def test_a_number_that_is_used_again_after_a_restore_hides_nothing(
    database: Database, given: Receipts, writer: DoorWriter
) -> None:
    lost = {"realm": "real", "seq": 1, "at": 5, "type": "OrderIssued", "subject": "ZL-9"}
    row = {**lost, "process": "web:old", "answered_at": 5}
    database.write(lambda c: c.execute(insert(receipt).values(**row)))
    writer.command(report("a", "AL-1"))
    given.ship(database)
    assert len(kept(database)) == 2


def test_what_cannot_be_copied_now_is_copied_later(
    database: Database, writer: DoorWriter, given: Receipts
) -> None:
    writer.command(report("a", "AL-1"))
    database.write(lambda c: c.exec_driver_sql("ALTER TABLE receipt RENAME TO away"))
    with pytest.raises(Exception, match="receipt"):
        given.ship(database)
    assert given.waiting == 1
    database.write(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO receipt"))
    given.ship(database)
    assert (given.waiting, len(kept(database))) == (0, 1)


def test_a_store_that_does_not_answer_gives_no_receipt(
    database: Database, writer: DoorWriter, given: Receipts
) -> None:
    database.write(lambda c: c.exec_driver_sql("ALTER TABLE idem RENAME TO away"))
    with pytest.raises(Busy):
        writer.command(report("a", "AL-1"))
    database.write(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO idem"))
    given.ship(database)
    assert kept(database) == []


def test_receipts_that_no_account_needs_are_forgotten(database: Database) -> None:
    row = {"realm": "real", "type": "AlertReceived", "subject": "AL-1", "process": "w"}
    days = [{**row, "seq": n, "at": 1, "answered_at": NOW - n * 86_400_000} for n in range(1, 12)]
    database.write(lambda c: c.execute(insert(receipt), days))
    forget(database, NOW)
    assert [seq for seq, *_ in kept(database)] == list(range(1, 9))
