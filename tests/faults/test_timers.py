"""Escalation under stopped workers and a clock that is set: every step once, at its time."""

import asyncio
import json
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults import invariants
from tests.faults.bench import ACK_S, STEPS
from tests.faults.intents import People, Traffic
from tests.faults.invariants import Watched
from tests.faults.product import Product, eventually

pytestmark = pytest.mark.path
DESK, LEAD = "wangyan", "meng"
HOUR_S = 3600.0
PATIENCE_S = 40.0


class Centre:
    """The running product, an incident, and people who give orders that nobody signs."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.people = People(product.url, product.keys, product.units, 0)
        self.traffic = Traffic(self.people, DESK, LEAD, [], random.Random(0), "timers")
        self.units = sorted(product.units)
        self.wrong_s = product.clock_s

    async def open(self) -> None:
        for account in (DESK, LEAD):
            await self.people.enter(account, self.product.tokens[account])
        self.people.system("park")
        await self.traffic.open()

    async def order(self) -> str:
        facts = {"incident": self.traffic.incident, "text": "nobody signs", "kind": "report"}
        more = {"priority": 2, "unit": self.units.pop(), "ack_limit": ACK_S}
        made = await self.people.does(DESK, "order.draft", **facts, **more)
        await self.people.does(DESK, "order.issue", orders=[made["order"]])
        return str(made["order"])

    async def events(self, *types: str) -> list[dict[str, Any]]:
        said = await self.people.asks(LEAD, "/api/v1/events?after=0")
        return [one for one in said["events"] if one["type"] in types]

    async def steps(self, order: str) -> list[dict[str, Any]]:
        return [one for one in await self.events("OrderEscalated") if one["subject"] == order]

    async def picture(self, name: str) -> Any:
        return (await self.people.asks(LEAD, f"/api/v1/pictures/{name}"))["picture"]


@asynccontextmanager
async def centre(city: Path, clock: bool = False, clock_s: float = 0.0) -> AsyncIterator[Centre]:
    product = Product(city, clock=clock, clock_s=clock_s)
    try:
        await product.up()
        one = Centre(product)
        await one.open()
        yield one
        await one.people.close()
    finally:
        await product.down()


def within(
    city: Path,
    story: Callable[[Centre], Awaitable[None]],
    clock: bool = False,
    clock_s: float = 0.0,
) -> None:
    async def go() -> None:
        async with centre(city, clock, clock_s) as one:
            await story(one)

    asyncio.run(go())


def holder(product: Product) -> str:
    """The worker that fires: the lease names its process."""
    with sqlite3.connect(product.file, timeout=5) as store:
        (name,) = store.execute("SELECT holder FROM lease WHERE name = 'timers'").fetchone()
    pid = int(name.split(":")[1])
    return next(
        worker
        for worker in ("worker-1", "worker-2")
        if pid in [one.pid for one in product.family(worker)]
    )


def test_a_worker_that_stands_still_past_its_lease_fires_nothing_twice(demo_city: Path) -> None:
    """F27, F28: the leader is stopped as a step falls due; the other fires; then it goes on."""

    async def story(one: Centre) -> None:
        order = await one.order()
        issued = (await one.events("OrderIssued"))[-1]["at"]
        due = tuple(issued + round(ACK_S * 1000 * part) for part in STEPS)
        for step, at in enumerate(due, 1):
            await asyncio.sleep(max(0.0, (at - 700) / 1000 - time.time()))
            leader = holder(one.product)
            one.product.signal(leader, signal.SIGSTOP)
            await eventually(_has(one, order, step), PATIENCE_S, f"step {step}")
            one.product.signal(leader, signal.SIGCONT)
        await asyncio.sleep(1.5)  # what was stopped would fire now if it were not fenced out
        events = await one.events("OrderEscalated")
        assert len(events) == len(due)
        now = round(time.time() * 1000)
        assert invariants.timers([Watched(order, due)], events, now) == []

    within(demo_city, story)


def _has(one: Centre, order: str, count: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(await one.steps(order)) >= count

    return has


def test_a_clock_that_is_set_fires_nothing_early_or_late_and_the_desk_says_so(
    demo_city: Path,
) -> None:
    """F24: two hours ahead, then back; the steps of an order come after the seconds that passed."""

    async def story(one: Centre) -> None:
        order = await one.order()
        begun = time.monotonic()
        await asyncio.sleep(3)
        one.product.set_clock(2 * HOUR_S)
        await eventually(jumps(one, 1), PATIENCE_S, "the jump forward")
        jump = (await one.picture("clock"))["jump"]
        assert abs(jump["by_ms"] - 2 * HOUR_S * 1000) < 2_000
        assert await one.steps(order) == []
        await comes_at(one, order, 1, begun, ACK_S * STEPS[0])

        one.product.set_clock(0)
        await eventually(jumps(one, 2), PATIENCE_S, "the jump back")
        assert (await one.picture("clock"))["jump"] is None
        await comes_at(one, order, 2, begun, ACK_S * STEPS[1])

        one.product.set_clock(-2 * HOUR_S)
        await eventually(jumps(one, 3), PATIENCE_S, "the second jump back")
        later = await one.order()
        second = time.monotonic()
        await comes_at(one, order, 3, begun, ACK_S * STEPS[2])
        jump = (await one.picture("clock"))["jump"]
        await one.people.does(LEAD, "clock.confirm", jump=jump["seq"])
        assert (await one.picture("clock"))["jump"] is None
        await comes_at(one, later, 1, second, ACK_S)
        assert len(await one.steps(order)) == len(STEPS)
        assert len(await one.events("ClockJumped")) == 3
        assert "whole" in await one.product.audit()

    within(demo_city, story, clock=True)


def jumps(one: Centre, count: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(await one.events("ClockJumped")) >= count

    return has


async def comes_at(one: Centre, order: str, step: int, begun: float, after_s: float) -> None:
    """The step comes when so many seconds have really passed, at most two seconds late."""
    early = begun + after_s - 1.0 - time.monotonic()
    await asyncio.sleep(max(0.0, early))
    assert len(await one.steps(order)) == step - 1, "too early"
    await eventually(_has(one, order, step), PATIENCE_S, f"step {step}")
    late = time.monotonic() - begun - after_s
    assert late <= invariants.LATE_MS / 1000 + 0.5, json.dumps(await one.steps(order))
