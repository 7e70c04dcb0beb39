"""CAP 1.2: what a weather service sends becomes one alert, its updates and its end."""

from pathlib import Path

import pytest

from dispatch.city import City
from dispatch.city_records import Source
from dispatch.errors import Invalid
from dispatch.vocabulary import Category, Datum, Level
from streams.sources import cap
from tests.dispatch.centre import NOON
from tests.streams.conftest import SOURCES

SAMPLES = Path(__file__).parents[1] / "samples" / "cap"
LATER = NOON + 3_600_000
WEATHER = next(one for one in SOURCES if one.id == "weather")


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


def read(xml: bytes, city: City, source: Source = WEATHER, now: int = LATER) -> cap.Incoming:
    return cap.read(xml, source, city, now)


def changed(name: str, old: str, new: str) -> bytes:
    text = sample(name).decode()
    assert old in text
    return text.replace(old, new).encode()


def test_a_warning_is_read_in_chinese_with_its_colour_as_level(city: City) -> None:
    made = read(sample("rainstorm_orange"), city)
    assert made.title == "东区暴雨预警信号 <b>注意</b>"
    assert made.text == "预计三小时降雨量将达五十毫米以上\n低洼路段请绕行"
    assert (made.severity, made.category, made.type) == (Level.II, Category.NATURAL, "weather")
    assert (made.kind, made.place, made.district) == ("alert", "东区", "e")
    assert made.expires_at == NOON + 6 * 3_600_000
    assert made.geometry is not None
    assert made.geometry["type"] == "Polygon"
    assert made.lat == pytest.approx(37.05, abs=0.01)


def test_without_chinese_english_is_read_and_severity_counts(city: City) -> None:
    xml = changed("rainstorm_orange", "zh-CN", "fr-FR")
    made = read(xml, city)
    assert (made.title, made.severity) == ("Orange rainstorm warning", Level.III)


def test_update_and_cancel_refer_to_the_same_message_however_time_is_written(city: City) -> None:
    first, update, end = (
        read(sample(name), city)
        for name in ("rainstorm_orange", "rainstorm_red_update", "rainstorm_cancel")
    )
    assert update.references == (first.ext_id,)
    assert (update.kind, update.severity, update.district) == ("update", Level.I, "city")
    assert end.kind == "cancel"
    assert end.references == (first.ext_id, update.ext_id)


def test_a_circle_stays_a_circle(city: City) -> None:
    made = read(sample("smoke_circle"), city)
    assert made.geometry == {"type": "Point", "coordinates": [118.15, 37.05], "radius_m": 800.0}
    assert (made.lat, made.lon, made.district) == (37.05, 118.15, "w")
    assert made.severity is Level.II, "extreme but unlikely"
    assert (made.category, made.type) == (Category.ACCIDENT, "hazmat_leak")


def test_places_are_turned_from_the_datum_of_the_source(city: City) -> None:
    shifted = Source("weather", "气象", "Weather", "org", "cap", Datum.GCJ02, 300, ("city",))
    made = read(sample("smoke_circle"), city, shifted)
    assert made.lat is not None
    assert abs(made.lat - 37.05) > 0.0001


def test_a_district_code_of_the_city_is_believed(city: City) -> None:
    code = "<geocode><valueName>district</valueName><value>w</value></geocode></area>"
    assert read(changed("rainstorm_orange", "</area>", code), city).district == "w"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<identifier>YB-RAIN-0001</identifier>", "", "alert.identifier"),
        ("<sender>met@yunbin.example</sender>", "<sender> </sender>", "alert.sender"),
        ("2026-11-21T11:58:00+08:00", "2026-11-21T11:58:00", "alert.sent"),
        ("2026-11-21T11:58:00+08:00", "yesterday", "alert.sent"),
        ("2026-11-21T11:58:00+08:00", "2136-11-21T11:58:00+08:00", "alert.sent"),
        ("<status>Actual<", "<status>Exercise<", "alert.status"),
        ("<status>Actual<", "<status>Test<", "alert.status"),
        ("<status>Actual<", "<status>Real<", "alert.status"),
        ("<msgType>Alert<", "<msgType>Ack<", "alert.msgType"),
        ("<msgType>Alert<", "<msgType>Update<", "alert.references"),
        ("<scope>Public<", "<scope>Everybody<", "alert.scope"),
        ("<category>Met<", "<category>Weather<", "alert.info.category"),
        ("<severity>Moderate<", "<severity>Bad<", "alert.info.severity"),
        ("<urgency>Expected<", "<urgency>Soon<", "alert.info.urgency"),
        ("<certainty>Likely<", "<certainty>Sure<", "alert.info.certainty"),
        ("<event>暴雨<", "<event><", "alert.info.event"),
        ("37.08,118.02 37.08,118.08", "37.08", "alert.info.area.polygon"),
        ("37.08,118.02 ", "97.08,118.02 ", "alert.info.area.polygon"),
        ("37.08,118.02 ", "nan,118.02 ", "alert.info.area.polygon"),
        ("2026-11-21T18:00:00+08:00", "2026-11-21", "alert.info.expires"),
    ],
)
def test_an_error_names_the_element(city: City, old: str, new: str, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read(changed("rainstorm_orange", old, new), city)
    assert wrong.value.field == field


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"not xml",
        b"<alert/>",
        b'<!DOCTYPE alert [<!ENTITY x "y">]><alert>&x;</alert>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE alert><alert/>'.encode("utf-16"),
        b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"><identifier>1</identifier></alert>',
        b"<a>" * 100_000,
        b" " * 1_048_577,
        b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&x;</identifier></alert>',
    ],
    ids=["empty", "text", "bare", "entity", "utf16-doctype", "cap-1.1", "deep", "long", "unknown"],
)
def test_what_is_not_cap_is_refused_without_harm(city: City, xml: bytes) -> None:
    with pytest.raises(Invalid):
        read(xml, city)


def test_nothing_is_read_from_the_disk(city: City, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    doctype = f'<!DOCTYPE alert [<!ENTITY x SYSTEM "file://{secret}">]>'
    xml = sample("smoke_circle").replace(b"?>", f"?>{doctype}".encode(), 1)
    with pytest.raises(Invalid, match="doctype"):
        read(xml.replace(b"Toxic smoke", b"&x;"), city)
