"""The list of sources: what is missing or silent stands first, and which way may lose something."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from dispatch import canonical
from dispatch.city_records import Source
from dispatch.database import Database
from dispatch.models import source_seen
from dispatch.vocabulary import Datum, Role
from layouts.nodes import Row
from layouts.texts import both
from streams import numbers
from streams.look import Board
from streams.view import View
from tests.dispatch.centre import NOON, Centre
from tests.dispatch.conftest import small_city
from tests.layouts.looking import attributes, nodes, props_of, said

DESK = View(Role.OFFICER, ("city",))
WAYS = {"110": "json", "iot": "redis", "lift": "mqtt", "tank": "stream"}


@pytest.fixture
def centre(sqlite_url: str) -> Iterator[Centre]:
    database = Database(sqlite_url)
    sources = tuple(
        Source(id, id, id, "org", kind, Datum.WGS84, 60, ("city",))  # type: ignore[arg-type]
        for id, kind in WAYS.items()
    )
    opened = Centre(database, replace(small_city(), sources=sources))
    yield opened
    opened.writer.close()
    database.close()


def hears(centre: Centre, source: str, ago_s: int, *counted: int) -> None:
    count = numbers.Numbering()
    for number in counted:
        count.hear(number, NOON - 60_000)
    row = {
        **{"realm": "real", "source": source, "last_at": NOON - ago_s * 1_000},
        **{"accepted": 9, "refused": 1, "gaps": count.missing},
        "numbers_json": canonical.dumps(numbers.stored(count)),
    }
    centre.database.write(lambda connection: connection.execute(insert(source_seen), row))


def rows(centre: Centre, panel: str, list: str) -> list[Row]:
    board = Board(centre.city, both)
    found: Any = props_of(panel, centre, board, DESK)[(list, "rows")]
    return sorted(found, key=lambda row: row["rank"])


def test_what_is_missing_stands_first_and_is_named(centre: Centre) -> None:
    hears(centre, "110", 5)
    hears(centre, "iot", 5, 7, 8, 11, 12, 14)
    hears(centre, "tank", 7_000)
    lines = rows(centre, "sources", "sources-list")
    assert [line["id"] for line in lines] == ["iot", "tank", "lift", "110"]
    assert "缺 3 条： 9–10（11:59:00 发现）" in said(lines[0])
    assert "收 9 · 拒 1" in said(lines[0])
    (tag,) = [
        one for one in nodes(rows(centre, "top", "top-sources")[0]["node"])
        if attributes(one).get("data-gaps")
    ]  # fmt: skip
    assert said(tag) == "缺号 3"
    assert attributes(tag)["title"] == "iot"


def test_a_way_that_may_lose_something_says_so(centre: Centre) -> None:
    lines = rows(centre, "sources", "sources-list")
    assert {line["id"]: "尽力而为" in said(line) for line in lines} == {
        "110": False,
        "iot": True,
        "lift": False,
        "tank": False,
    }


def test_without_a_hole_nothing_is_said_to_be_missing(centre: Centre) -> None:
    hears(centre, "iot", 5, 7, 8, 9)
    assert not any("缺" in said(line) for line in rows(centre, "sources", "sources-list"))
    assert "缺" not in said(rows(centre, "top", "top-sources")[0])
