"""Every request leaves a trail: its id, one line, and receipts only for what was answered."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, Response, request
from sqlalchemy import Connection, select

from callbacks import web
from callbacks.services import Services
from dispatch.models import event, receipt
from streams.intake import Intake
from streams.receipts import DoorWriter, Receipts
from tests.callbacks.person import Person
from tests.callbacks.test_health import ALERT


@pytest.fixture
def receipts(tmp_path: Path) -> Receipts:
    return Receipts(tmp_path / "receipts", "web:here")


@pytest.fixture
def counted(services: Services, receipts: Receipts) -> Iterator[Services]:
    """The same doors, with a writer that gives receipts."""
    database, city = services.database, services.city
    writer = DoorWriter(database, services.hub.rang, receipts)
    yield replace(services, writer=writer, intake=Intake(database, writer, city))
    writer.close()


@pytest.fixture
def server(counted: Services) -> Flask:
    """The doors; one that is asked to dies after its work, before it answers."""
    made = web.create(counted)

    def _die(response: Response) -> Response:
        if "X-Die" in request.headers:
            response.status_code = 500
        return response

    made.after_request_funcs.setdefault(None, []).append(_die)  # it has answered already
    return made


def numbers(services: Services, receipts: Receipts) -> tuple[list[int], list[int]]:
    """The events in the log, and those that have a receipt."""
    receipts.ship(services.database)

    def read(connection: Connection) -> tuple[list[int], list[int]]:
        rows = connection.execute(select(event.c.seq).order_by(event.c.seq)).scalars()
        told = connection.execute(select(receipt.c.seq).order_by(receipt.c.seq)).scalars()
        return list(rows), list(told)

    return services.database.read(read)


def test_what_a_door_answers_has_its_receipts(
    server: Flask, counted: Services, receipts: Receipts
) -> None:
    person = Person(server, counted)
    gas, officer = person.system("gas", "alerts:write"), person("officer")
    alert = gas.post("/api/v1/alerts", json=ALERT).json["alert"]
    assert officer.does("alert.acknowledge", alert=alert).status_code == 200
    assert officer.does("alert.acknowledge", "k-2", alert="AL-none").status_code == 404
    events, told = numbers(counted, receipts)
    assert len(events) == 3  # signed in, received, acknowledged
    assert events == told


def test_an_answer_that_is_never_given_has_no_receipt_until_it_is(
    server: Flask, counted: Services, receipts: Receipts
) -> None:
    gas = Person(server, counted).system("gas", "alerts:write")
    assert gas.post("/api/v1/alerts", {"X-Die": "1"}, json=ALERT).status_code == 500
    assert numbers(counted, receipts) == ([1], [])
    assert gas.post("/api/v1/alerts", json=ALERT).status_code == 200
    assert numbers(counted, receipts) == ([1], [1])


def test_a_line_says_who_did_what_and_nothing_of_persons(
    server: Flask, counted: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "callbacks.trail")
    officer = Person(server, counted)("officer")
    caplog.clear()
    said = {"what": "漏气", "category": "accident", "severity": 3, "minutes_ago": 0}
    place = {"lat": 37.05, "lon": 118.05, "place": "东门", "caller_phone": "13800001111"}
    answer = officer.does("alert.report", **said, **place)
    assert answer.status_code == 200, answer.text
    (line,) = [one for one in caplog.records if one.name == "callbacks.trail"]
    facts = line.facts  # type: ignore[attr-defined]
    assert facts["events"] == ["AlertReceived"]
    assert facts["subjects"] == [answer.json["alert"]]
    assert (facts["key"], facts["seq"], facts["actor"]) == ("k-1", answer.json["seq"], "officer")
    assert "1380000" not in str(facts)
    assert len(answer.headers["X-Request-Id"]) == 16
