"""The demo city is a folder that the product accepts, whole and the same every time."""

import shutil
from pathlib import Path

import pytest

from demo import basemap
from demo import city as demo
from dispatch import city as cities
from dispatch.city import City
from dispatch.vocabulary import Datum, ForceType, Role

DRILL_UNITS = ["P1", "FIR-GK-01", "FIR-GK-02", "POL-GK-11", "POL-GK-12", "MED-GK-01"]
DRILL_UNITS += ["UAV-GK-1", "ENV-01", "EMT-02", "GRD-GK-01", "TRF-03"]


@pytest.fixture(scope="module")
def city(yunbin: Path) -> City:
    return cities.load(yunbin)


def test_the_product_accepts_the_demo_city_and_knows_it_is_simulated(city: City) -> None:
    assert city.settings.name_zh == "云滨市"
    assert city.settings.simulated
    assert city.codes == ("dc", "xc", "gk", "bh", "nh")


def test_it_has_a_thousand_units_each_inside_its_district(city: City) -> None:
    assert len(city.units) == 1000
    strayed = [u.id for u in city.units if city.district_at(u.lat, u.lon) != u.district]
    assert strayed == []
    by_force = {force: sum(u.force_type is force for u in city.units) for force in ForceType}
    assert by_force[ForceType.FIR] == 48
    assert by_force[ForceType.POL] == 60
    assert by_force[ForceType.MED] == 38
    assert all(by_force.values())


def test_the_units_of_the_drill_have_phones_and_abilities(city: City) -> None:
    units = {unit.id: unit for unit in city.units}
    bound = {p.unit: p.name_zh for p in city.people if p.role is Role.RESPONDER}
    assert set(DRILL_UNITS) <= set(bound)
    assert len(bound) >= 24 + len(DRILL_UNITS)
    assert "hazmat" in units["FIR-GK-01"].capabilities
    assert bound["FIR-GK-01"] == units["FIR-GK-01"].leader


def test_every_action_of_a_plan_finds_a_unit_that_can_do_it(city: City) -> None:
    units = {unit.id: unit for unit in city.units}
    for plan in city.plans:
        for action in plan.actions:
            able = [
                u.id
                for u in city.units
                if u.force_type is action.force_type
                and (not action.capability or action.capability in u.capabilities)
            ]
            assert able, f"{plan.id}.{action.seq}"
            if action.unit:
                assert units[action.unit].id in able, f"{plan.id}.{action.seq}"


def test_the_ammonia_tank_is_seen_by_its_cameras(city: City) -> None:
    cameras = {camera.id: camera for camera in city.cameras}
    assert len(cameras) == 120
    for name in ("CAM-GK-031", "CAM-GK-028", "CAM-GK-044", "CAM-GK-052", "CAM-GK-047"):
        assert cameras[name].district == "gk"
        assert "储罐区" in cameras[name].name_zh


def test_the_eight_indicators_have_their_meters_and_sources(city: City) -> None:
    metrics = {sensor.metric for sensor in city.sensors}
    assert metrics >= {"power_load", "water_pressure", "traffic_index", "dispatch_120"}
    assert {s.id for s in city.sources} >= {"110", "119", "120", "12345", "park", "desk"}
    assert any(source.datum is Datum.GCJ02 for source in city.sources)
    assert all(s.normal_low < s.normal_high for s in city.sensors)


def test_making_it_again_changes_nothing_and_says_so(yunbin: Path, tmp_path: Path) -> None:
    assert demo.make(yunbin, lambda _: None) is False
    for name in (basemap.NAME, f"{basemap.NAME}.stamp"):  # drawing has a test of its own
        shutil.copyfile(yunbin / name, tmp_path / name)
    assert demo.make(tmp_path, lambda _: None) is True
    for name in ("units.csv", "people.csv", "cameras.csv", "places.csv", "districts.geojson"):
        assert (tmp_path / name).read_bytes() == (yunbin / name).read_bytes(), name
