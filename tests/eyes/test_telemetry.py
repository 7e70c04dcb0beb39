"""A drone's own words, whichever way they come, and what its camera sees of the ground."""

import math
from pathlib import Path

import pytest

from demo import klv
from tests.eyes import flightlog
from video import footprint
from video.footprint import Gaze
from video.telemetry import KlvSource, Telemetry, of_klv
from video.ulog import UlogError, UlogSource

HOME = (37.51, 118.72)


def test_a_camera_that_looks_straight_down_sees_a_rectangle_below_it() -> None:
    gaze = Gaze(*HOME, height=100, heading=0, elevation=-90, hfov=90, vfov=60)
    up_left, up_right, low_right, low_left = footprint.corners(gaze)
    assert _metres(HOME, up_left) == pytest.approx((-100, 57.7), abs=0.1)
    assert _metres(HOME, up_right) == pytest.approx((100, 57.7), abs=0.1)
    assert _metres(HOME, low_right) == pytest.approx((100, -57.7), abs=0.1)
    assert _metres(HOME, low_left) == pytest.approx((-100, -57.7), abs=0.1)


def test_the_footprint_turns_with_the_camera() -> None:
    east = Gaze(*HOME, height=100, heading=90, elevation=-45, hfov=40, vfov=30)
    assert _metres(HOME, footprint.corners(east)[0])[1] > 0  # its left is the north


def test_what_lies_beyond_the_horizon_is_cut_off() -> None:
    gaze = Gaze(*HOME, height=80, heading=0, elevation=-5, hfov=40, vfov=30)
    far = _metres(HOME, footprint.corners(gaze)[0])
    assert math.hypot(*far) == pytest.approx(footprint.FARTHEST_M, rel=1e-3)
    assert footprint.corners(Gaze(*HOME, 80, 0, 45, 40, 30)) == ()


def test_a_packet_tells_where_the_drone_is_and_what_it_sees() -> None:
    found = of_klv(klv.write(_flying()))
    assert found is not None
    assert (found.lat, found.lon) == pytest.approx(HOME, abs=1e-6)
    assert found.at == 1_700_000_000_123
    assert found.gaze == pytest.approx(20, abs=0.02)
    assert len(found.corners) == 4
    assert found.battery is None  # the standard has no word for it


def test_corners_given_in_full_go_before_those_reckoned() -> None:
    full = {82: 1.0, 83: 2.0, 84: 1.0, 85: 2.1, 86: 0.9, 87: 2.1, 88: 0.9, 89: 2.0}
    found = of_klv(klv.write(_flying() | full))
    assert found is not None
    assert found.corners[1] == pytest.approx((1.0, 2.1), abs=1e-6)


def test_corners_given_against_the_middle_are_added_to_it() -> None:
    against = {23: 37.5, 24: 118.7} | dict.fromkeys(range(26, 34), 0.001)
    found = of_klv(klv.write(_flying() | against))
    assert found is not None
    assert found.corners[3] == pytest.approx((37.501, 118.701), abs=1e-5)


def test_a_drone_without_a_place_is_not_drawn() -> None:
    assert of_klv(klv.write({2: 5, 5: 10.0})) is None


def test_damaged_packets_are_counted_and_left_out() -> None:
    good = klv.write(_flying())
    source = KlvSource([good, good[:-1], good])
    assert len(list(source)) == 2
    assert source.refused == {"truncated": 1}


def test_a_flight_log_speaks_as_a_packet_does(tmp_path: Path) -> None:
    half = math.sqrt(0.5)
    rows = [
        (1_000_000, "vehicle_attitude", flightlog.attitude(half, 0, 0, half)),
        (1_000_000, "battery_status", flightlog.battery(0.81)),
        (1_000_000, "input_rc", flightlog.remote(67)),
        (2_000_000, "vehicle_global_position", flightlog.place(*HOME, 120)),
        (2_050_000, "vehicle_global_position", flightlog.place(*HOME, 120)),
        (3_000_000, "battery_status", flightlog.battery(0.80)),
        (3_000_000, "input_rc", flightlog.remote(0, lost=True)),
        (4_000_000, "vehicle_global_position", flightlog.place(37.52, 118.73, 130)),
    ]
    first, last = list(UlogSource(flightlog.write(tmp_path / "f.ulg", rows), start=1_000))
    assert isinstance(first, Telemetry)
    assert (first.at, last.at) == (1_000, 3_000)
    assert (first.lat, first.lon, first.alt) == pytest.approx((*HOME, 120))
    assert first.heading == pytest.approx(90)
    assert (first.battery, first.link) == pytest.approx((81, 67))
    assert (last.battery, last.link) == pytest.approx((80, 0))


def test_what_is_no_flight_log_is_said(tmp_path: Path) -> None:
    empty, noise, still = tmp_path / "a.ulg", tmp_path / "b.ulg", tmp_path / "c.ulg"
    empty.write_bytes(b"")
    noise.write_bytes(bytes(range(256)) * 20)
    flightlog.write(still, [(1, "battery_status", flightlog.battery(0.5))])
    for file in (empty, noise, still):
        with pytest.raises(UlogError):
            UlogSource(file)


def test_a_damaged_log_says_no_place_that_there_is_not(tmp_path: Path) -> None:
    rows = [
        (1_000_000, "vehicle_global_position", flightlog.place(*HOME, 120)),
        (2_000_000, "vehicle_global_position", flightlog.place(137.5, 118.7, 120)),
        (3_000_000, "vehicle_global_position", flightlog.place(37.5, -1e300, 120)),
    ]
    whole = flightlog.write(tmp_path / "f.ulg", rows)
    assert [one.lat for one in UlogSource(whole, start=0)] == [HOME[0]]
    for name in (b"double lat;", b"uint64_t timestamp;double lat"):
        lost = whole.with_name("lost.ulg")
        lost.write_bytes(whole.read_bytes().replace(name, name.replace(b"t", b"x"), 1))
        with pytest.raises(UlogError):
            UlogSource(lost)


def _flying() -> dict[int, float | int | str]:
    return {
        2: 1_700_000_000_123_456, 5: 350.0, 13: HOME[0], 14: HOME[1], 15: 124.0,
        16: 60.0, 17: 36.0, 18: 30.0, 19: -60.0, 20: 0.0, 25: 4.0,
    }  # fmt: skip


def _metres(home: tuple[float, float], place: tuple[float, float] | None) -> tuple[float, float]:
    assert place is not None
    north = (place[0] - home[0]) * footprint.METRES_A_DEGREE
    wide = footprint.METRES_A_DEGREE * math.cos(math.radians(home[0]))
    return (place[1] - home[1]) * wide, north
