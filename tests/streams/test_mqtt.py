"""Alerts by a real MQTT broker: none lost, none doubled, whatever breaks on the way."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dispatch.city import City
from dispatch.city_records import Source
from dispatch.database import Database
from dispatch.errors import Busy
from dispatch.models import alert, quarantine
from dispatch.vocabulary import Datum
from streams.intake import Intake
from streams.letters import Letter
from streams.mqtt import Subscriber, brokers, client_id
from tests.dispatch.centre import Centre
from tests.streams.broker import NAME, PASSWORD, Broker
from tests.streams.waiting import running, wait_for

PATIENCE_S = 15.0
DOUBT = "no certificate that we trust"


def source(id: str, address: str) -> Source:
    return Source(id, id, id, "org", "mqtt", Datum.WGS84, 60, ("city",), address)


def said(id: str, **more: Any) -> str:
    return json.dumps({"ext_id": id, "title": "smoke", "lat": 37.05, "lon": 118.05, **more})


@pytest.fixture(scope="module")
def server() -> Iterator[Broker]:
    made = Broker()
    made.start()
    yield made
    made.close()


@pytest.fixture
def centre(database: Database, city: City, server: Broker, request: Any) -> Iterator[Centre]:
    """A centre whose sources speak at this broker, on topics of this test's own."""
    mine = request.node.name[:40]
    sources = (
        source("smoke", server.address(f"{mine}/smoke/+/alarm")),
        source("lifts", server.address(f"{mine}/lifts/#")),
    )
    opened = Centre(database, replace(city, sources=(*city.sources, *sources)))
    yield opened
    opened.writer.close()


@pytest.fixture
def topic(request: Any) -> str:
    return str(request.node.name[:40])


class Hall:
    """The receiving end: the intake and its session at the broker."""

    def __init__(self, centre: Centre) -> None:
        (self.broker,) = brokers(centre.city.sources)
        self.centre = centre
        self.intake = Intake(centre.database, centre.writer, centre.city, now=lambda: centre.now)
        self.taken: list[Letter] = []
        self.refuse = 0
        self.leads, self.asked = True, 0
        self.session = self.subscriber()

    def subscriber(self) -> Subscriber:
        id = client_id(self.centre.database, self.broker)
        return Subscriber(self.broker, id, (NAME, PASSWORD), self.is_ours, self.take)

    def is_ours(self) -> bool:
        """Asked before each try to connect, and with each look while it listens."""
        self.asked += 1
        return self.leads

    def take(self, letters: Any) -> None:
        if self.refuse:
            self.refuse -= 1
            raise Busy("store_unavailable")
        self.taken.extend(letters)
        self.intake.letters.take(letters)

    def known(self) -> list[str]:
        return [row["ext_id"] for row in self.centre.rows(alert)]


@pytest.fixture
def hall(centre: Centre) -> Hall:
    return Hall(centre)


def test_a_message_becomes_an_alert_of_the_source_whose_topic_it_is(
    hall: Hall, server: Broker, topic: str
) -> None:
    with running(hall.session.listen):
        wait_for(lambda: hall.session.hearing, PATIENCE_S)
        server.publish(f"{topic}/smoke/7/alarm", said("s-1"))
        server.publish(f"{topic}/lifts/north/3", said("l-1"))
        wait_for(lambda: len(hall.known()) == 2, PATIENCE_S)
    rows = {row["ext_id"]: row["source"] for row in hall.centre.rows(alert)}
    assert rows == {"s-1": "smoke", "l-1": "lifts"}


def test_what_is_sent_while_nobody_listens_is_kept_by_the_broker(
    hall: Hall, server: Broker, topic: str
) -> None:
    with running(hall.session.listen):
        wait_for(lambda: hall.session.hearing, PATIENCE_S)
    server.publish(f"{topic}/smoke/7/alarm", *[said(f"s-{n}") for n in range(30)])
    server.stop()
    server.start()
    with running(hall.subscriber().listen):
        wait_for(lambda: len(hall.known()) == 30, PATIENCE_S)
    assert hall.known() == [f"s-{n}" for n in range(30)]


def test_what_the_store_does_not_take_is_not_acknowledged_and_comes_again_once(
    hall: Hall, server: Broker, topic: str
) -> None:
    hall.refuse = 10**6
    with running(hall.session.listen):
        wait_for(lambda: hall.session.hearing, PATIENCE_S)
        server.publish(f"{topic}/smoke/7/alarm", said("s-1"), said("s-2"))
        wait_for(lambda: hall.refuse < 10**6 - 2, PATIENCE_S)
    assert hall.known() == []
    hall.refuse = 0
    with running(hall.subscriber().listen):
        wait_for(lambda: len(hall.known()) == 2, PATIENCE_S)
    taken = len(hall.taken)
    with running((later := hall.subscriber()).listen):
        wait_for(lambda: later.hearing, PATIENCE_S)
        server.publish(f"{topic}/smoke/7/alarm", said("s-3"))
        wait_for(lambda: len(hall.known()) == 3, PATIENCE_S)
    assert len(hall.taken) == taken + 1


def test_a_message_that_is_sent_again_after_it_was_written_changes_nothing(
    hall: Hall, server: Broker, topic: str
) -> None:
    """The process dies between the commit and the acknowledgement."""
    died = threading.Event()

    def dies(letters: Any) -> None:
        hall.intake.letters.take(letters)
        died.set()
        raise ConnectionError("gone")

    id = client_id(hall.centre.database, hall.broker)
    dying = Subscriber(hall.broker, id, (NAME, PASSWORD), lambda: not died.is_set(), dies)
    with running(dying.listen):
        wait_for(lambda: dying.hearing, PATIENCE_S)
        server.publish(f"{topic}/smoke/7/alarm", said("s-1"))
        wait_for(died.is_set, PATIENCE_S)
    with running(hall.session.listen):
        wait_for(lambda: hall.taken, PATIENCE_S)
    assert [one.payload for one in hall.taken] == [said("s-1").encode()]
    assert hall.known() == ["s-1"]


def test_what_nobody_understands_goes_aside_and_holds_up_nothing(
    hall: Hall, server: Broker, topic: str
) -> None:
    poison = [b"", b"{", b"\xff\xfe", b'{"ext_id":"1"}', b"[" * 2_000, b"x" * 70_000]
    with running(hall.session.listen):
        wait_for(lambda: hall.session.hearing, PATIENCE_S)
        server.publish(f"{topic}/smoke/7/alarm", *poison, said("s-1"))
        wait_for(lambda: hall.known() == ["s-1"], PATIENCE_S)
        wait_for(lambda: len(hall.centre.rows(quarantine)) == len(poison), PATIENCE_S)
    assert {row["door"] for row in hall.centre.rows(quarantine)} == {"mqtt"}


def test_only_who_leads_holds_the_session(hall: Hall, server: Broker, topic: str) -> None:
    hall.leads = False
    with running(hall.session.listen):
        assert not hall.session.hearing
        hall.leads = True
        wait_for(lambda: hall.session.hearing, PATIENCE_S)
        hall.leads = False
        wait_for(lambda: not hall.session.hearing, PATIENCE_S)


def test_a_broker_that_speaks_tls_is_heard_if_its_certificate_is_trusted(
    database: Database,
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Broker(secure=True)
    server.start()
    mine = source("smoke", server.address("smoke/+"))
    made = Centre(database, replace(city, sources=(*city.sources, mine)))
    try:
        hall = Hall(made)
        assert (hall.broker.secure, hall.broker.port) == (True, server.port)
        with running(hall.session.listen):
            wait_for(lambda: DOUBT in caplog.text, PATIENCE_S)  # nobody vouches for it
            asked = hall.asked
            wait_for(lambda: hall.asked >= asked + 3, PATIENCE_S)  # it has tried twice more
            assert caplog.text.count(DOUBT) == 1
            assert not hall.session.hearing
            monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
            wait_for(lambda: hall.session.hearing, PATIENCE_S)
            server.publish("smoke/7", said("s-1"))
            wait_for(lambda: hall.known() == ["s-1"], PATIENCE_S)
    finally:
        made.writer.close()
        server.close()


def test_a_broker_that_comes_back_is_heard_again(hall: Hall, server: Broker, topic: str) -> None:
    with running(hall.session.listen):
        wait_for(lambda: hall.session.hearing, PATIENCE_S)
        server.stop()
        wait_for(lambda: not hall.session.hearing, PATIENCE_S)
        server.start()
        server.publish(f"{topic}/smoke/7/alarm", said("s-1"))
        wait_for(lambda: hall.known() == ["s-1"], PATIENCE_S)
        assert hall.session.hearing
