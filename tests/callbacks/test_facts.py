"""What outside systems bring: alerts as JSON and CAP, readings, positions; what they may ask."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callbacks.services import Services
from dispatch import keys
from dispatch.log import Request, Work
from tests.callbacks.live import eventually
from tests.callbacks.person import Person, System
from tests.callbacks.test_doors import BAD_JSON
from tests.callbacks.test_rest import POISON, order

LEAK = {
    "source": "gas",
    "ext_id": "g-1",
    "title": "燃气泄漏",
    "category": "accident",
    "type": "hazmat_leak",
    "severity": 2,
    "lat": 37.05,
    "lon": 118.05,
}
SENT = "2026-11-22T08:00:00+08:00"
CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>{id}</identifier><sender>met@smalltown</sender><sent>{sent}</sent>
<status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>{references}
<info><language>zh-CN</language><category>Met</category><event>大风</event>
<urgency>Expected</urgency><severity>{severity}</severity><certainty>Likely</certainty>
<headline>{headline}</headline>
<area><areaDesc>东区</areaDesc><circle>37.05,118.15 1</circle></area></info>
</alert>"""


@pytest.fixture
def gas(person: Person) -> System:
    return person.system("gas", "alerts:write", source="gas")


@pytest.fixture
def met(person: Person) -> Callable[..., TestResponse]:
    """Sends a CAP message of the weather service."""
    system = person.system("met", "alerts:write", source="met")

    def send(**said: str) -> TestResponse:
        usual = {"id": "w-1", "sent": SENT, "kind": "Alert", "references": "", "headline": "大风"}
        text = CAP.format(**{**usual, "severity": "Moderate", **said})
        return system.post("/api/v1/alerts", data=text.encode(), content_type="application/cap+xml")

    return send


def alerts_of(person: Person) -> list[dict[str, Any]]:
    answer = person("officer").get("/api/v1/pictures/alerts").get_json()
    rows: list[dict[str, Any]] = answer["picture"]["alerts"]
    return rows


def test_an_alert_sent_twice_is_one_alert(gas: System, person: Person) -> None:
    first = gas.post("/api/v1/alerts", json=LEAK)
    again = gas.post("/api/v1/alerts", json=LEAK)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["alert"] == again.get_json()["alert"]
    assert len(alerts_of(person)) == 1


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_a_level_that_is_said_again_after_another_counts_again(
    gas: System, person: Person, numbered: bool, together: bool
) -> None:
    levels = (3, 1, 3, 1)
    said = [{**LEAK, "severity": level} for level in levels]
    if numbered:
        said = [{**one, "seq": n} for n, one in enumerate(said)]
    for pair in (said[:2], said[2:3], said[3:]):
        if together:
            gas.post("/api/v1/alerts:batch", json={"alerts": pair})
        else:
            for one in pair:
                gas.post("/api/v1/alerts", json=one)
        assert alerts_of(person)[0]["severity"] == pair[-1]["severity"]
    gas.post("/api/v1/alerts", json=said[3])
    assert (alerts_of(person)[0]["severity"], alerts_of(person)[0]["revision"]) == (1, 4)


def test_a_place_is_moved_from_the_datum_that_its_source_declares(
    gas: System, person: Person
) -> None:
    gas.post("/api/v1/alerts", json=LEAK)
    row = alerts_of(person)[0]
    assert 0.0005 < abs(row["lat"] - LEAK["lat"]) < 0.02
    assert 0.0005 < abs(row["lon"] - LEAK["lon"]) < 0.02


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", 5),
        ("severity", "2"),
        ("lat", 91.0),
        ("lat", "37"),
        ("title", ""),
        ("ext_id", ""),
        ("ext_id", "x" * 256),
        ("category", "party"),
        ("occurred_at", "yesterday"),
        ("occurred_at", 1_795_233_600_000_000),
        ("more", 1),
    ],
)
def test_a_field_that_is_wrong_is_named(gas: System, field: str, value: object) -> None:
    answer = gas.post("/api/v1/alerts", json={**LEAK, field: value})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["field"].split(".")[0] == field


def test_no_bad_body_is_a_fault_of_the_server(person: Person) -> None:
    rights = ("alerts:write", "readings:write", "positions:write")
    system = person.system("any", *rights)
    for address in ("alerts", "readings", "positions"):
        for text in (b"[]", b"7", b"null", b'"x"', b"{}", *BAD_JSON.values()):
            answer = system.post(f"/api/v1/{address}", data=text, content_type="application/json")
            assert answer.status_code in (400, 422), (address, text)
            assert answer.mimetype == "application/problem+json"


def test_a_key_speaks_for_its_own_source_alone(gas: System, person: Person) -> None:
    other = gas.post("/api/v1/alerts", json={**LEAK, "source": "110"})
    assert (other.status_code, other.get_json()["code"]) == (403, "not_your_source")
    reader = person.system("power", "readings:write", source="power")
    assert reader.post("/api/v1/alerts", json=LEAK).status_code == 403
    assert person("officer").post("/api/v1/alerts", json=LEAK).status_code == 403


def test_neither_json_nor_cap_is_refused(gas: System) -> None:
    answer = gas.post("/api/v1/alerts", data="hello", content_type="text/plain")
    assert answer.status_code == 415
    assert gas.post("/api/v1/alerts", data=b"").status_code == 415


def test_more_than_a_megabyte_is_refused(gas: System) -> None:
    answer = gas.post("/api/v1/alerts", json={**LEAK, "text": "x" * (1 << 20)})
    assert answer.status_code == 413


def test_cap_brings_changes_and_takes_back_an_alert(
    met: Callable[..., TestResponse], person: Person
) -> None:
    first = met()
    assert first.status_code == 201, first.get_data(as_text=True)
    assert met().status_code == 200
    refers = f"<references>met@smalltown,w-1,{SENT}</references>"
    later = SENT.replace("08:00", "08:30")
    changed = met(id="w-2", sent=later, kind="Update", references=refers, severity="Extreme")
    assert changed.status_code == 200
    assert changed.get_json()["alert"] == first.get_json()["alert"]
    assert len(alerts_of(person)) == 1
    assert alerts_of(person)[0]["revision"] == 2
    gone = met(id="w-3", sent=SENT.replace("08:00", "08:40"), kind="Cancel", references=refers)
    assert gone.get_json()["outcome"] == "cancelled"
    assert [row["state"] for row in alerts_of(person)] == ["CANCELLED"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<alert/>",
        b"not xml",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>',
        b"<a>" * 20_000 + b"</a>" * 20_000,
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><alert/>'.encode("utf-16"),
    ],
)
def test_xml_that_plays_tricks_is_refused(person: Person, text: bytes) -> None:
    system = person.system("met", "alerts:write", source="met")
    answer = system.post("/api/v1/alerts", data=text, content_type="application/cap+xml")
    assert answer.status_code == 422
    assert b"root:" not in answer.data


def test_markup_in_a_message_comes_back_as_text(gas: System, person: Person) -> None:
    assert gas.post("/api/v1/alerts", json={**LEAK, "title": POISON}).status_code == 201
    row = alerts_of(person)[0]
    assert row["title"] == POISON
    bad = gas.post("/api/v1/alerts", json={**LEAK, POISON: 1})
    assert bad.mimetype == "application/problem+json"


def test_readings_are_taken_row_by_row(person: Person, services: Services) -> None:
    system = person.system("power", "readings:write", source="power")
    at = services.now()
    rows = [{"sensor": "m1", "at": at, "value": 1.5}, {"sensor": "m9", "at": at, "value": 1.0}]
    answer = system.post("/api/v1/readings", json={"source": "power", "readings": rows})
    assert answer.status_code == 200
    assert answer.get_json()["accepted"] == 1
    assert answer.get_json()["refused"][0]["row"] == 1
    other = system.post("/api/v1/readings", json={"source": "gas", "readings": rows})
    assert other.status_code == 403


def test_positions_are_known_at_once(person: Person, services: Services) -> None:
    system = person.system("gps", "positions:write", source="gps")
    rows = [{"unit": "FIR-1", "lat": 37.06, "lon": 118.06}]
    answer = system.post("/api/v1/positions", json={"source": "gps", "positions": rows})
    assert answer.get_json() == {"accepted": 1, "refused": []}
    assert len(services.positions.frame(("w",), services.now())) > 4
    assert len(services.positions.frame(("e",), services.now())) == 4


def test_a_device_asks_for_its_own_orders_alone(person: Person) -> None:
    mine = order(person)
    device = person.system("fir1-device", "orders:answer", account="fir1")
    own = device.get("/api/v1/orders?unit=FIR-1").get_json()
    assert [one["id"] for one in own["orders"]] == [mine]
    assert device.get("/api/v1/orders").get_json() == own
    assert device.get("/api/v1/orders?unit=MED-1").status_code == 403
    assert person("med1").get("/api/v1/orders?unit=FIR-1").status_code == 403
    assert person("officer").get("/api/v1/orders?unit=FIR-1").status_code == 200
    assert person("west").get("/api/v1/orders?unit=MED-1").status_code == 403
    assert person("officer").get("/api/v1/orders?unit=nothing").status_code == 404
    writer = person.system("gas", "alerts:write", source="gas")
    assert writer.get("/api/v1/orders?unit=FIR-1").status_code == 403


def test_a_revoked_key_opens_nothing(person: Person, services: Services) -> None:
    system = person.system("gas", "alerts:write", source="gas")
    keys.revoke(services.database, "gas", services.now())
    assert system.post("/api/v1/alerts", json=LEAK).status_code == 401


def test_the_units_are_numbered_as_in_the_frames(person: Person) -> None:
    units = person("wall").get("/api/v1/units/table").get_json()["units"]
    assert [(one["i"], one["id"]) for one in units] == [(0, "FIR-1"), (1, "MED-1")]


def test_places_are_found_by_part_of_a_name(person: Person) -> None:
    found = person("officer").get("/api/v1/places?q=医院").get_json()["places"]
    assert [one["id"] for one in found] == ["p1"]
    poisoned = person("officer").get("/api/v1/places?q=mall")
    assert poisoned.mimetype == "application/json"
    assert poisoned.get_json()["places"][0]["name_zh"].startswith("<img")


def test_units_alone_are_found_and_as_many_as_are_asked_for(person: Person) -> None:
    def found(more: str) -> list[str]:
        address = f"/api/v1/places?q=-1&kind=unit{more}"
        return [one["id"] for one in person("officer").get(address).get_json()["places"]]

    assert found("&most=50") == ["FIR-1", "MED-1"]
    assert found("&most=1") == ["FIR-1"]
    for wrong in ("&most=51", "&most=0", "&kind=people"):
        assert person("officer").get(f"/api/v1/places?q=a{wrong}").status_code == 422


def test_health_says_how_it_is(person: Person) -> None:
    assert person.nobody().get("/livez").get_json() == {"live": True}
    ready = person.nobody().get("/readyz").get_json()
    took = ready.pop("store_ms")
    assert type(took) is int
    assert 0 <= took < 500  # a store that takes longer is not ready
    assert ready == {"ready": True, "why": "", "degraded": ["redis_none"]}
    assert person.nobody().get("/health").status_code == 401
    said = person("root").get("/health").get_json()
    assert said["store"] is True
    assert said["redis"] is False


def test_a_store_that_is_gone_is_said(person: Person, services: Services) -> None:
    client: FlaskClient = person.nobody().client
    path = services.database.url.removeprefix("sqlite:///")
    services.database.close()
    Path(path).unlink()
    Path(path).write_bytes(b"this is no database" * 100)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    said = answer.get_json()
    assert type(said.pop("store_ms")) is int
    assert said == {"ready": False, "why": "store_fails", "degraded": []}


def test_each_alert_of_a_batch_has_its_own_answer(gas: System, person: Person) -> None:
    known = gas.post("/api/v1/alerts", json=LEAK).get_json()
    said = [
        {**LEAK, "ext_id": "g-2"},
        LEAK,
        {**LEAK, "ext_id": "g-3", "severity": 9},
        "garbage",
        {**LEAK, "ext_id": "g-4", "source": "110"},
        {**LEAK, "ext_id": "g-2", "kind": "update", "severity": 1},
    ]
    answer = gas.post("/api/v1/alerts:batch", json={"alerts": said})
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["accepted"], told["refused"]) == (3, 3)
    assert [one["status"] for one in told["items"]] == [201, 200, 422, 422, 422, 200]
    assert [one["ext_id"] for one in told["items"]] == ["g-2", "g-1", "g-3", None, "g-4", "g-2"]
    assert told["items"][1]["alert"] == known["alert"]
    assert told["items"][5] == {
        **{"row": 5, "ext_id": "g-2", "status": 200, "alert": told["items"][0]["alert"]},
        **{"state": "NEW", "outcome": "updated", "seq": told["items"][5]["seq"]},
    }
    problems = [one["problem"] for one in told["items"] if "problem" in one]
    assert [(one["code"], one["field"]) for one in problems] == [
        ("enum", "severity"), ("not_an_object", ""), ("not_your_source", "source"),
    ]  # fmt: skip
    assert {row["id"]: row["severity"] for row in alerts_of(person)} == {
        known["alert"]: 2,
        told["items"][0]["alert"]: 1,
    }


def test_a_batch_that_comes_twice_changes_nothing(gas: System, person: Person) -> None:
    said = {"alerts": [{**LEAK, "ext_id": f"g-{n}"} for n in range(500)]}
    first, again = (gas.post("/api/v1/alerts:batch", json=said).get_json() for _ in range(2))
    assert {one["status"] for one in first["items"]} == {201}
    assert {one["status"] for one in again["items"]} == {200}
    assert [one["alert"] for one in first["items"]] == [one["alert"] for one in again["items"]]
    told = person("officer").get("/api/v1/pictures/alerts").get_json()["picture"]
    assert told["counts"]["waiting"] == 500


@pytest.mark.parametrize(
    "said", [{}, {"alerts": []}, {"alerts": [LEAK] * 501}, {"alerts": LEAK}, [LEAK], "x"]
)
def test_a_batch_that_is_none_is_refused_whole(gas: System, person: Person, said: Any) -> None:
    assert gas.post("/api/v1/alerts:batch", json=said).status_code == 422
    assert alerts_of(person) == []


def test_a_full_writer_takes_nothing_and_says_when_to_come_again(
    gas: System, person: Person, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.turns.WAITING", 3)
    going, go_on = threading.Event(), threading.Event()

    def slow(work: Work) -> dict[str, Any]:
        going.set()
        go_on.wait(5)
        return {}

    services.writer.submit(Request("a", "slow", {}, slow, 1))
    going.wait(5)
    said = [{**LEAK, "ext_id": f"b-{n}"} for n in range(3)]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gas.post, "/api/v1/alerts:batch", json={"alerts": said})
        assert eventually(lambda: services.writer.depth == 3)
        for address, body in (("/api/v1/alerts", LEAK), ("/api/v1/alerts:batch", {"alerts": said})):
            refused = gas.post(address, json=body)
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) >= 1
            assert refused.get_json()["code"] == "too_many_waiting"
        go_on.set()
        assert first.result(5).get_json()["accepted"] == 3
    assert len(alerts_of(person)) == 3
    assert gas.post("/api/v1/alerts", json=LEAK).status_code == 201
