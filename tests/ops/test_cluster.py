"""Two web processes behind nginx on PostgreSQL: any one process dies, and orders go on."""

import itertools
import json
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import socketio

from ops import postgres_server
from streams.pictures.reconcile import ALL
from tests.ops.test_run import until
from tests.stack import Stack, running

LIMIT_S = 10.0  # no order waits longer than this, whichever process dies
UNITS = ["FIR-GK-01", "FIR-GK-02", "POL-GK-01"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, demo_city: Path) -> Iterator[Stack]:
    var = tmp_path_factory.mktemp("cluster")
    with running(var, {"YIPING_CITY": str(demo_city)}, "run-cluster") as one:
        one.environment["DATABASE_URL"] = postgres_server.url(var)  # for the console
        until(lambda: len(named(one, "app:web()")) == 2 and named(one, "media"))
        yield one
    if (folder := postgres_server.folder_of(var)) != var / "postgres":
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def desk(cluster: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=cluster.url, verify=False, timeout=LIMIT_S) as client:
        enter(client, cluster, "meng")
        yield client


def enter(client: httpx.Client, cluster: Stack, account: str) -> None:
    ours = {"Origin": cluster.url}
    said = client.post("/sign-in/link", json={"token": cluster.tokens[account]}, headers=ours)
    assert said.is_success, said.text


def named(cluster: Stack, word: str) -> list[psutil.Process]:
    """The cluster's own children whose command line contains the word."""
    return [one for one in psutil.Process(cluster.process.pid).children() if runs(one, word)]


def runs(process: psutil.Process, word: str) -> bool:
    try:
        return any(word in part for part in process.cmdline())
    except psutil.Error:  # it has just died
        return False


def sends(desk: httpx.Client, name: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
    """A command as a screen sends it: the same key again until it is answered."""
    headers = {"Origin": str(desk.base_url).rstrip("/"), "Idempotency-Key": key or uuid.uuid4().hex}
    limit = time.monotonic() + LIMIT_S
    while True:
        try:
            said = desk.post(f"/api/v1/commands/{name}", json=body, headers=headers)
            if said.status_code < 500:
                assert said.is_success, f"{name}: {said.text}"
                return dict(said.json())
        except httpx.TransportError:
            pass
        assert time.monotonic() < limit, f"{name} was never answered"
        time.sleep(0.1)


def incident(cluster: Stack, desk: httpx.Client) -> str:
    body = {
        "source": "park",
        "ext_id": uuid.uuid4().hex,
        "title": "cluster",
        "category": "accident",
        "type": "gas",
        "severity": 4,
        "lat": 37.49,
        "lon": 119.03,
        "place": "cluster",
        "occurred_at": round(time.time() * 1000),
    }
    with cluster.api("park") as door:
        alert = door.post("/api/v1/alerts", json=body).raise_for_status().json()["alert"]
    sends(desk, "alert.verify", {"alert": alert, "note": "seen"})
    return str(sends(desk, "incident.open", {"alert": alert, "grade": 4})["incident"])


class Orders:
    """Somebody who goes on giving orders, each with a text of its own."""

    def __init__(self, desk: httpx.Client, incident: str) -> None:
        self._desk, self._incident = desk, incident
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.given: list[str] = []
        self.slowest = 0.0
        self.failed: list[BaseException] = []

    def __enter__(self) -> "Orders":
        self._thread.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._stop.set()
        self._thread.join(3 * LIMIT_S)

    def _run(self) -> None:
        try:
            for n in itertools.count():
                if self._stop.wait(0.05):
                    return
                self._give(f"order {n} {uuid.uuid4().hex[:8]}", UNITS[n % len(UNITS)])
        except BaseException as error:
            self.failed.append(error)

    def _give(self, text: str, unit: str) -> None:
        began = time.monotonic()
        draft = {"incident": self._incident, "text": text, "kind": "report", "priority": 2}
        id = sends(self._desk, "order.draft", {**draft, "unit": unit})["order"]
        sends(self._desk, "order.issue", {"orders": [id]})
        self.given.append(text)
        self.slowest = max(self.slowest, time.monotonic() - began)
        sends(self._desk, "order.cancel", {"order": id, "reason": "done"})

    def more(self, count: int) -> None:
        """Wait until so many more were given."""
        wanted = len(self.given) + count
        until(lambda: self.failed or len(self.given) >= wanted, 3 * LIMIT_S)
        assert self.failed == []


@pytest.mark.path
def test_any_process_may_die_while_orders_go_on(cluster: Stack, desk: httpx.Client) -> None:
    id = incident(cluster, desk)
    with Orders(desk, id) as orders:
        orders.more(3)
        for word in ("app:web()", "worker", "media", "redis-server", "nginx", "postgres"):
            dies(cluster, word)
            orders.more(3)
        dies(cluster, "app:web()", which=1)
        orders.more(3)
    until(lambda: answers_both(cluster))
    told = desk.get(f"/api/v1/pictures/incident?subject={id}").json()["picture"]
    texts = [one["text"] for one in told["orders"]]
    assert sorted(text for text in texts if text in set(orders.given)) == sorted(orders.given)
    assert len(texts) == len(set(texts))
    assert orders.slowest < LIMIT_S
    assert "whole" in cluster.console("audit", "verify")


def dies(cluster: Stack, word: str, which: int = 0) -> None:
    """A process and all that it started are killed; the supervisor brings it back."""
    known = named(cluster, word)
    victim = known[which]
    started = victim.children(recursive=True)
    victim.kill()
    for one in started:
        with suppress(psutil.NoSuchProcess):  # it has ended with its parent
            one.kill()
    until(lambda: back(cluster, word, known))


def back(cluster: Stack, word: str, known: list[psutil.Process]) -> bool:
    now = named(cluster, word)
    return len(now) == len(known) and {one.pid for one in now} != {one.pid for one in known}


def answers_both(cluster: Stack) -> bool:
    ports = [one.split(":")[-1].strip() for one in cluster.said if "web process" in one]
    return all(_ready(f"http://127.0.0.1:{port}/readyz") for port in ports)


def _ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).is_success
    except httpx.TransportError:
        return False


def test_a_screens_socket_comes_through_the_front_and_hears_both_processes(
    cluster: Stack, desk: httpx.Client
) -> None:
    until(lambda: answers_both(cluster))
    id = incident(cluster, desk)
    screens = [screen(cluster, desk) for _ in range(4)]  # nginx gives each process two of them
    try:
        boots = {heard["boot"] for one in screens if (heard := first(one, "hb"))}
        assert len(boots) == 2
        draft = {"incident": id, "text": "to all", "kind": "report", "priority": 1}
        order = sends(desk, "order.draft", {**draft, "unit": "FIR-GK-03"})["order"]
        sends(desk, "order.issue", {"orders": [order]})
        for one in screens:
            until(lambda one=one: order in json.dumps(one.heard, default=str), 5)
    finally:
        for one in screens:
            one.disconnect()


class Screen(socketio.Client):  # type: ignore[misc]
    heard: list[tuple[str, Any]]


def screen(cluster: Stack, desk: httpx.Client) -> Screen:
    options = {"origin": cluster.url}
    client = Screen(reconnection=False, ssl_verify=False, websocket_extra_options=options)
    client.heard = []
    client.on("*", lambda event, data=None: client.heard.append((event, data)))
    cookies = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
    client.connect(cluster.url, headers={"Cookie": cookies}, transports=["websocket"])
    me = {"screen": "desk", "screen_id": uuid.uuid4().hex, "name": "", "lang": "zh", "subject": {}}
    assert client.call("join", me)["ok"]
    return client


def first(one: Screen, event: str) -> Any:
    found: list[Any] = []
    until(lambda: found.extend(data for name, data in one.heard if name == event) or found, 5)
    return found[0]


def test_the_account_adds_up_over_both_web_processes(cluster: Stack, desk: httpx.Client) -> None:
    id = incident(cluster, desk)
    with Orders(desk, id) as orders:
        orders.more(4)
        said = cluster.console("reconcile")  # while they go on
        shown = desk.get("/api/v1/pictures/reconcile", params={"subject": ALL})
    assert "the account adds up" in said
    assert "lost 0, doubled 0, out of order 0" in said
    told = shown.raise_for_status().json()["picture"]
    assert (told["open"], told["sound"]) == (True, True), told
    assert [one for one in told["lines"] if not one["adds_up"]] == []
    stored = {one["kind"]: one["stored"] for one in told["lines"]}
    assert stored["orders"] >= 4


def test_a_watchdogs_call_comes_through_the_front(cluster: Stack, desk: httpx.Client) -> None:
    def passed() -> bool:
        told = desk.get("/api/v1/pictures/watchdog").json()["picture"]
        return bool(told["number"]) and not told["silent"] and not told["broken_at"]

    until(passed, 75)  # one call, and the next by another worker after those that were killed
    (age,) = (line for line in _figures(cluster) if line.startswith("yiping_watchdog_age_seconds"))
    assert 0 <= float(age.split()[1]) < 45


def _figures(cluster: Stack) -> list[str]:
    """What a program that watches sees of one web process, past the front."""
    ports = [one.split(":")[-1].strip() for one in cluster.said if "web process" in one]
    return httpx.get(f"http://127.0.0.1:{ports[0]}/metrics").raise_for_status().text.splitlines()


def test_a_page_of_another_origin_gets_no_socket(cluster: Stack, desk: httpx.Client) -> None:
    headers = {"Origin": "https://evil.example", "Upgrade": "websocket", "Connection": "Upgrade"}
    said = desk.get("/socket.io/?EIO=4&transport=websocket", headers=headers)
    assert said.status_code == 403


def test_everything_listens_on_this_machine_alone(cluster: Stack) -> None:
    children = psutil.Process(cluster.process.pid).children(recursive=True)
    listening = {
        one.laddr.ip
        for process in children
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
