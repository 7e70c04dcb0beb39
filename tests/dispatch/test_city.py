"""A city folder is read whole, checked whole, and every mistake is named."""

import json
from pathlib import Path

import pytest

from dispatch import city as cities
from dispatch.city import CityError
from dispatch.database import Database
from ops import admit

SQUARE = [[[118.0, 37.0], [118.1, 37.0], [118.1, 37.1], [118.0, 37.1], [118.0, 37.0]]]
EAST = [[[118.1, 37.0], [118.2, 37.0], [118.2, 37.1], [118.1, 37.1], [118.1, 37.0]]]
TOML = """
name_zh = "小城"
name_en = "Smalltown"
centre_zh = "小城运行管理中心"
centre_en = "Smalltown Operations Centre"
population = 1000
simulated = true
timezone = "Asia/Shanghai"
[map]
lat = 37.05
lon = 118.1
zoom = 12
basemap = "base.pmtiles"
note_zh = "示意"
note_en = "Schematic"
[counts]
streets = 2
"""
FILES = {
    "city.toml": TOML,
    "units.csv": "id,name_zh,name_en,force_type,district,lat,lon,members,vehicles,capabilities\n"
    "FIR-1,一号消防车,Engine 1,FIR,w,37.05,118.05,6,1,hazmat;pump\n",
    "cameras.csv": "id,name_zh,name_en,district,lat,lon,heading,fov\n"
    "CAM-1,东门,East gate,w,37.05,118.06,90,60\n",
    "sources.csv": "id,name_zh,name_en,org,kind,datum,period_s,districts\n"
    "110,110 接警,110 calls,公安局,json,WGS84,60,city\n",
    "people.csv": "id,name_zh,name_en,role,seat_zh,seat_en,districts,unit,phone\n"
    "lead,李,Li,leader,领导席,Leader seat,city,,\n"
    "fir1,王,Wang,responder,,,w,FIR-1,100\n",
    "places.csv": "id,name_zh,name_en,kind,district,lat,lon\n"
    "p1,东门医院,East Gate Hospital,hospital,e,37.05,118.15\n",
    "readings.csv": "id,name_zh,name_en,metric,unit,district,lat,lon,source,"
    "normal_low,normal_high,alarm\n"
    "m1,负荷,Load,power_load,MW,w,37.05,118.05,110,1,2,\n",
}
PLAN = {
    "id": "leak",
    "name_zh": "泄漏",
    "name_en": "Leak",
    "category": "accident",
    "types": ["hazmat_leak"],
    "triggers": [],
    "levels": [],
    "end_conditions": [{"zh": "已控制", "en": "Under control"}],
    "actions": [
        {
            "seq": 1,
            "phase": "initial",
            "kind": "dispatch",
            "text_zh": "堵漏",
            "text_en": "Stop the leak",
            "force_type": "FIR",
            "capability": "hazmat",
            "offset_min": 0,
            "deadline_min": 10,
            "priority": 1,
        }
    ],
}


def feature(code: str, rings: object) -> dict[str, object]:
    names = {"code": code, "name_zh": code, "name_en": code, "population": 5}
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": names, "geometry": geometry}


def write_districts(folder: Path, *features: object) -> None:
    whole = {"type": "FeatureCollection", "features": list(features)}
    (folder / "districts.geojson").write_text(json.dumps(whole))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    write_districts(tmp_path, feature("w", SQUARE), feature("e", EAST))
    (tmp_path / "plans.json").write_text(json.dumps([PLAN]))
    (tmp_path / "base.pmtiles").write_bytes(b"PMTiles\x03" + bytes(120))
    return tmp_path


def swap(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> str:
    with pytest.raises(CityError) as caught:
        cities.load(folder)
    return str(caught.value)


def test_a_whole_folder_becomes_a_city(folder: Path) -> None:
    city = cities.load(folder)
    assert city.settings.name_en == "Smalltown"
    assert city.settings.counts == {"streets": 2}
    assert city.codes == ("w", "e")
    assert city.units[0].capabilities == ("hazmat", "pump")
    assert city.people[1].districts == ("w",)
    assert city.sensors[0].alarm is None
    assert city.sensors[0].normal_high == 2
    assert city.basemap == folder / "base.pmtiles"


def test_byte_order_mark_extra_columns_and_blank_lines_are_borne(folder: Path) -> None:
    text = "\ufeffid,colour,name_zh,name_en,kind,district,lat,lon\n\n,,,,,,,\n"
    text += 'p2,red,"公园, 北",Park,park,w,37.05,118.05\n'
    (folder / "places.csv").write_text(text, encoding="utf-8")
    assert [place.name_zh for place in cities.load(folder).places] == ["公园, 北"]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("units.csv", "37.05", "97.05", "units.csv row 2, lat"),
        ("units.csv", "37.05", "nan", "units.csv row 2, lat"),
        ("units.csv", ",FIR,", ",BUS,", "units.csv row 2, force_type"),
        ("units.csv", "FIR,w", "FIR,zz", "units.csv id FIR-1, district: 'zz'"),
        ("units.csv", "一号消防车", "", "units.csv row 2, name_zh: the value is missing"),
        ("cameras.csv", "heading", "bearing", "cameras.csv: column heading is missing"),
        ("cameras.csv", ",90,", ",400,", "cameras.csv row 2, heading"),
        ("sources.csv", "WGS84", "WGS72", "sources.csv row 2, datum"),
        ("sources.csv", "city", "moon", "sources.csv id 110, districts: 'moon'"),
        (
            "sources.csv",
            "\n110,",
            "\n燃气,",
            "sources.csv row 2, id: Value error, should be 1 to 40",
        ),
        ("sources.csv", "\n110,", "\na/b,", "sources.csv row 2, id"),
        ("sources.csv", "\n110,", f"\n{'x' * 41},", "sources.csv row 2, id"),
        ("people.csv", "fir1", "王海", "people.csv id 王海, id: '王海' should be 1 to 35"),
        ("people.csv", "fir1", "f" * 36, "should be 1 to 35"),
        ("people.csv", "leader", "king", "people.csv row 2, role"),
        ("people.csv", "FIR-1", "FIR-9", "people.csv id fir1, unit: 'FIR-9'"),
        ("people.csv", "FIR-1", "", "people.csv id fir1, unit: ''"),
        ("people.csv", "fir1", "lead", "people.csv: id lead stands twice"),
        ("readings.csv", ",110,", ",999,", "readings.csv id m1, source: '999'"),
        ("city.toml", "Asia/Shanghai", "Asia/Nowhere", "city.toml, timezone"),
        ("city.toml", "[counts]", "[count]", "city.toml, count: there is no such setting"),
        ("city.toml", "note_en", "notice = 1\nnote_en", "city.toml, map.notice: there is no such"),
        ("city.toml", "streets = 2", "streets = -2", "city.toml, counts.streets"),
        ("city.toml", "lat = 37.05", "lat = 137.05", "city.toml, map.lat"),
        ("city.toml", "name_en =", "name_en", "city.toml:"),
        ("city.toml", "base.pmtiles", "gone.pmtiles", "there is no file gone.pmtiles"),
        ("city.toml", "simulated = true", "simulated = false", "map_review_no"),
        ("plans.json", '"priority": 1', '"priority": 7', "plans.json plan 1, actions.0.priority"),
        ("plans.json", '"seq": 1', '"seq": 1, "unit": "FIR-8"', "no unit FIR-8"),
        ("districts.geojson", '"Polygon"', '"Point"', "feature 1, geometry"),
        (
            "districts.geojson",
            '"code": "w"',
            '"code": "city"',
            "feature 1, code: Value error, means",
        ),
        ("districts.geojson", '"name_zh": "w"', '"name": "w"', "feature 1, name_zh"),
    ],
)
def test_a_mistake_is_named_by_file_row_and_field(
    folder: Path, name: str, old: str, new: str, told: str
) -> None:
    swap(folder, name, old, new)
    assert told in problems(folder)


def test_an_indicator_that_nobody_computes_is_named(folder: Path) -> None:
    text = FILES["sources.csv"].replace("districts\n", "districts,counts\n")
    for counts, good in (("calls_110;hazmat_alarms", True), ("calls_110;hazmat_alarm", False)):
        table = text.replace(",city\n", f",city,{counts}\n")
        (folder / "sources.csv").write_text(table, encoding="utf-8")
        if good:
            assert cities.load(folder).sources[0].counts == tuple(counts.split(";"))
    told = problems(folder)
    assert "sources.csv id 110, counts: 'calls_110;hazmat_alarm' should be of calls_110" in told


def test_what_passes_gets_its_keys(folder: Path, sqlite_url: str) -> None:
    """The longest ids that the check lets through, and every character."""
    source, crew = "a.B-c_9" + "x" * 33, "f.R-1_" + "x" * 29
    swap(folder, "sources.csv", "\n110,", f"\n{source},")
    swap(folder, "readings.csv", ",110,", f",{source},")
    swap(folder, "people.csv", "fir1", crew)
    city, database = cities.load(folder), Database(sqlite_url)
    admit.people(database, city)
    assert list(admit.systems(database, city)) == [source]
    assert list(admit.devices(database, city)) == ["FIR-1"]
    database.close()


@pytest.mark.parametrize("name", [*FILES, "districts.geojson", "plans.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name}: the file is missing" in problems(folder)


def test_a_polygon_that_crosses_itself_is_refused(folder: Path) -> None:
    crossed = [[[118.0, 37.0], [118.1, 37.1], [118.1, 37.0], [118.0, 37.1], [118.0, 37.0]]]
    write_districts(folder, feature("w", SQUARE), feature("e", crossed))
    assert "feature 2, geometry: Self-intersection" in problems(folder)


def test_all_problems_are_told_at_once_but_not_more_than_twenty(folder: Path) -> None:
    swap(folder, "city.toml", "base.pmtiles", "gone.pmtiles")
    rows = "".join(f"c{n},门,Gate,w,37.05,118.06,90,0\n" for n in range(30))
    head = FILES["cameras.csv"].splitlines()[0]
    (folder / "cameras.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    told = problems(folder)
    assert told.count("fov") == 20
    assert told.endswith("and 11 more")


def test_a_basemap_that_is_something_else_is_refused(folder: Path) -> None:
    (folder / "base.pmtiles").write_bytes(b"SQLite format 3")
    assert "not a PMTiles 3 file" in problems(folder)


def test_a_point_is_found_in_its_district(folder: Path) -> None:
    city = cities.load(folder)
    assert city.district_at(37.05, 118.05) == "w"
    assert city.district_at(37.05, 118.15) == "e"
    assert city.district_at(38.05, 118.15) is None


def test_search_puts_whole_names_before_beginnings_before_parts(folder: Path) -> None:
    city = cities.load(folder)
    assert [hit.id for hit in city.search("东门")] == ["CAM-1", "p1"]
    assert [hit.id for hit in city.search("EAST gate")] == ["CAM-1", "p1"]
    assert [hit.id for hit in city.search("fir-1")] == ["FIR-1"]
    assert [hit.kind for hit in city.search("医院")] == ["hospital"]
    assert len(city.search("e", limit=2)) == 2
    assert [hit.id for hit in city.search("东门", kind="camera")] == ["CAM-1"]
    assert city.search("  ") == []
    assert city.search("nothing such") == []


def test_the_plan_that_names_the_type_comes_first(folder: Path) -> None:
    general = {**PLAN, "id": "general", "types": ["*"], "category": None}
    (folder / "plans.json").write_text(json.dumps([general, PLAN]))
    city = cities.load(folder)
    assert [p.id for p in city.plans_for("accident", "hazmat_leak")] == ["leak", "general"]
    assert [p.id for p in city.plans_for("accident", "fire")] == ["general"]
    assert [p.id for p in city.plans_for("natural", "hazmat_leak")] == ["general"]
