"""Indicators: no data is never nought, a tile is what its rows count, parts sum to the whole."""

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, update

from dispatch.models import metric_value, reading, source_seen
from dispatch.vocabulary import CITY, COUNTED
from streams.indicators import keep
from streams.indicators.backfill import fill
from streams.indicators.facts import Facts, in_scope
from streams.indicators.metric import Band, Measured, Metric, Scope
from streams.indicators.registry import METRICS
from streams.look import Board
from streams.view import Moment, View
from streams.worker import Worker
from tests.dispatch.centre import NOON, Centre, crew
from tests.streams.conftest import CITY_DESK, EAST_DESK, WEST_DESK, Take

pytestmark = pytest.mark.both_stores

EIGHT = [
    "order_ack_rate", "calls_110", "calls_119", "dispatch_120",
    "power_load", "water_pressure", "traffic_index", "hazmat_alarms",
]  # fmt: skip


def reads(centre: Centre, sensor: str, value: float, ago_s: float = 0, late_s: float = 0) -> None:
    at = centre.now - round(ago_s * 1000)
    row = {"realm": "real", "sensor": sensor, "at": at, "received_at": at + round(late_s * 1000),
           "value": value, "quality": "measured", "source": "x"}  # fmt: skip
    centre.database.write(lambda c: c.execute(insert(reading).values(**row)))


def speaks(centre: Centre, source: str, ago_s: float = 0) -> None:
    """The source was heard; it may have had nothing to report."""
    row = {"realm": "real", "source": source, "last_at": centre.now - round(ago_s * 1000),
           "accepted": 1, "refused": 0, "gaps": 0}  # fmt: skip
    centre.database.write(lambda c: c.execute(insert(source_seen).values(**row)))


def measure(centre: Centre, board: Board) -> None:
    keep.keep(centre.database, board, centre.now)


@pytest.fixture
def tile(centre: Centre, board: Board, picture: Take) -> Any:
    def look(id: str, view: Any = CITY_DESK) -> dict[str, Any]:
        return next(one for one in picture("indicators", view)["tiles"] if one["id"] == id)

    return look


def test_there_are_eight_and_each_has_its_texts(picture: Take) -> None:
    tiles = picture("indicators")["tiles"]
    assert [one["id"] for one in tiles] == EIGHT
    for one in tiles:
        assert one["name"]["zh"] != one["name"]["en"]
        assert one["direction"] in ("up", "down", "none")
        assert one["scale_low"] < one["scale_high"]


def test_without_any_feed_there_is_no_value_and_no_nought(
    centre: Centre, board: Board, picture: Take
) -> None:
    measure(centre, board)
    for one in picture("indicators")["tiles"]:
        assert one["value"] is None, one["id"]
        assert not one["off_target"]
        assert {value for _, value in one["trend"]} == {None}


def test_no_calls_are_nought_only_if_the_source_is_alive(
    centre: Centre, board: Board, tile: Any
) -> None:
    measure(centre, board)
    assert tile("calls_110")["value"] is None
    speaks(centre, "110")
    centre.now += 1_000
    measure(centre, board)
    assert (tile("calls_110")["value"], tile("calls_110")["freshness"]) == (0, "ok")


def test_a_source_that_has_just_spoken_again_is_still_alive_a_moment_before(
    centre: Centre, board: Board, tile: Any
) -> None:
    """The store keeps the last word only; the moment that is measured lies a second back."""
    work = Worker(centre.database, centre.writer, centre.city, board, "", now=lambda: centre.now)
    speaks(centre, "park")
    centre.now += 2_000
    work.measure()
    centre.now += 30_000
    said = update(source_seen).where(source_seen.c.source == "park").values(last_at=centre.now)
    centre.database.write(lambda c: c.execute(said))
    work.measure()
    assert (tile("hazmat_alarms")["value"], tile("hazmat_alarms")["freshness"]) == (0, "ok")


def test_calls_of_today_are_counted_by_district(centre: Centre, board: Board, tile: Any) -> None:
    speaks(centre, "110")
    for n in range(5):
        centre.hears(source="110", ext_id=f"c{n}", lat=37.05, lon=118.05 + 0.1 * (n % 2))
    measure(centre, board)
    assert [tile("calls_110", view)["value"] for view in (CITY_DESK, EAST_DESK, WEST_DESK)] == [
        5, 3, 2,
    ]  # fmt: skip


def test_a_source_that_stops_is_late_then_dead_and_then_there_is_no_value(
    centre: Centre, board: Board, tile: Any
) -> None:
    seen = []
    reads(centre, "m.power.e", 150)
    reads(centre, "m.power.w", 400)
    for ahead in (0, 130_000, 240_000):
        centre.now += ahead
        measure(centre, board)
        one = tile("power_load")
        seen.append((one["freshness"], one["value"], one["as_of"]))
    assert seen == [("ok", 550, NOON), ("late", 550, NOON), ("dead", None, NOON)]


def test_one_silent_meter_and_there_is_no_sum(centre: Centre, board: Board, tile: Any) -> None:
    reads(centre, "m.power.e", 150)
    measure(centre, board)
    assert tile("power_load")["value"] is None
    assert tile("power_load", EAST_DESK)["value"] == 150


def test_a_mean_is_of_the_points_that_report(centre: Centre, board: Board, tile: Any) -> None:
    reads(centre, "m.water.e", 0.30)
    reads(centre, "m.water.w", 0.40)
    measure(centre, board)
    assert tile("water_pressure")["value"] == pytest.approx(0.35)
    reads(centre, "m.traffic.e", 2.4)
    centre.now += 1
    measure(centre, board)
    assert tile("traffic_index")["value"] == 2.4
    assert tile("traffic_index")["off_target"]


def test_ambulances_are_the_sum_of_what_each_report_counted(
    centre: Centre, board: Board, tile: Any
) -> None:
    for n, value in enumerate((2, 0, 3)):
        reads(centre, "m.120", value, ago_s=300 * n)
    reads(centre, "m.120", 9, ago_s=3_601)  # before the last hour
    measure(centre, board)
    assert (tile("dispatch_120")["value"], tile("dispatch_120")["rows"]) == (5, 3)


def test_orders_signed_in_time_are_a_share_of_those_whose_time_is_over(
    centre: Centre, board: Board, tile: Any
) -> None:
    first, second = centre.order("FIR-E-01"), centre.order("FIR-E-02")
    centre.order("FIR-W-01")
    measure(centre, board)
    assert tile("order_ack_rate")["value"] is None, "nothing is settled yet"
    centre.does(crew("FIR-E-01"), "order.acknowledge", order=first)
    centre.now += 40 * 60_000
    centre.does(crew("FIR-E-02"), "order.acknowledge", order=second)
    measure(centre, board)
    assert tile("order_ack_rate")["value"] == pytest.approx(33.3)
    assert tile("order_ack_rate")["off_target"]


def test_a_late_order_that_went_to_another_unit_stays_late(
    centre: Centre, board: Board, tile: Any
) -> None:
    """The thirteen orders of the ammonia drill; the fourth is not signed and goes to another."""
    incident, _ = centre.incident(type="other")
    flash, urgent = 60, 180
    for seconds, limit in (
        *((14, flash), (22, flash), (31, flash), (8, flash), (40, flash), (95, urgent)),
        *((120, urgent), (48, flash), (150, urgent), (35, flash), (70, urgent)),
    ):
        id = centre.order("FIR-E-01", incident=incident, ack_limit=limit)
        centre.now += seconds * 1000
        centre.does(crew("FIR-E-01"), "order.acknowledge", order=id)
        centre.does(crew("FIR-E-01"), "order.advance", order=id, to="DONE")
    fourth = centre.order("POL-E-01", incident=incident, ack_limit=flash)
    centre.now += 132_000
    asked = {"order": fourth, "unit": "POL-E-02", "reason": "silent"}
    fifth = centre.does("officer", "order.reassign", **asked)["order"]
    centre.now += 18_000
    centre.does(crew("POL-E-02"), "order.acknowledge", order=fifth)
    measure(centre, board)
    assert (tile("order_ack_rate")["value"], tile("order_ack_rate")["rows"]) == (
        pytest.approx(92.3),
        13,
    )


def test_what_is_called_back_before_its_time_is_over_counts_for_nobody(
    centre: Centre, board: Board, tile: Any
) -> None:
    early = centre.order("FIR-E-01", ack_limit=60)
    signed = centre.order("FIR-E-02", ack_limit=60)
    centre.now += 30_000
    centre.does(crew("FIR-E-02"), "order.acknowledge", order=signed)
    for id in (early, signed):
        centre.does("officer", "order.cancel", order=id, reason="not needed")
    centre.now += 600_000
    measure(centre, board)
    assert (tile("order_ack_rate")["value"], tile("order_ack_rate")["rows"]) == (100, 1)


def test_a_unit_that_declines_in_time_has_answered_and_who_is_not_reached_has_not(
    centre: Centre, board: Board, tile: Any
) -> None:
    ids = {unit: centre.order(unit, ack_limit=60) for unit in ("FIR-E-01", "FIR-E-02", "POL-E-01")}
    centre.does(crew("FIR-E-01"), "order.decline", order=ids["FIR-E-01"], reason="broken")
    asked = {"order": ids["POL-E-01"], "reason": "no answer"}
    centre.does("officer", "order.unreachable", **asked)
    measure(centre, board)
    assert (tile("order_ack_rate")["value"], tile("order_ack_rate")["rows"]) == (100, 1)
    centre.now += 61_000
    centre.does(crew("FIR-E-02"), "order.decline", order=ids["FIR-E-02"], reason="too far")
    measure(centre, board)
    assert (tile("order_ack_rate")["value"], tile("order_ack_rate")["rows"]) == (
        pytest.approx(33.3),
        3,
    )


def test_open_alarms_of_the_park_leave_the_count_when_they_are_settled(
    centre: Centre, board: Board, tile: Any
) -> None:
    speaks(centre, "park")
    ids = [centre.hears(source="park", ext_id=f"p{n}")["alert"] for n in range(3)]
    measure(centre, board)
    assert (tile("hazmat_alarms")["value"], tile("hazmat_alarms")["off_target"]) == (3, True)
    centre.does("officer", "alert.dismiss", alert=ids[0], reason="test")
    centre.now += 1
    measure(centre, board)
    assert tile("hazmat_alarms")["value"] == 2


def test_the_city_folder_may_name_each_indicator_that_counts_alerts() -> None:
    assert {one.id for one in METRICS.values() if one.counts} == set(COUNTED)


def test_which_sources_are_counted_is_for_the_city_folder_to_say(
    centre: Centre, board: Board
) -> None:
    renamed = {"110": "police", "119": "fire"}
    sources = tuple(replace(one, id=renamed.get(one.id, one.id)) for one in board.city.sources)
    extra = replace(sources[0], id="gas-2", counts=("calls_110",))
    board.city = replace(board.city, sources=(*sources, extra))
    for name in ("police", "gas-2", "gas"):
        speaks(centre, name)
        centre.hears(source=name, ext_id=f"{name}-1")
    measure(centre, board)

    def value(metric: str) -> Any:
        rows = centre.database.read(
            lambda c: c.execute(
                metric_value.select().where(
                    metric_value.c.metric == metric, metric_value.c.scope == CITY
                )
            ).mappings().all()
        )  # fmt: skip
        return rows[-1]["value"]

    assert value("calls_110") == 2
    assert value("calls_119") is None, "no source is heard of"


def test_an_indicator_that_no_source_names_has_no_data(centre: Centre, board: Board) -> None:
    bare = tuple(replace(one, counts=()) for one in board.city.sources)
    board.city = replace(board.city, sources=bare)
    centre.hears(source="park", ext_id="p")
    measured = METRICS["hazmat_alarms"].measure
    value = centre.database.read(
        lambda c: measured(Facts(board.look(c, Moment(1, centre.now))), (CITY,)).value
    )
    assert value is None


@pytest.mark.parametrize("seed", range(3))
def test_a_tile_is_what_its_rows_count_and_districts_sum_to_the_city(
    centre: Centre, board: Board, picture: Take, seed: int
) -> None:
    some_day(centre, random.Random(seed))
    measure(centre, board)
    centre.now += 1_000
    centre.hears(source="110", ext_id="later")  # after the measurement: neither tile nor rows
    values = {
        "+".join(view.scope): {one["id"]: one["value"] for one in checked(picture, view)}
        for view in (CITY_DESK, EAST_DESK, WEST_DESK)
    }
    for id in (*COUNTED, "power_load"):
        assert values["city"][id] == values["e"][id] + values["w"][id], id


def some_day(centre: Centre, dice: random.Random) -> None:
    for source in ("110", "119", "park"):
        speaks(centre, source)
        for n in range(dice.randrange(12)):
            centre.hears(source=source, ext_id=str(n), lon=118.01 + dice.random() * 0.18)
    for sensor in ("m.power.e", "m.power.w"):
        reads(centre, sensor, dice.randrange(100, 500))


def checked(picture: Take, view: View) -> list[dict[str, Any]]:
    """The tiles of a view, each held against its own rows."""
    tiles: list[dict[str, Any]] = picture("indicators", view)["tiles"]
    for one in tiles:
        rows = picture("indicator_rows", replace(view, subject=one["id"]))["rows"]
        assert len(rows) == one["rows"], one["id"]
        if one["id"] in COUNTED:
            assert one["value"] == len(rows)
        if one["id"] == "power_load":
            assert one["value"] == sum(row["value"] for row in rows)
    return tiles


def test_a_tile_looked_at_later_is_the_one_that_was_live(
    centre: Centre, board: Board, picture: Take
) -> None:
    shots = []
    for n in range(6):
        centre.now += 40 * 60_000
        speaks(centre, f"s{n}")
        reads(centre, "m.power.e", 100 + n)
        reads(centre, "m.power.w", 300 + n)
        reads(centre, "m.water.e", 0.3, ago_s=600, late_s=1200)  # it comes later than it was read
        centre.hears(source="110", ext_id=str(n))
        measure(centre, board)
        seq = centre.events()[-1].seq
        shots.append((seq, centre.now, picture("indicators"), picture("sources")))
    for seq, now, tiles, _ in shots:
        assert picture("indicators", seq=seq, now=now) == tiles


def test_the_trend_has_a_point_each_half_hour_and_holes_where_nothing_was_known(
    centre: Centre, board: Board, tile: Any
) -> None:
    for hour, value in ((0, 1.2), (5, 1.4)):
        centre.now = NOON + hour * 3_600_000
        reads(centre, "m.traffic.e", value)
        measure(centre, board)
    trend = tile("traffic_index")["trend"]
    assert len(trend) == 48
    assert [value for _, value in trend if value is not None] == [1.2, 1.4]
    assert trend[-1][1] == 1.4
    assert [b[0] - a[0] for a, b in itertools.pairwise(trend)] == [1_800_000] * 47


def test_readings_that_come_late_fill_the_past_of_a_trend_once(
    centre: Centre, board: Board, tile: Any
) -> None:
    for half_hours in range(1, 20):
        reads(centre, "m.traffic.e", 1.5, ago_s=half_hours * 1800 - 60, late_s=half_hours * 1800)
    assert fill(centre.database, board, centre.now) > 0
    values = [value for _, value in tile("traffic_index")["trend"]]
    assert values.count(1.5) >= 18
    assert fill(centre.database, board, centre.now) == 0


def test_a_ninth_indicator_is_one_entry_and_one_function(
    centre: Centre, board: Board, monkeypatch: pytest.MonkeyPatch, picture: Take
) -> None:
    def warmest(facts: Facts, scope: Scope) -> Measured:
        rows = in_scope(facts.latest("traffic_index"), scope)
        return Measured(float(rows["value"].max()) if len(rows) else None, facts.now, rows)

    columns = ("sensor_name", "at", "value")
    ninth = Metric("traffic_worst", "down", Band(0, 2, 0, 4), warmest, columns, digits=1)
    monkeypatch.setitem(METRICS, ninth.id, ninth)
    monkeypatch.setattr(board.names, "_words", lambda key: {"zh": key, "en": key})
    reads(centre, "m.traffic.e", 2.5)
    measure(centre, board)
    tiles = picture("indicators")["tiles"]
    assert (len(tiles), tiles[-1]["value"], tiles[-1]["off_target"]) == (9, 2.5, True)
    rows = picture("indicator_rows", replace(CITY_DESK, subject="traffic_worst"))["rows"]
    assert [row["value"] for row in rows] == [2.5]


def test_every_jurisdiction_of_the_city_is_measured(centre: Centre, board: Board) -> None:
    measure(centre, board)
    rows = centre.database.read(lambda c: c.execute(metric_value.select()).all())
    assert {row.scope for row in rows} == {CITY, "e", "w"}
