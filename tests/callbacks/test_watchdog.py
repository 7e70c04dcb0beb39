"""A synthetic alert goes the whole way; when it does not, that is an alarm, and said once."""

import logging
import socket
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Table, func, select

from callbacks import web
from callbacks.services import Services
from dispatch import accounts, log
from dispatch.models import alert, idem, watch
from dispatch.vocabulary import Role
from layouts.screens import all_panels
from layouts.texts import Texts
from streams import watch as memory
from streams import watchdog as subject
from streams.pictures import take
from streams.view import Moment, View
from streams.watchdog import Doors, Watchdog
from tests.callbacks.live import running
from tests.callbacks.person import Person

DESK = View(Role.OFFICER, ("city",))


def nowhere() -> Doors:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Doors(f"http://127.0.0.1:{probe.getsockname()[1]}")


def picture(services: Services, name: str) -> dict[str, Any]:
    def read(connection: Connection) -> dict[str, Any]:
        moment = Moment(log.head(connection), services.now())
        return take(services.board.look(connection, moment), name, DESK)

    return services.database.read(read)


def line(services: Services) -> Any:
    """What every desk and wall shows of the watchdog."""
    seen = {"watchdog": picture(services, "watchdog")}
    return all_panels()["watchdog"].props(seen, Texts("zh"), DESK)["watchdog-line", "rows"]


def count(services: Services, table: Table) -> int:
    query = select(func.count()).select_from(table)
    return int(services.database.read(lambda c: c.execute(query).scalar_one()))


def test_a_call_goes_from_the_door_to_a_screen_and_leaves_little_behind(
    server: Flask, services: Services, person: Person
) -> None:
    with running(server, services) as live:
        dog = Watchdog(services.database, services.writer, Doors(live.url))
        assert [dog.once() for _ in range(3)] == ["", "", ""]
        dog._drop()
    kept = services.database.read(memory.read)
    assert (kept.missed, kept.broken_at) == (0, "")
    assert kept.passed_at >= kept.called_at - 1_000
    told = services.database.read(lambda c: log.events_after(c, 0))
    assert [one.type for one in told if one.realm == memory.REALM] == ["WatchdogCalled"] * 3
    assert not [one for one in told if one.type.startswith("Alert")]
    assert (count(services, alert), count(services, watch)) == (0, 1)
    assert picture(services, "alerts")["alerts"] == []
    assert picture(services, "screens")["total"] == 0
    known = services.database.read(accounts.everyone)
    assert subject.SOURCE not in [one.id for one in known]
    entered = {"user": subject.SOURCE, "password": "watchdog12"}
    assert person.nobody().post("/sign-in", data=entered).status_code in (400, 401, 403, 415, 429)


def test_old_answers_are_forgotten(services: Services) -> None:
    for hour in range(4):
        memory.take(services.writer, {"ext_id": str(hour)}, 1_000_000 + hour * 3_700_000)
    query = select(func.count()).where(idem.c.actor == memory.ACTOR)
    assert services.database.read(lambda c: c.execute(query).scalar()) == 1


def test_two_misses_are_one_alarm_and_the_recovery_is_told(
    server: Flask,
    services: Services,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subject, "PATIENCE_S", 2.0)
    services.database.write(lambda c: memory.begin(c, services.now()))
    dog = Watchdog(services.database, services.writer, nowhere())
    assert dog.once() == "screen"
    assert line(services) == []
    assert dog.once() == "screen"
    assert "自检" in str(line(services))
    assert "watchdog_silent" in server.test_client().get("/readyz").json["degraded"]
    assert dog.once() == "screen"
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert len(errors) == 1
    with running(server, services) as live:
        dog._doors, dog._key = Doors(live.url), "yp_watchdog_" + "0" * 48
        assert dog.once() == "door"
        dog._key = ""
        assert dog.once() == ""
        dog._drop()
    assert line(services) == []
    assert "come through again" in caplog.text


def certificate(folder: Path, name: str) -> Path:
    """A certificate for this name and for no other."""
    folder.mkdir()
    words = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
        *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
    ]
    subprocess.run(words, check=True, capture_output=True)
    return folder


def test_it_goes_by_https_whatever_name_the_certificate_of_our_own_doors_bears(
    services: Services, tmp_path: Path
) -> None:
    secure = replace(services, settings=replace(services.settings, secure=True))
    tls = certificate(tmp_path / "tls", "screen.city.example")
    other = certificate(tmp_path / "other", "screen.city.example")
    with running(web.create(secure), secure, tls) as live:
        port = int(live.url.rsplit(":", 1)[1])
        doors = subject.of("on", ("127.0.0.1", port, tls))
        assert doors is not None
        assert doors.url == live.url
        dog = Watchdog(secure.database, secure.writer, doors)
        assert [dog.once() for _ in range(2)] == ["", ""]
        dog._drop()
        stranger = subject.of("on", ("0.0.0.0", port, other))
        assert Watchdog(secure.database, secure.writer, stranger).once() == "screen"  # type: ignore[arg-type]
        named = subject.of(live.url, ("127.0.0.1", port, tls))  # its name is checked
        assert Watchdog(secure.database, secure.writer, named).once() == "screen"  # type: ignore[arg-type]


def test_of_two_workers_one_calls_and_the_other_takes_over_before_the_alarm(
    server: Flask, services: Services
) -> None:
    clock = [services.now()]
    with running(server, services) as live:
        first, second = (
            Watchdog(services.database, services.writer, Doors(live.url), lambda: clock[0])
            for _ in range(2)
        )
        assert first._leads()
        assert first.once() == ""
        passed = clock[0]
        while not second._leads():  # the first one is gone
            clock[0] += round(subject.LOOK_S * 1000)
        assert second.once() == ""
        assert clock[0] - passed < memory.SILENT_MS
        assert not first._leads()
        assert first._screen is None
        clock[0] += 30_000
        assert second._leads()
        assert second.once() == ""
        second._drop()


def test_the_silence_of_the_watchdog_itself_is_an_alarm() -> None:
    seen = memory.Watch(number=1, called_at=1_000, passed_at=1_000)
    assert not seen.silent(1_000 + memory.SILENT_MS)
    assert seen.silent(1_001 + memory.SILENT_MS)
    begun = memory.Watch(called_at=1_000)
    assert not begun.silent(2_000)
    assert begun.silent(1_001 + memory.SILENT_MS)
    assert not memory.Watch().silent(10**13)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("off", None),
        ("on", Doors("http://127.0.0.1:8050", here=True)),
        ("https://screen.city.example/", Doors("https://screen.city.example")),
    ],
)
def test_it_comes_in_where_the_setting_says(said: str, expected: Doors | None) -> None:
    assert subject.of(said, ("127.0.0.1", 8050, None)) == expected
