"""Places in other data come back to within a metre; outside China nothing moves."""

from hypothesis import given, settings
from hypothesis import strategies as some

from dispatch.geo import distance_m
from dispatch.vocabulary import Datum
from streams.datum import gcj_to_bd, outside, to_wgs84, wgs_to_gcj

IN_CHINA = (some.floats(18.5, 53.0), some.floats(74.0, 134.5))
ANYWHERE = (some.floats(-90, 90), some.floats(-180, 180))


@given(*IN_CHINA)
@settings(max_examples=300)
def test_gcj_comes_back_within_a_metre(lat: float, lon: float) -> None:
    back = to_wgs84(*wgs_to_gcj(lat, lon), Datum.GCJ02)
    assert distance_m(lat, lon, *back) < 0.1


@given(*IN_CHINA)
@settings(max_examples=300)
def test_bd_comes_back_within_a_metre(lat: float, lon: float) -> None:
    back = to_wgs84(*gcj_to_bd(*wgs_to_gcj(lat, lon)), Datum.BD09)
    assert distance_m(lat, lon, *back) < 1.0


@given(*ANYWHERE)
def test_outside_china_nothing_is_moved(lat: float, lon: float) -> None:
    if outside(lat, lon):
        assert to_wgs84(lat, lon, Datum.GCJ02) == (lat, lon)
        assert to_wgs84(lat, lon, Datum.BD09) == (lat, lon)


@given(*ANYWHERE)
def test_wgs84_and_cgcs2000_are_taken_as_one(lat: float, lon: float) -> None:
    assert to_wgs84(lat, lon, Datum.WGS84) == (lat, lon)
    assert to_wgs84(lat, lon, Datum.CGCS2000) == (lat, lon)


def test_the_shift_has_the_known_size() -> None:
    """About 505 m at Dongying: far enough for the wrong plant."""
    lat, lon = 37.46, 118.67
    assert 495 < distance_m(lat, lon, *wgs_to_gcj(lat, lon)) < 515
