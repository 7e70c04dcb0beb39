"""Commands, pictures and events over REST."""

import re
from typing import Any

import pytest
from flask import Flask

from dispatch.commands import COMMANDS
from layouts.screens import panels_of
from streams.pictures import PICTURES
from tests.callbacks.person import OURS, Browser, Person
from tests.callbacks.test_doors import BAD_JSON

POISON = "<img src=x onerror=alert(1)>"
FIRE = {
    "what": "仓库起火",
    "category": "accident",
    "type": "hazmat_leak",
    "severity": 2,
    "lat": 37.05,
    "lon": 118.05,
    "place": "西门",
    "minutes_ago": 1,
}


def report(browser: Browser, key: str = "r-1", **said: Any) -> str:
    answer = browser.does("alert.report", key, **{**FIRE, **said})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.get_json()["alert"])


def order(person: Person) -> str:
    """An order to the fire engine of the west, issued."""
    desk = person("officer")
    alert = report(desk)
    assert desk.does("alert.verify", "v-1", alert=alert, note="seen").status_code == 200
    opened = desk.does("incident.open", "o-1", alert=alert, grade=3).get_json()
    draft = opened["orders"][0]
    desk.does("order.edit", "e-1", order=draft, unit="FIR-1")
    assert desk.does("order.issue", "i-1", orders=[draft]).status_code == 200
    return str(draft)


def test_a_command_answers_with_its_number_and_again_with_the_same(person: Person) -> None:
    desk = person("officer")
    first = desk.does("alert.report", "r-1", **FIRE)
    again = desk.does("alert.report", "r-1", **FIRE)
    assert first.get_json() == again.get_json()
    assert first.get_json()["seq"] > 0
    other = desk.does("alert.report", "r-1", **{**FIRE, "what": "别的"})
    assert (other.status_code, other.get_json()["code"]) == (409, "key_reused")


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_command_needs_a_key_of_its_own(person: Person, key: str) -> None:
    answer = person("officer").does("alert.report", key, **FIRE)
    assert answer.status_code == 422
    assert answer.get_json()["field"] == "Idempotency-Key"


def test_a_role_without_the_right_is_refused(person: Person) -> None:
    for id in ("wall", "fir1", "root"):
        answer = person(id).does("alert.report", **FIRE)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "no_right"), id


def test_a_field_that_is_wrong_is_named(person: Person) -> None:
    desk = person("officer")
    wrong = {"lat": 91.0, "minutes_ago": 1441, "severity": "2", "what": "", "category": "x"}
    for field, value in wrong.items():
        answer = desk.does("alert.report", f"w-{field}", **{**FIRE, field: value})
        assert answer.status_code == 422, field
        assert answer.get_json()["field"] == field
    extra = desk.does("alert.report", "w-extra", **FIRE, more=1)
    assert extra.get_json()["field"] == "more"


def test_no_bad_body_is_a_fault_of_the_server(person: Person) -> None:
    desk = person("shift")
    for name in COMMANDS:
        for body in (b"[]", b"7", b"null", b'"x"', *BAD_JSON.values()):
            answer = desk.post(
                f"/api/v1/commands/{name}",
                headers={"Idempotency-Key": "b-1"},
                data=body,
                content_type="application/json",
            )
            assert answer.status_code in (400, 403, 422), (name, body)
            assert answer.mimetype == "application/problem+json"


def test_only_json_is_a_command(person: Person) -> None:
    answer = person("officer").post(
        "/api/v1/commands/alert.report", headers={"Idempotency-Key": "x"}, data={"what": "x"}
    )
    assert answer.status_code == 415
    assert person("officer").does("alert.explode").status_code == 404


def test_a_responder_answers_his_own_order_and_no_other(person: Person) -> None:
    mine = order(person)
    other = person("med1").does("order.acknowledge", order=mine)
    assert other.status_code in (403, 404)
    assert person("fir1").does("order.acknowledge", order=mine).status_code == 200


def test_a_units_device_answers_by_its_key(person: Person) -> None:
    mine = order(person)
    device = person.system("fir1-device", "orders:answer", account="fir1")
    answer = device.post(
        "/api/v1/commands/order.acknowledge",
        headers={"Idempotency-Key": "d-1"},
        json={"order": mine},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    other = device.post(
        "/api/v1/commands/alert.report", headers={"Idempotency-Key": "d-2"}, json=FIRE
    )
    assert other.status_code == 403


def test_a_picture_is_the_one_that_was_live_at_its_number(person: Person) -> None:
    desk = person("officer")
    report(desk, "r-1", what="第一")
    then = desk.get("/api/v1/pictures/alerts").get_json()
    report(desk, "r-2", what="第二")
    now = desk.get("/api/v1/pictures/alerts").get_json()
    assert len(now["picture"]["alerts"]) == len(then["picture"]["alerts"]) + 1
    past = desk.get(f"/api/v1/pictures/alerts?seq={then['seq']}&t={then['at']}").get_json()
    assert past == then


def test_a_picture_is_filtered_to_the_jurisdiction(person: Person) -> None:
    report(person("officer"), lon=118.15)
    assert len(_alerts(person("officer"))) == 1
    assert _alerts(person("west")) == []


def _alerts(browser: Browser) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = browser.get("/api/v1/pictures/alerts").get_json()["picture"][
        "alerts"
    ]
    return rows


def test_a_title_with_markup_comes_back_as_text(person: Person) -> None:
    desk = person("officer")
    report(desk, what=POISON, place=POISON)
    answer = desk.get("/api/v1/pictures/alerts")
    assert answer.mimetype == "application/json"
    row = answer.get_json()["picture"]["alerts"][0]
    assert POISON in row["title"]
    assert row["place"] == POISON


def test_a_phone_shows_its_own_unit_alone(person: Person) -> None:
    phone = person("fir1")
    own = phone.get("/api/v1/pictures/phone").get_json()
    assert own["subject"] == "FIR-1"
    assert phone.get("/api/v1/pictures/phone?subject=MED-1").status_code == 403
    assert phone.get("/api/v1/pictures/quarantine").status_code == 403


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/pictures/nothing", 404),
        ("/api/v1/pictures/alerts?seq=999999", 422),
        ("/api/v1/pictures/alerts?seq=-1", 422),
        ("/api/v1/pictures/alerts?seq=9e99", 422),
        ("/api/v1/pictures/alerts?seq=" + "9" * 5000, 422),
        ("/api/v1/pictures/alerts?t=99999999999999999999999", 422),
        ("/api/v1/pictures/incident?subject=a|b", 422),
        ("/api/v1/pictures/incident?subject=%ED%A0%80", 200),
        ("/api/v1/pictures/incident?subject=nothing", 200),
        ("/api/v1/pictures/alerts?more=1", 422),
        ("/api/v1/events?after=x", 422),
        ("/api/v1/events?limit=0", 422),
    ],
)
def test_a_bad_question_is_refused_and_never_a_fault(
    person: Person, address: str, status: int
) -> None:
    assert person("officer").get(address).status_code == status


def test_events_are_told_to_those_they_concern(person: Person) -> None:
    report(person("officer"), lon=118.15)

    def types(id: str) -> list[str]:
        events = person(id).get("/api/v1/events").get_json()["events"]
        return [one["type"] for one in events if one["type"].startswith("Alert")]

    assert types("officer") == ["AlertReceived"]
    assert types("west") == []
    page = person("officer").get("/api/v1/events?after=0&limit=1").get_json()
    assert page["to"] == 1 < page["head"]


@pytest.mark.parametrize("id", ["fir1", "wall", "root"])
def test_the_log_is_for_desks_alone(person: Person, id: str) -> None:
    """It holds notes, casualties, reasons and drafts: a phone and a wall see their pictures."""
    answer = person(id).get("/api/v1/events")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "no_right")


@pytest.mark.parametrize(
    ("id", "screens"),
    [("fir1", ["phone"]), ("wall", ["wall"]), ("officer", ["desk"]), ("root", [])],
)
def test_a_screen_gets_the_pictures_of_its_panels_and_no_others(
    person: Person, id: str, screens: list[str]
) -> None:
    shown = {name for one in screens for panel in panels_of(one) for name in panel.pictures}
    browser = person(id)
    answers = {name: browser.get(f"/api/v1/pictures/{name}").status_code for name in PICTURES}
    assert answers == {name: 200 if name in shown else 403 for name in PICTURES}


def test_the_description_names_every_address_and_each_one_answers(
    server: Flask, person: Person
) -> None:
    described = person("officer").get("/api/v1/openapi.json").get_json()
    assert described["openapi"].startswith("3.1")
    written = {(method.upper(), path) for path, one in described["paths"].items() for method in one}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in server.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert written == served
    browser = person("officer")
    for method, path in sorted(written):
        answer = _ask(browser, method, re.sub(r"{\w+}", "alerts", path))
        documented = described["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in documented, (method, path, answer.status_code)


def _ask(browser: Browser, method: str, path: str) -> Any:
    if method == "GET":
        return browser.get(path)
    headers = {**OURS, "Idempotency-Key": "o-1"}
    return browser.client.open(path, method=method, json={}, headers=headers)


def test_every_reference_of_the_description_is_there(person: Person) -> None:
    answer = person("officer").get("/api/v1/openapi.json")
    schemas = answer.get_json()["components"]["schemas"]
    used = set(re.findall(r"#/components/schemas/(\w+)", answer.get_data(as_text=True)))
    assert used <= set(schemas)


def test_a_picture_that_has_not_changed_is_not_sent_again(person: Person) -> None:
    officer, gas = person("officer"), person.system("gas", "alerts:write", source="gas")
    first = officer.get("/api/v1/pictures/alerts")
    tag = first.headers["ETag"]
    assert first.get_json()["seq"] == int(tag.strip('"').split("-")[0])
    again = officer.get("/api/v1/pictures/alerts", headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    other = officer.get("/api/v1/pictures/incidents", headers={"If-None-Match": tag})
    assert other.status_code == 200
    gas.post("/api/v1/alerts", json={"source": "gas", "ext_id": "1", "title": "leak"})
    changed = officer.get("/api/v1/pictures/alerts", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
