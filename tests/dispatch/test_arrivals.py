"""Many messages at once: what one by one would make, in one commit."""

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as happenings
from sqlalchemy import select

from dispatch import arrivals, turns
from dispatch.arrivals import Arrival, arrival
from dispatch.audit import verify
from dispatch.city import City
from dispatch.database import Database
from dispatch.errors import Busy, Invalid
from dispatch.incoming import Incoming
from dispatch.log import Answer, Request, Work
from dispatch.models import alert, alert_name, counter, event, idem, timer
from dispatch.turns import GROUP
from tests.dispatch.centre import NOON, Centre

TABLES = (alert, alert_name, timer, counter, event, idem)
STORM: list[dict[str, Any]] = [
    {"ext_id": "a"},
    {"ext_id": "b", "lat": 37.0501},
    {"ext_id": "c", "type": "fire", "severity": 1, "expires_at": NOON + 60_000},
    {"ext_id": "a"},  # the same again
    {"ext_id": "a", "severity": 1},  # grown worse
    {"ext_id": "d", "kind": "cancel"},  # before its alert
    {"ext_id": "d"},
    {"ext_id": "e", "lat": None, "lon": None, "district": "w"},
    {"ext_id": "f", "references": ("b",), "kind": "update", "severity": 3},
    {"ext_id": "g", "occurred_at": NOON - 3_600_000},
    {"ext_id": "h"},
    {"ext_id": "b", "kind": "cancel"},
    {"ext_id": "j", "severity": 4, "sent_at": NOON - 7_200_000, "expires_at": NOON - 3_600_000},
    {"ext_id": "i", "reading": {"value": 3.5}, "confidence": 0.5},
]


def requests(centre: Centre, said: list[dict[str, Any]]) -> list[Arrival]:
    usual = {"source": "gas", "title": "leak", "category": "accident", "type": "leak"}
    usual |= {"severity": 2, "lat": 37.05, "lon": 118.05}  # type: ignore[dict-item]
    parsed = [Incoming(**{**usual, **one}) for one in said]
    return [arrival(centre.city, centre.source(), one, centre.now) for one in parsed]


def contents(centre: Centre) -> list[list[tuple[Any, ...]]]:
    """Every row of every table, but for the number that the store itself gives."""

    def rows(connection: Any) -> list[list[tuple[Any, ...]]]:
        return [
            sorted((tuple(row) for row in connection.execute(select(*_columns(table)))), key=repr)
            for table in TABLES
        ]

    return centre.database.read(rows)


def _columns(table: Any) -> list[Any]:
    return [column for column in table.c if column.name != "row"]


@pytest.fixture
def other(city: City, empty_sqlite: Path, tmp_path: Path) -> Iterator[Centre]:
    """Another centre of the same city, where everything comes one by one."""
    copy = tmp_path / "other.db"
    copy.write_bytes(empty_sqlite.read_bytes())
    made = Centre(Database(f"sqlite:///{copy}"), city)
    yield made
    made.writer.close()
    made.database.close()


def test_many_at_once_are_what_one_by_one_would_be(centre: Centre, other: Centre) -> None:
    for before in ({"ext_id": "z"}, {"ext_id": "h", "type": "fire"}):
        for one in (centre, other):
            one.hears(**before)
    together = centre.writer.commands(requests(centre, STORM))
    apart = [other.writer.command(one) for one in requests(other, STORM)]
    assert [(one.body, one.seq, one.fresh) for one in together if isinstance(one, Answer)] == [
        (one.body, one.seq, one.fresh) for one in apart
    ]
    assert contents(centre) == contents(other)
    assert centre.rung == other.rung
    assert centre.database.read(verify).ok


def test_what_was_written_together_is_known_again(centre: Centre) -> None:
    first = arrivals.take_all(centre.writer, requests(centre, STORM))
    again = arrivals.take_all(centre.writer, requests(centre, STORM))
    assert not any(one.fresh for one in again if isinstance(one, Answer))
    known = {one.body["alert"] for one in first if isinstance(one, Answer)}
    assert {row["id"] for row in centre.rows(alert)} == known - {None}
    assert len(centre.rung) == len({one.seq for one in centre.rung})


def test_what_was_written_together_is_known_again_beside_what_is_refused(centre: Centre) -> None:
    said = [*STORM, {"ext_id": "nobody", "district": "nowhere"}]
    for _ in range(2):
        outcomes = arrivals.take_all(centre.writer, requests(centre, said))
        assert isinstance(outcomes[-1], Invalid)
    assert not any(one.fresh for one in outcomes if isinstance(one, Answer))
    assert len(centre.rung) == len({one.seq for one in centre.rung})


def test_words_that_are_said_again_together_count_anew(centre: Centre, other: Centre) -> None:
    """Not the same sending: what was said last before was another word."""
    for levels in ((3, 1), (3,), (1,), (3,), (3, 1)):
        said = [{"ext_id": "a", "severity": level} for level in levels]
        outcomes = arrivals.take_all(centre.writer, requests(centre, said))
        for one in requests(other, said):
            other.writer.command(one)
        assert all(isinstance(one, Answer) for one in outcomes)
        assert centre.rows(alert)[0]["severity"] == levels[-1]
    assert contents(centre) == contents(other)
    assert centre.rows(alert)[0]["revision"] == 6
    assert centre.database.read(verify).ok


def test_a_refused_one_does_not_keep_the_others_out(centre: Centre) -> None:
    said: list[dict[str, Any]] = [{"ext_id": "a"}, {"ext_id": "b", "district": "nowhere"}]
    outcomes = centre.writer.commands(requests(centre, [*said, {"ext_id": "c"}]))
    assert [type(one) for one in outcomes] == [Answer, Invalid, Answer]
    assert {row["ext_id"] for row in centre.rows(alert)} == {"a", "c"}
    assert centre.database.read(verify).ok


def test_together_means_a_commit_for_each_group(centre: Centre, counted: Callable[[], int]) -> None:
    """And not one for each alert; between two groups people may go first."""
    before = counted()
    arrivals.take_all(centre.writer, requests(centre, [{"ext_id": f"{n}"} for n in range(450)]))
    assert counted() - before == math.ceil(450 / GROUP) == 5
    assert len(centre.rows(alert)) == 450


@pytest.fixture
def counted(centre: Centre) -> Callable[[], int]:
    """How many transactions have been committed."""
    seen: list[int] = []
    happenings.listen(centre.database.engine, "commit", lambda _connection: seen.append(1))
    return lambda: len(seen)


def test_a_full_queue_refuses_the_whole_batch_and_still_takes_peoples_commands(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAITING", 100)
    going, go_on = threading.Event(), threading.Event()

    def slow(work: Work) -> dict[str, Any]:
        going.set()
        go_on.wait(5)
        return note(work)

    centre.writer.submit(Request("a", "slow", {}, slow, 1))
    going.wait(5)
    waiting = centre.writer.submit(*requests(centre, [{"ext_id": f"{n}"} for n in range(90)]))
    with pytest.raises(Busy) as refused:
        centre.writer.submit(*requests(centre, [{"ext_id": f"x{n}"} for n in range(20)]))
    assert (refused.value.status, refused.value.code) == (503, "too_many_waiting")
    urgent = centre.writer.submit(Request("a", "urgent", {}, note, 1))
    go_on.set()
    first, later = urgent.result(5), waiting.result(5)
    assert max(seqs(first)) < min(seqs(later))
    assert {row["ext_id"] for row in centre.rows(alert)} == {f"{n}" for n in range(90)}


def note(work: Work) -> dict[str, Any]:
    work.emit("IncidentNoted", "EV-1", [])
    return {}


def seqs(outcomes: list[Any]) -> list[int]:
    return [one.seq for one in outcomes if isinstance(one, Answer)]
