"""A scenario: who does what when, as data; sent by time, people's parts only printed."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.datum import to_gcj02
from demo.doors import Doors
from demo.folder import Folder
from demo.movement import Fleet

KINDS = ("ALERT", "READING", "POSITION", "HUMAN")
BY_REDIS = "redis"
Tell = Callable[[str], None]


class ScenarioError(Exception):
    """The scenario cannot be played; the message says which event is wrong."""


@dataclass(frozen=True)
class Delays:
    """How a unit answers: seconds to sign (None: never), to turn out, to drive."""

    ack_s: float | None = 30.0
    turnout_s: float = 60.0
    drive_s: float | None = None


@dataclass(frozen=True)
class Scenario:
    id: str
    title: str
    lasts_s: float
    place_id: str
    responders: dict[str, Delays]
    events: list[dict[str, Any]]


def read(path: Path, folder: Folder) -> Scenario:
    """Read a scenario and check that the city has what it names."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    events = sorted(raw["events"], key=lambda event: float(event["at_s"]))
    for event in events:
        _check(event, folder)
    responders = {unit: Delays(**delays) for unit, delays in raw.get("responders", {}).items()}
    title = f"{raw['title_zh']} {raw['title_en']}"
    return Scenario(raw["id"], title, raw["lasts_s"], raw["place_id"], responders, events)


def _check(event: dict[str, Any], folder: Folder) -> None:
    sensors = {sensor.id for sensor in folder.sensors}
    known: dict[str, Any] = {
        "source": folder.sources,
        "place_id": folder.spots,
        "unit": folder.units,
        "sensor": sensors,
    }
    if event["kind"] not in KINDS:
        raise ScenarioError(f"event at {event['at_s']} s: no kind {event['kind']}")
    for field, names in known.items():
        if field in event and event[field] not in names:
            raise ScenarioError(f"event at {event['at_s']} s: the city has no {event[field]}")


class Stage:
    """Plays one scenario through the doors."""

    def __init__(self, scenario: Scenario, folder: Folder, fleet: Fleet, doors: Doors) -> None:
        self.scenario = scenario
        self.shown: dict[str, float] = {}  # what scenario sensors show instead of the usual
        self._folder, self._fleet, self._doors = folder, fleet, doors
        self._run = f"{int(time.time()):x}"  # each play makes alerts of its own

    async def play(self, speed: float, tell: Tell, after_s: float = 0.0) -> None:
        """Send every event at its time; a door that is shut delays no later event.

        after_s: people need a moment to sign in before it begins.
        """
        tell(f"scenario {self.scenario.id}: {self.scenario.title}, begins in {after_s:.0f} s")
        await asyncio.sleep(after_s)
        started = time.monotonic()
        async with asyncio.TaskGroup() as sending:
            for event in self.scenario.events:
                left = event["at_s"] / speed - (time.monotonic() - started)
                await asyncio.sleep(max(0.0, left))
                tell(f"  T+{_minutes(event['at_s'])} {self._caption(event)}")
                sending.create_task(self._send(event))
            left = self.scenario.lasts_s / speed - (time.monotonic() - started)
            await asyncio.sleep(max(0.0, left))
        tell(f"scenario {self.scenario.id}: played")

    async def _send(self, event: dict[str, Any]) -> None:
        if event["kind"] == "ALERT":
            await self._alert(event)
        elif event["kind"] == "READING":
            await self._reading(event)
        elif event["kind"] == "POSITION":
            self._position(event)

    async def _alert(self, event: dict[str, Any]) -> None:
        source = event["source"]
        body = self.message(event, int(time.time() * 1000))
        if self._folder.sources[source].kind == BY_REDIS:
            await self._doors.publish(source, body)
        else:
            await self._doors.alert(source, body)

    def message(self, event: dict[str, Any], at: int) -> dict[str, Any]:
        """Give the alert as its source sends it: own id, own datum."""
        place = self._folder.spots[event["place_id"]]
        lat, lon = place.lat, place.lon
        if self._folder.sources[event["source"]].datum == "GCJ02":
            lat, lon = to_gcj02(lat, lon)
        return {
            **event["alert"],
            "source": event["source"],
            "ext_id": f"{self.scenario.id}-{self._run}-{event['ext_id']}",
            "place": place.name,
            "district": place.district,
            "lat": round(lat, 6),
            "lon": round(lon, 6),
            "occurred_at": at,
        }

    async def _reading(self, event: dict[str, Any]) -> None:
        name, value = event["sensor"], float(event["value"])
        self.shown[name] = value
        source = next(sensor.source for sensor in self._folder.sensors if sensor.id == name)
        row = {"sensor": name, "at": int(time.time() * 1000), "value": value}
        await self._doors.readings(source, [{**row, "quality": "measured"}])

    def _position(self, event: dict[str, Any]) -> None:
        if "silent_s" in event:
            self._fleet.silence(event["unit"], time.monotonic() + event["silent_s"])
        else:
            lat, lon = event["to"]
            self._fleet.send(event["unit"], lat, lon, event.get("speed", 11.0))

    def _caption(self, event: dict[str, Any]) -> str:
        if event["kind"] == "HUMAN":
            return f"[{event['who']}] {event['zh']} / {event['en']}"
        if event["kind"] == "ALERT":
            return f"ALERT {event['source']}: {event['alert']['title']}"
        if event["kind"] == "READING":
            return f"READING {event['sensor']} = {event['value']}"
        return f"POSITION {event['unit']}"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
