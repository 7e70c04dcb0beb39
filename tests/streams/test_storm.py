"""A storm of alerts: every screen shows the worst and counts all, none is lost from sight."""

import pytest

from streams import rows
from tests.dispatch.centre import Centre
from tests.streams.conftest import CITY_DESK, WEST_DESK, Take

pytestmark = pytest.mark.both_stores

EAST = {"lat": 37.05, "lon": 118.05}


@pytest.fixture
def storm(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """Thirty alike at one place, five others, and one that is worse than all."""
    monkeypatch.setattr(rows, "MANY", 20)
    for n in range(30):
        centre.hears(severity=3, title=f"storm {n}", **EAST)
    for n in range(5):
        centre.hears(severity=4, lat=37.01 + n * 0.02, lon=118.09)
    centre.hears(severity=1, title="the worst", **EAST)
    return centre


def test_alike_alerts_are_folded_and_counted(storm: Centre, picture: Take) -> None:
    shown = picture("alerts", CITY_DESK)
    assert shown["counts"]["open"] == shown["counts"]["waiting"] == 36
    assert shown["alerts"][0]["title"] == "the worst"
    alike = [row for row in shown["alerts"] if row["severity"] == 3]
    assert len(alike) == rows.FEW
    assert [row["alike"] for row in alike] == [30 - rows.FEW, 0, 0]
    assert len(shown["alerts"]) + 30 - rows.FEW == 36
    assert len(picture("marks", CITY_DESK)["marks"]) == len(shown["alerts"])


def test_those_taken_in_hand_make_room_for_the_next(storm: Centre, picture: Take) -> None:
    first = next(row for row in picture("alerts", CITY_DESK)["alerts"] if row["severity"] == 3)
    storm.does("officer", "alert.dismiss", alert=first["id"], reason="drill")
    shown = picture("alerts", CITY_DESK)
    assert first["id"] not in [row["id"] for row in shown["alerts"] if row["closed_at"] is None]
    assert shown["counts"]["waiting"] == 35
    assert max(row["alike"] for row in shown["alerts"]) == 29 - rows.FEW


def test_a_district_counts_its_own(storm: Centre, picture: Take) -> None:
    assert picture("alerts", WEST_DESK)["counts"]["waiting"] == 0


def test_a_storm_is_later_seen_as_it_was(storm: Centre, picture: Take) -> None:
    then, seq, now = picture("alerts", CITY_DESK), storm.events()[-1].seq, storm.now
    marks = picture("marks", CITY_DESK)
    worst = then["alerts"][0]["id"]
    storm.does("officer", "alert.dismiss", alert=worst, reason="drill")
    for n in range(12):
        storm.hears(severity=2, title=f"later {n}", lat=37.01 + n * 0.005, lon=118.05)
    assert picture("alerts", CITY_DESK) != then
    assert picture("alerts", CITY_DESK, seq, now) == then
    assert picture("marks", CITY_DESK, seq, now) == marks


def test_in_calm_every_alert_is_a_row(centre: Centre, picture: Take) -> None:
    for _ in range(6):
        centre.hears(severity=3, **EAST)
    shown = picture("alerts", CITY_DESK)
    assert len(shown["alerts"]) == 6
    assert {row["alike"] for row in shown["alerts"]} == {0}
