"""The registry of cameras: what an import takes, why it refuses, and that secrets stay secret."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from dispatch import cameras, log
from dispatch.cameras import Switch
from dispatch.city import City
from dispatch.database import Database
from dispatch.datum import wgs_to_gcj
from dispatch.errors import Invalid, NotFound
from dispatch.writer import Writer

HEAD = "id,name_zh,district,lat,lon,heading,fov,datum,roles,gb28181_id,url,sub_url,user,password\n"
GOOD = "C1,东门,,{lat},{lon},90,60,,,99000000001310000001,rtsp://10.1.1.1/a,,admin,p@ss:word/1\n"


@pytest.fixture
def place(city: City) -> tuple[float, float]:
    area = city.districts[0]
    return area.lat, area.lon


@pytest.fixture
def writer(database: Database) -> Writer:
    return Writer(database, lambda _events: None)


def test_a_good_line_is_taken_with_its_district(city: City, place: tuple[float, float]) -> None:
    found, faults = cameras.read(HEAD + GOOD.format(lat=place[0], lon=place[1]), city)
    assert faults == []
    one = found[0]
    assert (one.camera.id, one.camera.name_en, one.user) == ("C1", "东门", "admin")
    assert one.camera.district == city.districts[0].code


def test_a_place_in_another_datum_is_turned_into_ours(
    city: City, place: tuple[float, float]
) -> None:
    lat, lon = wgs_to_gcj(*place)
    found, faults = cameras.read(f"id,name_zh,lat,lon,datum\nC1,门,{lat},{lon},GCJ02\n", city)
    assert faults == []
    assert found[0].camera.lat == pytest.approx(place[0], abs=1e-6)
    assert found[0].camera.lon == pytest.approx(place[1], abs=1e-6)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("C1,门,nowhere,{lat},{lon},,,,,,,,,", "district"),
        ("C1,门,,0,0,,,,,,,,,", "lat"),
        ("C1,门,,999,{lon},,,,,,,,,", "lat"),
        ("C1,门,,x,{lon},,,,,,,,,", "lat"),
        (",门,,{lat},{lon},,,,,,,,,", "id"),
        ("C 1,门,,{lat},{lon},,,,,,,,,", "id"),
        ("C1,,,{lat},{lon},,,,,,,,,", "name_zh"),
        ("C1,门,,{lat},{lon},400,,,,,,,,", "heading"),
        ("C1,门,,{lat},{lon},,0,,,,,,,", "fov"),
        ("C1,门,,{lat},{lon},,,MARS,,,,,,", "datum"),
        ("C1,门,,{lat},{lon},,,,king,,,,,", "roles.0"),
        ("C1,门,,{lat},{lon},,,,,123,,,,", "gb28181_id"),
        ("C1,门,,{lat},{lon},,,,,,file:///etc/passwd,,,", "url"),
        ("C1,门,,{lat},{lon},,,,,,rtsp://a:b@10.0.0.1/x,,,", "url"),
        ("C1,门,,{lat},{lon},,,,,,gopher://10.0.0.1/x,,,", "url"),
        ("C1,门,,{lat},{lon},,,,,,,rtsp://[fd00::1/x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,rtsp://10.0.0.1:99999/x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,rtsp://10.0.0.1:0/x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,rtsp://a..b/x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,rtsp:///x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,//admin:pw@10.0.0.1/x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,rtsp:admin:pw@10.0.0.1/x,,", "sub_url"),
        ("C1,门,,{lat},{lon},,,,,,,file:/etc/passwd,,", "sub_url"),
        ("../C1,门,,{lat},{lon},,,,,,,,,", "id"),
        ("东门,门,,{lat},{lon},,,,,,,,,", "id"),
        ("C1,门,,{lat},{lon},,,,,,,,admin,pass,word", ""),
    ],
)
def test_a_bad_line_is_refused_with_its_field(
    city: City, place: tuple[float, float], line: str, field: str
) -> None:
    other = "C2,门,,{lat},{lon},,,,,,,,,"
    text = "\n".join((line, other)).format(lat=place[0], lon=place[1])
    found, faults = cameras.read(HEAD + text, city)
    assert [one.camera.id for one in found] == ["C2"]
    assert [(one.row, one.field) for one in faults] == [(2, field)]
    assert faults[0].reason


def test_a_camera_twice_and_one_that_does_not_play_are_refused(
    city: City, place: tuple[float, float]
) -> None:
    line = GOOD.format(lat=place[0], lon=place[1])
    found, faults = cameras.read(HEAD + line + line, city)
    assert [one.reason for one in faults] == ["stands twice"]
    good, bad = cameras.checked_by(found, faults, lambda _one: "timeout")
    assert good == []
    assert bad[-1].reason == "timeout"


def test_two_cameras_have_no_number_in_common(city: City, place: tuple[float, float]) -> None:
    rows = "".join(f"{id},门,{place[0]},{place[1]},{'9' * 20}\n" for id in ("C1", "C2"))
    found, faults = cameras.read(f"id,name_zh,lat,lon,gb28181_id\n{rows}", city)
    assert [one.camera.id for one in found] == ["C1"]
    assert [(one.id, one.field) for one in faults] == [("C2", "gb28181_id")]
    taken = replace(city, cameras=(replace(found[0].camera, id="C0"),))
    assert cameras.read(f"id,name_zh,lat,lon,gb28181_id\n{rows}", taken)[0] == []


def test_what_no_store_can_hold_is_taken_out_of_a_name(
    city: City, place: tuple[float, float]
) -> None:
    text = f"id,name_zh,lat,lon,owner\nC1,东\x00门,{place[0]},{place[1]},市\u202e局\n"
    (one,), faults = cameras.read(text, city)
    assert (one.camera.name_zh, one.camera.owner, faults) == ("东门", "市局", [])


def test_a_camera_that_would_not_be_taken_now_keeps_no_other_away(
    city: City, place: tuple[float, float], database: Database, writer: Writer
) -> None:
    vault = Fernet(Fernet.generate_key())
    both = "".join(GOOD.format(lat=place[0], lon=place[1]).replace("C1", id) for id in ("C1", "C2"))
    found, _ = cameras.read((HEAD + both).replace("99000000001310000001", ""), city)
    object.__setattr__(found[0].camera, "sub_url", "rtsp://[fd00::1/x")
    cameras.store(writer, vault, found, "root", "k1", 1_000)
    known = database.read(lambda c: cameras.registry(c, city, vault))
    assert [one.camera.id for one in known if one.camera.id.startswith("C")] == ["C2"]


def test_a_text_that_is_no_such_table_is_refused(city: City) -> None:
    for text in ("", "hello\n1\n", "id;name_zh\n", "id,id,name_zh,lat,lon\n"):
        with pytest.raises(Invalid):
            cameras.read(text, city)


def test_a_password_is_in_no_row_and_no_event(
    city: City, place: tuple[float, float], database: Database, writer: Writer, tmp_path: Path
) -> None:
    vault, other = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
    found, _ = cameras.read(HEAD + GOOD.format(lat=place[0], lon=place[1]), city)
    cameras.store(writer, vault, found, "root", "k1", 1_000)
    dump = database.read(
        lambda c: json.dumps(
            [[str(v) for v in row] for t in ("camera", "event", "idem")
             for row in c.exec_driver_sql(f"SELECT * FROM {t}").all()]
        )
    )  # fmt: skip
    assert "p@ss" not in dump
    assert "CameraRegistered" in dump
    known = database.read(lambda c: cameras.registry(c, city, vault))
    mine = next(one for one in known if one.camera.id == "C1")
    assert (mine.user, mine.password) == ("admin", "p@ss:word/1")
    assert len(known) == len(city.cameras) + 1
    locked = database.read(lambda c: cameras.registry(c, city, other))
    assert next(one for one in locked if one.camera.id == "C1").password == ""
    assert "10.1.1.1" not in json.dumps(cameras.shown(mine.camera))
    assert cameras.shown(mine.camera)["has_url"]


def test_an_imported_camera_can_be_taken_out_again(
    city: City, place: tuple[float, float], database: Database, writer: Writer
) -> None:
    vault = Fernet(Fernet.generate_key())
    found, _ = cameras.read(HEAD + GOOD.format(lat=place[0], lon=place[1]), city)
    cameras.store(writer, vault, found, "root", "k1", 1_000)
    cameras.remove(writer, "C1", "root", "k2", 2_000)
    known = database.read(lambda c: cameras.registry(c, city, vault))
    assert "C1" not in {one.camera.id for one in known}
    with pytest.raises(NotFound):
        cameras.remove(writer, "C1", "root", "k3", 3_000)
    assert database.read(log.head) == 2


def test_a_disabled_camera_is_out_of_use_until_it_is_enabled(
    city: City, place: tuple[float, float], database: Database, writer: Writer
) -> None:
    vault, own = Fernet(Fernet.generate_key()), "CAM-OWN"
    found, _ = cameras.read(HEAD + GOOD.format(lat=place[0], lon=place[1]), city)
    cameras.store(writer, vault, found, "root", "k1", 1_000)
    city = replace(city, cameras=(replace(found[0].camera, id=own),))

    def used() -> set[str]:
        return {one.camera.id for one in database.read(lambda c: cameras.registry(c, city, vault))}

    for n, id in enumerate((own, "C1")):
        cameras.switch(writer, city, Switch(id, True, "works on it"), "root", f"off{n}", 2_000)
        assert id not in used()
    shown = {one["id"]: one for one in database.read(lambda c: cameras.listed(c, city, vault))}
    assert shown[own]["disabled"] == {"reason": "works on it", "by": "root", "since": 2_000}
    for n, id in enumerate((own, "C1")):
        cameras.switch(writer, city, Switch(id, False), "root", f"on{n}", 3_000)
        assert id in used()
    with pytest.raises(NotFound):
        cameras.switch(writer, city, Switch("nobody", True, "x"), "root", "k9", 3_000)


def test_a_removed_camera_comes_back_in_use(
    city: City, place: tuple[float, float], database: Database, writer: Writer
) -> None:
    vault = Fernet(Fernet.generate_key())
    found, _ = cameras.read(HEAD + GOOD.format(lat=place[0], lon=place[1]), city)
    cameras.store(writer, vault, found, "root", "k1", 1_000)
    cameras.switch(writer, city, Switch("C1", True, "broken"), "root", "k2", 2_000)
    cameras.remove(writer, "C1", "root", "k3", 3_000)
    cameras.store(writer, vault, found, "root", "k4", 4_000)
    known = database.read(lambda c: cameras.registry(c, city, vault))
    assert "C1" in {one.camera.id for one in known}
