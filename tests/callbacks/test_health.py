"""What the product says of itself to those who watch it from outside."""

import sqlite3
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from callbacks import health, web
from callbacks.services import Services
from dispatch.clock import now_ms
from dispatch.log import Request, Row, Work
from dispatch.models import timer, watch
from dispatch.writer import Writer
from streams.doorbell import Doorbell
from streams.vitals import Vitals
from tests.callbacks.live import running
from tests.callbacks.person import Person
from tests.streams.waiting import wait_for

TOKEN = "a-token-for-programs-that-watch"
CALLED = {"realm": "watch", "name": "path", "number": 4, "called_at": 1, "passed_at": 1}
ALERT = {
    "source": "gas",
    "ext_id": "g-1",
    "title": "漏气",
    "category": "accident",
    "type": "gas_leak",
    "severity": 2,
}


def figures(text: str) -> dict[str, float]:
    """`name{a="b"}` -> value, as Prometheus itself reads the text."""
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(one.labels.items()) if k != "process")
            found[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return found


def read(server: Flask, **more: Any) -> dict[str, float]:
    answer = server.test_client().get("/metrics", **more)
    assert answer.status_code == 200, answer.text
    return figures(answer.text)


def test_the_process_lives_without_a_store(server: Flask, services: Services) -> None:
    services.database.write(lambda c: c.exec_driver_sql("ALTER TABLE stream RENAME TO gone"))
    assert server.test_client().get("/livez").json == {"live": True}
    answer = server.test_client().get("/readyz")
    assert (answer.status_code, answer.json["why"]) == (503, "store_fails")


def test_it_is_ready_when_the_store_takes_a_row(server: Flask) -> None:
    answer = server.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["ready"] is True
    assert answer.json["store_ms"] < 500


def test_a_store_that_is_held_is_not_ready_and_nobody_waits_for_it(
    server: Flask, services: Services
) -> None:
    holder = sqlite3.connect(services.database.url.removeprefix("sqlite:///"))
    holder.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    answer = server.test_client().get("/readyz")
    took = time.monotonic() - began
    holder.close()
    assert (answer.status_code, answer.json["why"]) == (503, "store_slow")
    assert took < 2


def test_a_writer_that_stands_still_is_not_ready_until_it_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store takes rows all the while: only what waits for the writer is never written."""
    monkeypatch.setattr(health, "STANDS_S", 0.2)
    monkeypatch.setattr(health, "ASK_EVERY_S", 0.0)
    go_on = threading.Event()
    writer = Writer(services.database, lambda _events: go_on.wait(20) and None)
    ask = web.create(replace(services, writer=writer)).test_client().get
    assert ask("/readyz").json["why"] == ""

    def note(work: Work) -> Row:
        work.emit("IncidentNoted", "EV-1", ["city"])
        return {}

    held = writer.submit(Request("a", "k", {}, note, 1))
    wait_for(lambda: ask("/readyz").status_code == 503, 5)
    assert ask("/readyz").json["why"] == "writer_stands"
    go_on.set()
    held.result(5)
    wait_for(lambda: ask("/readyz").status_code == 200, 5)
    writer.close()


def test_redis_makes_it_only_degraded(services: Services) -> None:
    dead = Doorbell("redis://127.0.0.1:1/0")
    answer = web.create(replace(services, doorbell=dead)).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["degraded"] == ["redis_silent"]


def test_a_silent_watchdog_makes_it_degraded(server: Flask, services: Services) -> None:
    row = {**CALLED, "took_ms": 5, "missed": 2, "broken_at": "screen"}
    services.database.write(lambda c: c.execute(insert(watch).values(**row)))
    answer = server.test_client().get("/readyz")
    assert answer.status_code == 200
    assert "watchdog_silent" in answer.json["degraded"]
    assert read(server)["yiping_watchdog_silent"] == 1


def test_screens_that_are_not_served_make_it_degraded(server: Flask, services: Services) -> None:
    services.hub.behind_ms = 3_500
    answer = server.test_client().get("/readyz")
    assert answer.status_code == 200
    assert "screens_late" in answer.json["degraded"]


def test_the_figures_say_what_the_doors_did(server: Flask, person: Person) -> None:
    gas = person.system("gas", "alerts:write")
    gas.post("/api/v1/alerts", json=ALERT)
    gas.post("/api/v1/alerts", json={**ALERT, "severity": 9})
    found = read(server)
    assert found["yiping_door_answers_total{door=alerts,outcome=accepted}"] == 1
    assert found["yiping_door_answers_total{door=alerts,outcome=refused}"] == 1
    assert found["yiping_log_head"] == 1
    assert found["yiping_bell_lag_events"] == 1
    assert found["yiping_bell_lag_seconds"] >= 0
    assert found["yiping_memory_bytes{kind=web}"] > 10_000_000


def test_the_figures_count_screens_late_timers_and_silent_sources(
    server: Flask, services: Services, person: Person
) -> None:
    late = {"realm": "real", "id": "t", "from_seq": 1, "kind": "alert_ack", "subject": "AL-1"}
    row = {**late, "step": 0, "due_at": now_ms() - 60_000}
    services.database.write(lambda c: c.execute(insert(timer).values(**row)))
    token = person("officer").token
    with running(server, services) as live:
        live.screen(token).joins("desk")
        found = read(server)
    assert found["yiping_screens{kind=web}"] == 1
    assert found["yiping_rooms{kind=web}"] > 5
    assert found["yiping_timers_late"] == 1
    assert found["yiping_sources{state=none}"] == len(services.city.sources)


def test_any_process_tells_of_the_others(server: Flask, services: Services) -> None:
    worker = Vitals("worker")
    worker.show("writer_waiting", lambda: 7)
    worker.write(services.database)
    found = read(server)
    assert found["yiping_writer_waiting{kind=worker}"] == 7
    assert found["yiping_report_age_seconds{kind=worker}"] < 5


def test_a_process_that_ended_is_not_told_of(server: Flask, services: Services) -> None:
    Vitals("worker", now=lambda: now_ms() - 60_000).write(services.database)
    assert not any("worker" in name for name in read(server))


def test_the_figures_outlive_the_store(server: Flask, services: Services) -> None:
    services.database.write(lambda c: c.exec_driver_sql("ALTER TABLE stream RENAME TO gone"))
    found = read(server)
    assert found["yiping_store_up"] == 0
    assert found["yiping_memory_bytes{kind=web}"] > 0


def test_the_figures_are_for_this_machine_alone(server: Flask) -> None:
    far = {"environ_base": {"REMOTE_ADDR": "10.0.0.7"}}
    assert server.test_client().get("/metrics", **far).status_code == 403


def test_with_a_token_the_figures_are_for_who_has_it(services: Services) -> None:
    settings = replace(services.settings, metrics=TOKEN)
    client = web.create(replace(services, settings=settings)).test_client()
    far = {"environ_base": {"REMOTE_ADDR": "10.0.0.7"}}
    assert client.get("/metrics").status_code == 401
    wrong = {"Authorization": f"Bearer {TOKEN}x"}
    assert client.get("/metrics", headers=wrong, **far).status_code == 401
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=right, **far).status_code == 200


def test_a_late_loop_is_seen() -> None:
    vitals, stop = Vitals("web"), threading.Event()
    turn = vitals.tasks(None)[1]  # type: ignore[arg-type]
    threading.Thread(target=turn, args=(stop,), daemon=True).start()
    time.sleep(0.7)
    stop.set()
    assert 0 <= vitals.report().figures["loop_late_seconds"] < 5


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_anybody_may_ask_whether_it_lives(server: Flask, path: str) -> None:
    assert server.test_client().get(path).status_code == 200
