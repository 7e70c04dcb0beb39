"""The player knocks at the doors as outside systems do."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import scenario
from demo.doors import Doors, Keys
from demo.folder import Folder
from demo.movement import Fleet
from demo.responders import Responders
from demo.scenario import Delays, ScenarioError, Stage
from tests.demo.door import Door, open_door

D1 = Path("demo/scenarios/d1.json")


@pytest.fixture
def door() -> Iterator[Door]:
    with open_door() as opened:
        yield opened


def keys(outside: Folder) -> Keys:
    return Keys({name: f"key-{name}" for name in outside.sources}, {"P1": "u1", "POL-GK-11": "u2"})


def test_a_busy_door_gets_the_same_alert_again(door: Door, outside: Folder) -> None:
    door.busy = 2

    async def send() -> Doors:
        doors = Doors(door.url, keys(outside))
        await doors.alert("119", {"source": "119", "ext_id": "a-1", "title": "x"})
        await doors.close()
        return doors

    doors = asyncio.run(send())
    assert door.knocks == 3
    assert [body["ext_id"] for body in door.bodies("/api/v1/alerts")] == ["a-1"]
    assert door.heard[0][1]["Authorization"] == "Bearer key-119"
    assert (doors.tally.alerts, doors.tally.waiting, doors.tally.refused) == (1, 0, 0)


def test_rows_that_a_batch_refuses_are_counted_as_refused(door: Door, outside: Folder) -> None:
    door.refused = [{"row": 1, "field": "sensor", "code": "unknown", "detail": "no sensor"}]

    async def send() -> Doors:
        doors = Doors(door.url, keys(outside))
        await doors.readings("power", [{"sensor": "a"}, {"sensor": "b"}])
        await doors.close()
        return doors

    tally = asyncio.run(send()).tally
    assert (tally.readings, tally.refused) == (1, 1)
    assert "no sensor" in tally.line()


def test_a_source_without_a_key_says_nothing(door: Door) -> None:
    async def send() -> None:
        doors = Doors(door.url, Keys({}))
        await doors.alert("119", {"source": "119", "ext_id": "a-1", "title": "x"})
        await doors.close()

    asyncio.run(send())
    assert door.knocks == 0


def test_the_drill_is_complete_and_fits_the_city(outside: Folder) -> None:
    drill = scenario.read(D1, outside)
    assert drill.events[-1]["at_s"] <= drill.lasts_s == 720
    counts = {kind: sum(e["kind"] == kind for e in drill.events) for kind in scenario.KINDS}
    assert all(counts.values()), counts
    assert len(drill.responders) == 11
    assert drill.responders["POL-GK-11"].ack_s is None
    assert drill.responders["P1"] == Delays(14, 60, 144)


def test_a_scenario_that_names_an_unknown_sensor_is_refused(
    tmp_path: Path, outside: Folder
) -> None:
    text = D1.read_text(encoding="utf-8").replace('"GT-208"', '"GT-999"')
    (tmp_path / "wrong.json").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="GT-999"):
        scenario.read(tmp_path / "wrong.json", outside)


def test_the_drill_sends_its_alerts_and_readings_and_only_says_what_people_do(
    door: Door, outside: Folder
) -> None:
    told: list[str] = []

    async def play() -> Stage:
        doors = Doors(door.url, keys(outside))
        stage = Stage(scenario.read(D1, outside), outside, Fleet(outside), doors)
        await stage.play(600.0, told.append)
        await doors.close()
        return stage

    stage = asyncio.run(play())
    alerts = door.bodies("/api/v1/alerts")
    assert {body["source"] for body in alerts} == {"park", "119", "video", "12345"}
    first, again = (body for body in alerts if body["ext_id"].endswith("gt207"))
    assert {first["kind"], again["kind"]} == {"alert", "update"}
    assert first["ext_id"] == again["ext_id"]
    tank = outside.spots["PL-TANK-V1203"]
    assert (first["lat"], first["lon"]) == (tank.lat, tank.lon)
    values = [r for body in door.bodies("/api/v1/readings") for r in body["readings"]]
    assert {row["sensor"] for row in values} >= {"GT-207", "GT-206", "PT-1203"}
    assert stage.shown["GT-207"] == 64.0
    assert sum("[leader]" in line for line in told) == 2
    assert not [path for path, _, _ in door.heard if "commands" in path]


def test_simulated_responders_sign_in_time_except_the_one_that_must_not(
    door: Door, outside: Folder
) -> None:
    issued = int(time.time() * 1000)
    scene = {"lat": 37.48, "lon": 119.11}
    for unit, order in (("P1", "ZL-1"), ("POL-GK-11", "ZL-4")):
        given = {"id": order, "state": "ISSUED", "issued_at": issued, "incident": scene}
        door.orders[unit] = [given]
    drill = scenario.read(D1, outside)
    fleet = Fleet(outside)

    async def serve() -> None:
        doors = Doors(door.url, keys(outside))
        scene = outside.spots[drill.place_id]
        people = Responders(doors, fleet, drill.responders, scene, speed=200.0)
        task = asyncio.create_task(people.serve())
        await asyncio.sleep(3.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await doors.close()

    asyncio.run(serve())
    said = [
        (body["order"], path.rpartition("/")[2], body.get("to")) for path, _, body in door.heard
    ]
    own = [step[1:] for step in said if step[0] == "ZL-1"]
    assert own[:3] == [("order.deliver", None), ("order.read", None), ("order.acknowledge", None)]
    assert own[3:] == [("order.advance", "EN_ROUTE"), ("order.advance", "ON_SCENE")]
    assert [step[1:] for step in said if step[0] == "ZL-4"] == [("order.deliver", None)]
    every = [headers["Idempotency-Key"] for _, headers, _ in door.heard]
    assert len(set(every)) == len(every)
    assert fleet.movers["P1"].ordered
    assert fleet.movers["P1"].goal == (37.48, 119.11)


def test_the_player_runs_and_ends_cleanly_when_told_to(
    door: Door, yunbin: Path, tmp_path: Path
) -> None:
    sources = ["110", "positions", "power", "weather", "120"]
    (tmp_path / "keys.json").write_text(json.dumps({"sources": {s: s for s in sources}}))
    command = [sys.executable, "-m", "demo.player", "--base-url", door.url, "--city", str(yunbin)]
    command += ["--keys", str(tmp_path / "keys.json"), "--backfill", "2"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    wanted = {"/api/v1/positions", "/api/v1/readings", "/api/v1/alerts"}
    while not wanted <= {path for path, _, _ in door.heard} and time.monotonic() < deadline:
        time.sleep(0.1)
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=15)
    assert running.returncode == 0, err
    assert err == ""
    assert "player: stopped" in out
    assert len(door.bodies("/api/v1/positions")[0]["positions"]) == 1000
    sent = [
        r for b in door.bodies("/api/v1/readings") if b["source"] == "power" for r in b["readings"]
    ]
    assert len(sent) >= 24 * 5
    assert any("cap:1.2" in body for body in door.bodies("/api/v1/alerts"))


def test_a_missing_key_file_is_one_sentence_and_code_2(yunbin: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.player", "--base-url", "http://127.0.0.1:1"]
    command += ["--city", str(yunbin), "--keys", str(tmp_path / "none.json")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("player: ")
    assert ended.stderr.count("\n") == 1
