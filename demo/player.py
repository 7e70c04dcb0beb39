"""Play the world around the product: what outside systems send, through the public doors alone.

People confirm, activate, order and acknowledge; with --simulated-responders the player answers
for the units that have a key. Stop it with Ctrl-C.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from demo import meters, ordinary, scenario
from demo.cameras import Cameras
from demo.doors import Doors, Keys
from demo.drone_air import Drones
from demo.folder import Folder, Sensor
from demo.folder import read as read_folder
from demo.meters import LOCAL
from demo.movement import Fleet
from demo.responders import Responders
from demo.scenario import Scenario, ScenarioError, Stage

TELL_EVERY_S = 10.0
ROLL_EVERY_S = 1.0
BATCH = 5000


def tell(text: str) -> None:
    print(text, flush=True)


@dataclass
class Player:
    """Everything that runs side by side until somebody stops it."""

    doors: Doors
    folder: Folder
    home: Path
    fleet: Fleet
    load: float = 1.0
    speed: float = 1.0
    stage: Stage | None = None
    after_s: float = 0.0
    responders: Responders | None = None
    cameras: tuple[Cameras, str, int] | None = None
    drones: tuple[Drones, str, int] | None = None

    async def run(self, backfill_h: float) -> None:
        """Play until cancelled."""
        if backfill_h > 0:
            await self.backfill(backfill_h)
        async with asyncio.TaskGroup() as parts:
            for part in (self.report, self.positions, self.weather, self.ordinary_day):
                parts.create_task(part())
            for source in sorted({sensor.source for sensor in self.folder.sensors}):
                parts.create_task(self.meters(source))
            if self.stage is not None:
                parts.create_task(self.stage.play(self.speed, tell, self.after_s))
            if self.responders is not None:
                parts.create_task(self.responders.serve())
            if self.cameras is not None:
                shown, host, port = self.cameras
                parts.create_task(shown.serve(host, port))
            if self.drones is not None:
                flown, host, port = self.drones
                parts.create_task(flown.serve(host, port))

    async def backfill(self, hours: float) -> None:
        """Send what the meters showed during the last hours."""
        now = int(time.time() * 1000)
        for source, sensors in self._by_source().items():
            period = self.folder.sources[source].period_s
            rows = [
                {"sensor": sensor.id, "at": at, "value": value, "quality": "measured"}
                for sensor in sensors
                if sensor.metric != meters.HEARTBEAT
                for at, value in meters.past(sensor, period, now, hours)
            ]
            if rows:
                tell(f"backfill: {source}, {len(rows)} readings of {hours:g} h")
            for start in range(0, len(rows), BATCH):
                await self.doors.readings(source, rows[start : start + BATCH])

    async def meters(self, source: str) -> None:
        """Send what the meters of one source show, once a period."""
        period = self.folder.sources[source].period_s
        sensors = self._by_source()[source]
        while True:
            now = int(time.time() * 1000)
            slot = now - now % int(period * 1000)
            rows = [self._reading(sensor, slot) for sensor in sensors]
            await self.doors.readings(source, rows)
            await _until(slot / 1000 + period)

    def _reading(self, sensor: Sensor, at: int) -> dict[str, Any]:
        shown = self.stage.shown if self.stage else {}
        value = shown.get(sensor.id)
        value = meters.value_at(sensor, at) if value is None else value
        return {"sensor": sensor.id, "at": at, "value": value, "quality": "measured"}

    def _by_source(self) -> dict[str, list[Sensor]]:
        found: dict[str, list[Sensor]] = {}
        for sensor in self.folder.sensors:
            found.setdefault(sensor.source, []).append(sensor)
        return found

    async def ordinary_day(self) -> None:
        """Send the alerts of an ordinary day, and close each when its sender would."""
        if self.load <= 0:
            return
        name = f"{datetime.now(LOCAL):%m%d%H%M%S}"
        day = ordinary.Day(self.folder, name, self.load)
        async with asyncio.TaskGroup() as reports:
            while True:
                now = int(time.time() * 1000)
                for report in day.roll(now, ROLL_EVERY_S * 1000):
                    reports.create_task(self._tell_and_close(report))
                await asyncio.sleep(ROLL_EVERY_S)

    async def _tell_and_close(self, report: ordinary.Report) -> None:
        await self._send(report.source, report.body)
        await asyncio.sleep(report.life_min * 60 / self.speed)
        await self._send(report.source, ordinary.closing(report, int(time.time() * 1000)))

    async def _send(self, source: str, body: dict[str, Any]) -> None:
        by_redis = self.folder.sources[source].kind == scenario.BY_REDIS
        await (self.doors.publish if by_redis else self.doors.alert)(source, body)

    async def weather(self) -> None:
        """Send the day's weather warning, again each hour: it is the same message."""
        if self.load <= 0:
            return
        weather = ordinary.Day(self.folder, "weather").weather
        while True:
            now = int(time.time() * 1000)
            xml = ordinary.warning_of_the_day(weather, self.home, now)
            await self.doors.warning(weather["source"], xml)
            await asyncio.sleep(3600)

    async def positions(self) -> None:
        """Send where all units are, once a second."""
        source = next(s.id for s in self.folder.sources.values() if s.kind == "positions")
        last = time.monotonic()
        while True:
            now = time.monotonic()
            rows = list(self.fleet.step(now, now - last, int(time.time() * 1000)))
            last = now
            for start in range(0, len(rows), BATCH):
                await self.doors.positions(source, rows[start : start + BATCH])
            await asyncio.sleep(max(0.05, 1.0 - (time.monotonic() - now)))

    async def report(self) -> None:
        """Say every ten seconds what has been sent."""
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            tell(f"player: {self.doors.tally.line()}")


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.05, moment - time.time()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.player", description=__doc__)
    parser.add_argument("--base-url", required=True, help="where the product answers")
    parser.add_argument("--keys", required=True, type=Path, help="the keys that it wrote")
    parser.add_argument("--city", type=Path, default=Path("var/city"), help="the city folder")
    parser.add_argument("--redis", default="", help="publish there; else what the keys file says")
    parser.add_argument("--ca", default="", help="certificate that signs the product's own")
    parser.add_argument("--scenario", type=Path, help="a scenario to play, e.g. d1.json")
    parser.add_argument("--after", type=float, default=0.0, metavar="S", help="it begins then")
    parser.add_argument("--speed", type=float, default=1.0, help="of the scenario")
    parser.add_argument("--load", type=float, default=1.0, help="share of an ordinary day's alerts")
    parser.add_argument("--simulated-responders", action="store_true", help="answer orders")
    parser.add_argument("--drones", default="", help="play the drones by HTTP at HOST:PORT")
    parser.add_argument("--cameras", default="", help="play the cameras by RTSP at HOST:PORT")
    parser.add_argument("--scenes", type=Path, default=Path("var/scenes"), help="kept there")
    parser.add_argument(
        "--backfill", type=float, nargs="?", const=24.0, default=0.0, metavar="HOURS",
        help="first send the meters' last hours",
    )  # fmt: skip
    return parser.parse_args()


def assemble(options: argparse.Namespace) -> Player:
    """Read city, keys and scenario. Raises OSError, ValueError, KeyError, ScenarioError."""
    folder = read_folder(options.city)
    keys = Keys.read(options.keys.read_text(encoding="utf-8"))
    doors = Doors(options.base_url, keys, options.redis or keys.redis, options.ca)
    fleet = Fleet(folder)
    player = Player(doors, folder, options.city, fleet, options.load, options.speed)
    played: Scenario | None = None
    if options.scenario is not None:
        played = scenario.read(options.scenario, folder)
        player.stage = Stage(played, folder, fleet, doors)
        player.after_s = options.after
    if options.simulated_responders:
        delays = played.responders if played else {}
        scene = folder.spots[played.place_id] if played else next(iter(folder.spots.values()))
        player.responders = Responders(doors, fleet, delays, scene, options.speed)
        tell(f"player: answers for {len(keys.responders)} phones itself")
    if options.cameras:
        host, _, port = options.cameras.rpartition(":")
        player.cameras = (Cameras.of(options.city, options.scenes), host, int(port))
    if options.drones:
        host, _, port = options.drones.rpartition(":")
        player.drones = (Drones.of(options.city, options.scenes), host, int(port))
    return player


async def _play(options: argparse.Namespace) -> None:
    player = assemble(options)
    task = asyncio.create_task(player.run(options.backfill))
    stop: Callable[[], Any] = task.cancel
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await _quietly(task)
    finally:
        await player.doors.close()
        tell(f"player: stopped; {player.doors.tally.line()}")


async def _quietly(task: Awaitable[None]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> int:
    options = _arguments()
    try:
        asyncio.run(_play(options))
    except (OSError, ValueError, KeyError, ScenarioError) as error:
        print(f"player: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
