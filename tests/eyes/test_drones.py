"""Drones from the air to the store: KLV through the media process, flight logs, ages."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from callbacks.drone_parts import fly
from demo import drone_air, drone_scene
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.models import drone_fix
from dispatch.vocabulary import Role
from layouts.texts import both
from streams.drones import DroneLink
from streams.look import Board
from streams.pictures.drones import flying
from streams.positions import Positions
from streams.view import Moment, View
from tests.eyes import flightlog
from tests.stack import free_port
from tests.video.media import SECRET, Media, wait_for
from video import server
from video.addresses import Allowed
from video.process import MediaSettings, serve
from video.ulog import UlogSource

HOME = (37.05, 118.05)
ID = "UAV-E-1"
DESK = View(Role.OFFICER, ("city",))


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A drone on the air; its short flight is drawn here."""
    folder, port = tmp_path_factory.mktemp("air"), free_port()
    played = drone_air.Drones({ID: HOME}, folder)
    drone_scene.write(played._file(ID), HOME, 2)
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    task = asyncio.run_coroutine_threadsafe(played.serve("127.0.0.1", port), loop)
    yield port
    task.cancel()


@pytest.fixture(scope="module")
def media(air: int) -> Iterator[Media]:
    port, stop = free_port(), threading.Event()
    places = Allowed(places=frozenset({("127.0.0.1", air)}))
    own = MediaSettings("127.0.0.1", port, SECRET, ("127.0.0.1",), allowed=places, transcodes=0)
    thread = threading.Thread(target=serve, args=(own, stop), daemon=True)
    thread.start()
    found = Media(port)
    wait_for(lambda: _up(found), bool)
    source = {"path": f"drone/{ID}", "url": f"http://127.0.0.1:{air}/{ID}", "kind": "mpegts"}
    said = {"revision": "1", "sources": [{**source, "pinned": True}]}
    assert found.control("PUT", "sources", said).status_code == 200
    yield found
    stop.set()
    thread.join(10)


def test_what_a_drone_says_beside_its_picture_is_kept(
    media: Media, database: Database, city: City
) -> None:
    positions = Positions(city)
    link = DroneLink(database, positions, media.url, server.control_key(SECRET))
    wait_for(lambda: _told(media), lambda rows: bool(rows and rows[0]["said"]))
    link.poll()
    (one,) = _flying(database, city)
    assert (one["id"], one["state"], one["feed"]) == (ID, "live", f"drone/{ID}")
    assert one["centre"] == pytest.approx(HOME, abs=1e-4)
    assert len(one["corners"]) == 4
    assert now_ms() - one["at"] < 3_000
    before = len(_rows(database))
    link.poll()
    assert len(_rows(database)) - before <= 1
    assert positions.frame(("city",), now_ms())[:4] != bytes(4)


def test_a_drone_that_falls_silent_is_marked_and_then_gone(database: Database, city: City) -> None:
    link = DroneLink(database, Positions(city), "http://127.0.0.1:9", "k")
    at = now_ms()
    link.take([{"id": ID, "said": {"lat": 37.05, "lon": 118.05}, "received_at": at}])
    assert _flying(database, city, at + 1_000)[0]["state"] == "live"
    late = _flying(database, city, at + 5_000)[0]
    assert (late["state"], late["since"]) == ("dead", at)
    assert _flying(database, city, at + 61_000) == []


def test_two_processes_keep_one_word_once(database: Database, city: City) -> None:
    said = [{"id": ID, "said": {"lat": 37.05, "lon": 118.05}, "received_at": now_ms()}]
    for _ in range(2):
        DroneLink(database, Positions(city), "http://127.0.0.1:9", "k").take(said)
    assert len(_rows(database)) == 1


def test_a_flight_log_flies_as_a_drone_does(database: Database, city: City, tmp_path: Path) -> None:
    rows = [(1_000_000, "battery_status", flightlog.battery(0.5)),
            (1_000_000, "input_rc", flightlog.remote(80)),
            (1_000_000, "vehicle_global_position", flightlog.place(*HOME, 60.0))]  # fmt: skip
    log = flightlog.write(tmp_path / "f.ulg", rows)
    link = DroneLink(database, Positions(city), "http://127.0.0.1:9", "k")
    fly(link, ID, UlogSource(log, start=now_ms()), threading.Event())
    (one,) = _flying(database, city)
    assert (one["battery"], one["link"], one["source"]) == (50.0, 80.0, "ulog")


def _told(media: Media) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = media.control("GET", "telemetry").json()["drones"]
    return found


def _up(media: Media) -> bool:
    try:
        return media.control("GET", "status").status_code == 200
    except httpx.TransportError:
        return False


def _rows(database: Database) -> list[Any]:
    return database.read(lambda c: list(c.execute(select(drone_fix))))


def _flying(database: Database, city: City, now: int = 0) -> list[dict[str, Any]]:
    board = Board(city, both)
    moment = Moment(0, now or now_ms())
    return database.read(lambda c: flying(board.look(c, moment), DESK))
