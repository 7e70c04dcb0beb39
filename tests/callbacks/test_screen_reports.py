"""What screens report is kept, on both stores."""

from typing import Any

import pytest
from sqlalchemy import select

from callbacks.screen_reports import HELD_MS, ScreenReports
from callbacks.who import Who
from callbacks.wire import Report
from dispatch.access import Actor
from dispatch.database import Database
from dispatch.models import screen_seen
from dispatch.vocabulary import REAL, Role

OFFICER = Who(Actor("officer", Role.OFFICER, ("city",)), "s", seat={"zh": "一号席"})
OTHER = Who(Actor("other", Role.OFFICER, ("w",)), "t")


class Desk:
    def __init__(self, database: Database) -> None:
        self.database, self.reports = database, ScreenReports(database, REAL)

    def says(self, epoch: int, at: int, who: Who = OFFICER, screen: str = "s-1") -> None:
        report = Report(screen_id=screen, epoch=epoch, mode="STANDBY")
        self.reports.take(who, "", report, at)
        self.reports.write()

    def rows(self) -> list[tuple[Any, ...]]:
        c = screen_seen.c
        query = select(c.screen, c.account, c.name, c.epoch, c.epoch_at, c.seen_at).order_by(
            c.screen
        )
        found = self.database.read(lambda connection: connection.execute(query).all())
        return [tuple(row) for row in found]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_the_time_of_an_epoch_stays_as_long_as_the_epoch(desk: Desk) -> None:
    desk.says(7, 1_000)
    desk.says(7, 3_000)
    assert desk.rows() == [("s-1", "officer", "一号席", 7, 1_000, 3_000)]
    desk.says(9, 5_000)
    assert desk.rows() == [("s-1", "officer", "一号席", 9, 5_000, 5_000)]


def test_nobody_confirms_for_anothers_screen(desk: Desk) -> None:
    desk.says(7, 1_000)
    desk.says(9, 3_000, OTHER)
    desk.says(8, 3_000, OTHER, "s-2")
    assert [row[:4] for row in desk.rows()] == [
        ("s-1", "officer", "一号席", 7),
        ("s-2", "other", "other", 8),
    ]
    desk.says(9, 1_001 + HELD_MS, OTHER)
    assert desk.rows()[0][1] == "other"


def test_of_several_reports_the_last_is_written_and_nothing_waits(desk: Desk) -> None:
    report = Report(screen_id="s-1", epoch=1, mode="PEACETIME")
    for at in (1_000, 2_000):
        desk.reports.take(OFFICER, "", report, at)
    desk.reports.write()
    desk.reports.write()
    assert [row[5] for row in desk.rows()] == [2_000]
