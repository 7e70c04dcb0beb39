"""A neighbour's unit by the REST door: asked for, lent, ordered, and in both sides' pictures."""

from typing import Any

from tests.callbacks.person import Browser, Person
from tests.callbacks.test_rest import report


def wanted(person: Person) -> tuple[Browser, str, str]:
    """The west's desk, its incident, and its order for the east's ambulance."""
    west = person("west")
    alert = report(west)
    assert west.does("alert.verify", "v-1", alert=alert, note="seen").status_code == 200
    incident = west.does("incident.open", "o-1", alert=alert, grade=3).get_json()["incident"]
    body = {"incident": incident, "unit": "MED-1", "text": "stand by", "kind": "support"}
    order = west.does("order.draft", "d-1", **body, priority=2).get_json()["order"]
    return west, incident, order


def loans(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/api/v1/pictures/loans").get_json()["picture"]
    return found


def test_a_unit_is_lent_by_its_own_district_and_then_ordered(person: Person) -> None:
    west, incident, order = wanted(person)
    refused = west.does("order.issue", "i-1", orders=[order])
    assert (refused.status_code, refused.get_json()["code"]) == (403, "out_of_scope")
    asked = west.does("loan.ask", "l-1", incident=incident, unit="MED-1", purpose="burns")
    again = west.does("loan.ask", "l-1", incident=incident, unit="MED-1", purpose="burns")
    assert asked.status_code == 200, asked.get_data(as_text=True)
    assert again.get_json() == asked.get_json()
    loan = asked.get_json()["loan"]
    itself = west.does("loan.grant", "g-1", loan=loan)
    assert (itself.status_code, itself.get_json()["code"]) == (403, "out_of_scope")
    desk = person("officer")
    assert [one["purpose"] for one in loans(desk)["requests"]] == ["burns"]
    assert loans(west)["requests"] == []
    assert desk.does("loan.grant", "g-2", loan=loan).status_code == 200
    assert [one["loan"] for one in loans(west)["borrowed"]] == [loan]
    assert west.does("order.issue", "i-2", orders=[order]).status_code == 200


def test_a_refusal_needs_a_reason_and_the_asker_reads_it(person: Person) -> None:
    west, incident, _ = wanted(person)
    loan = west.does("loan.ask", "l-1", incident=incident, unit="MED-1").get_json()["loan"]
    desk = person("officer")
    assert desk.does("loan.decline", "n-1", loan=loan, reason=" ").status_code == 422
    said = desk.does("loan.decline", "n-2", loan=loan, reason="our only one")
    assert said.status_code == 200
    (one,) = loans(west)["asked"]
    assert (one["state"], one["note"]) == ("DECLINED", "our only one")
