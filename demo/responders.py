"""Simulated responders: they answer their units' orders as phones do, each at its own pace."""

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Any

from demo.doors import Doors
from demo.folder import Place
from demo.movement import Fleet, metres
from demo.scenario import Delays

ASK_EVERY_S = 3.0
ROAD_FACTOR = 1.3  # roads are longer than the straight line
SPEED_MPS = {"GRD": 3.3, "FIR": 11.5, "POL": 10.0, "MED": 10.0, "UAV": 15.0, "EMT": 16.0}
WORK_S = 1500.0
AT_MOST_S = 3600.0
READS_AFTER_S = 5.0
UNSIGNED = ("ISSUED", "DELIVERED", "READ")
REACHES = {
    "order.deliver": "DELIVERED",
    "order.read": "READ",
    "order.acknowledge": "ACKED",
}


@dataclass
class Task:
    """What a unit has been asked to do, and when it came to each step (seconds of our clock)."""

    order: str
    state: str
    since: float
    goal: tuple[float, float]


@dataclass
class Responders:
    """Answers for all units that have a key."""

    doors: Doors
    fleet: Fleet
    delays: dict[str, Delays]
    scene: Place
    speed: float = 1.0
    tasks: dict[str, Task] = field(default_factory=dict)

    async def serve(self) -> None:
        """Ask for orders and answer them, until cancelled."""
        units = [unit for unit in self.doors.keys.responders if unit in self.fleet.movers]
        async with asyncio.TaskGroup() as people:
            for n, unit in enumerate(units):
                people.create_task(self._serve(unit, n / max(1, len(units)) * ASK_EVERY_S))

    async def _serve(self, unit: str, wait: float) -> None:
        await asyncio.sleep(wait)
        while True:
            found = await self.doors.orders(unit)
            for order in found or []:
                await self.answer(unit, order)
            if found is not None:
                self._forget(unit, {order["id"] for order in found})
            await asyncio.sleep(ASK_EVERY_S / max(1.0, self.speed))

    async def answer(self, unit: str, order: dict[str, Any]) -> None:
        """Take the next step of one order if its time has come."""
        task = self._task(unit, order)
        step = self._next(unit, task)
        if step is None:
            return
        command, body = step
        body, state = {**body, "order": task.order}, REACHES.get(command) or body["to"]
        if state not in UNSIGNED:
            body["at"] = int(time.time() * 1000)
        key = f"player-{task.order}-{state}"
        if await self.doors.command(unit, command, key, body):
            task.since = task.since if state in UNSIGNED else time.monotonic()
            task.state = state
            self._drive(unit, task)

    def _task(self, unit: str, order: dict[str, Any]) -> Task:
        task = self.tasks.get(unit)
        if task is None or task.order != order["id"]:
            goal = self._goal(order)
            issued = order.get("issued_at") or time.time() * 1000
            since = time.monotonic() - max(0.0, time.time() - issued / 1000)
            task = self.tasks[unit] = Task(order["id"], order["state"], since, goal)
        return task

    def _goal(self, order: dict[str, Any]) -> tuple[float, float]:
        """Give where an order leads: to its incident, else to the scenario's scene."""
        incident = order.get("incident")
        place = incident if isinstance(incident, dict) else {}
        if place.get("lat") is None or place.get("lon") is None:
            return self.scene.lat, self.scene.lon
        return float(place["lat"]), float(place["lon"])

    def _next(self, unit: str, task: Task) -> tuple[str, dict[str, Any]] | None:
        delays = self.delays.get(unit, Delays())
        passed = (time.monotonic() - task.since) * self.speed
        waits: dict[str, tuple[float | None, str, str]] = {
            "ACKED": (delays.turnout_s, "order.advance", "EN_ROUTE"),
            "EN_ROUTE": (self.drive_s(unit, task.goal), "order.advance", "ON_SCENE"),
            "ON_SCENE": (WORK_S, "order.advance", "DONE"),
        }
        if task.state in UNSIGNED:
            return _reception(task.state, delays.ack_s, passed)
        wait, command, to = waits.get(task.state, (None, "", ""))
        return (command, {"to": to}) if wait is not None and passed >= wait else None

    def drive_s(self, unit: str, goal: tuple[float, float]) -> float:
        """Give how long a unit drives: the drill's own figure, else distance over speed."""
        known = self.delays.get(unit, Delays()).drive_s
        if known is not None:
            return known
        mover = self.fleet.movers[unit]
        far = math.hypot(*metres(goal, (mover.unit.lat, mover.unit.lon))) * ROAD_FACTOR
        return min(AT_MOST_S, far / SPEED_MPS.get(mover.unit.force, 9.0))

    def _drive(self, unit: str, task: Task) -> None:
        """Let the unit's position follow its answers."""
        if task.state == "EN_ROUTE":
            mover = self.fleet.movers[unit]
            far = math.hypot(*metres(task.goal, (mover.lat, mover.lon)))
            seconds = self.drive_s(unit, task.goal) / self.speed
            self.fleet.send(unit, *task.goal, max(1.0, far / max(1.0, seconds)))

    def _forget(self, unit: str, still: set[str]) -> None:
        """Let a unit go home when its order is done or was called back."""
        task = self.tasks.get(unit)
        if task is not None and task.order not in still:
            del self.tasks[unit]
            self.fleet.release(unit)


def _reception(state: str, ack_s: float | None, passed: float) -> tuple[str, dict[str, Any]] | None:
    """Give what a phone does with a new order: it gets it, shows it, and somebody signs."""
    if state == "ISSUED":
        return "order.deliver", {}
    if ack_s is None:
        return None
    if state == "DELIVERED":
        return ("order.read", {}) if passed >= min(READS_AFTER_S, ack_s / 2) else None
    return ("order.acknowledge", {}) if passed >= ack_s else None
