"""A NUL in an address or a body is the asker's mistake, on PostgreSQL too, which holds none."""

import json

import pytest

from tests.callbacks.person import Person

PROBLEM = "application/problem+json"
ORDER = "/api/v1/uploads?order=%00"


@pytest.fixture
def sqlite_url(store_url: str) -> str:
    """The parts of the doors work on either store here."""
    return store_url


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("officer", "/api/v1/uploads/%00"),
        ("officer", "/api/v1/uploads/a%00b"),
        ("officer", "/api/v1/pictures/incident?subject=%00"),
        ("officer", "/api/v1/recordings/%00/%00"),
        ("fir1", "/api/v1/orders?unit=%00"),
    ],
)
def test_a_nul_in_an_address_is_no_fault_of_ours(person: Person, who: str, path: str) -> None:
    answer = person(who).get(path)
    assert 400 <= answer.status_code < 500, (path, answer.get_data(as_text=True))
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_nul_in_the_order_of_a_picture_is_refused_by_name(person: Person) -> None:
    answer = person("fir1").post(
        ORDER, data=b"x", headers={"Idempotency-Key": "k"}, content_type="image/jpeg"
    )
    assert (answer.status_code, answer.get_json()["field"]) == (422, "order")


@pytest.mark.parametrize("code", ["alert.acknowledge", "order.issue", "quarantine.seen"])
def test_a_nul_in_an_id_is_refused_by_name(person: Person, code: str) -> None:
    name = code.partition(".")[0]
    content = {"orders": ["a\u0001"]} if name == "order" else {name: "a\u0001"}
    answer = person("officer").does(code, "k-1", **content)
    assert answer.status_code == 422, json.dumps(answer.get_json())
    assert answer.get_json()["field"].split(".")[0] in content
