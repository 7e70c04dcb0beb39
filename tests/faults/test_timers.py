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
from tests.faults.intents import People, Traffic
from tests.faults.invariants import Watched
from tests.faults.product import WORKERS, Product, eventually
from tests.faults.vigil import ACK_S, STEPS

pytestmark = pytest.mark.path
DESK, LEAD = "wangyan", "meng"
HOUR_S = 3600.0
PATIENCE_S = 40.0
EARLY_S, LATE_S = 1.0, invariants.LATE_MS / 1000 + 0.5


class Centre:
    """The running product, an incident, and people who give orders that nobody signs."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.people = People(product.url, product.keys, product.units, 0)
        self.traffic = Traffic(self.people, DESK, LEAD, [], random.Random(0), "timers")
        self.units = sorted(product.units)
        self.clocks = [(0.0, product.clock_s)]  # since when (time.time()), and how wrong it is

    @property
    def wrong_s(self) -> float:
        return self.clocks[-1][1]

    def set_clock(self, seconds: float) -> None:
        self.clocks.append((time.time(), seconds))
        self.product.set_clock(seconds)

    def really(self, at: int) -> float:
        """The time.time() of what the product says happened at `at` (ms)."""
        until = [since for since, _ in self.clocks[1:]] + [time.time()]
        for (since, wrong_s), end in reversed(list(zip(self.clocks, until, strict=True))):
            moment = at / 1000 - wrong_s
            if since - EARLY_S <= moment <= end + EARLY_S:
                return moment
        raise AssertionError(f"{at} is a time that no clock showed")

    async def open(self) -> None:
        for account in (DESK, LEAD):
            await self.people.enter(account, self.product.tokens[account])
        self.people.system("park")
        await self.traffic.open()

    async def order(self) -> str:
        return await self.issue(await self.draft())

    async def draft(self) -> str:
        facts = {"incident": self.traffic.incident, "text": "nobody signs", "kind": "report"}
        more = {"priority": 2, "unit": self.units.pop(), "ack_limit": ACK_S}
        made = await self.people.does(DESK, "order.draft", **facts, **more)
        return str(made["order"])

    async def issue(self, order: str) -> str:
        await self.people.does(DESK, "order.issue", orders=[order])
        return order

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
        await asyncio.sleep(3)
        one.set_clock(2 * HOUR_S)
        await eventually(jumps(one, 1), PATIENCE_S, "the jump forward")
        jump = (await one.picture("clock"))["jump"]
        assert abs(jump["by_ms"] - 2 * HOUR_S * 1000) < 2_000
        await comes_at(one, order, 1, ACK_S * STEPS[0])

        one.set_clock(0)
        await eventually(jumps(one, 2), PATIENCE_S, "the jump back")
        assert (await one.picture("clock"))["jump"] is None
        await comes_at(one, order, 2, ACK_S * STEPS[1])

        one.set_clock(-2 * HOUR_S)
        await eventually(jumps(one, 3), PATIENCE_S, "the second jump back")
        later = await one.order()
        await comes_at(one, order, 3, ACK_S * STEPS[2])
        jump = (await one.picture("clock"))["jump"]
        await one.people.does(LEAD, "clock.confirm", jump=jump["seq"])
        assert (await one.picture("clock"))["jump"] is None
        await comes_at(one, later, 1, ACK_S)
        assert len(await one.steps(order)) == len(STEPS)
        assert len(await one.events("ClockJumped")) == 3
        assert "whole" in await one.product.audit()

    within(demo_city, story, clock=True)


def test_an_order_given_before_any_worker_sees_the_clock_set_has_its_whole_limit(
    demo_city: Path,
) -> None:
    """F24: ahead, then back, each time with no worker awake when a door stamps by the new clock."""

    async def story(one: Centre) -> None:
        before, ahead, back = await one.order(), await one.draft(), await one.draft()
        await set_unseen(one, 2 * HOUR_S, ahead)
        await eventually(jumps(one, 1), PATIENCE_S, "the jump forward")
        await comes_at(one, before, 1, ACK_S * STEPS[0])
        await comes_at(one, ahead, 1, ACK_S * STEPS[0])
        await set_unseen(one, -2 * HOUR_S, back)
        await eventually(jumps(one, 2), PATIENCE_S, "the jump back")
        for step, part in list(enumerate(STEPS, 1))[1:]:
            await comes_at(one, ahead, step, ACK_S * part)
        for step, part in enumerate(STEPS, 1):
            await comes_at(one, back, step, ACK_S * part)
        assert len(await one.events("ClockJumped")) == 2
        assert "whole" in await one.product.audit()

    within(demo_city, story, clock=True)


async def set_unseen(one: Centre, seconds: float, order: str) -> None:
    """Somebody sets the clock and gives an order while the workers stand still."""
    for worker in WORKERS:
        one.product.signal(worker, signal.SIGSTOP)
    one.set_clock(seconds)
    await one.issue(order)
    for worker in WORKERS:
        one.product.signal(worker, signal.SIGCONT)


def jumps(one: Centre, count: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(await one.events("ClockJumped")) >= count

    return has


async def comes_at(one: Centre, order: str, step: int, after_s: float) -> float:
    """The step comes once, when so many seconds have really passed since the order was issued, at
    most two seconds late. Gives the step's own time, in seconds as the product's clock counts.
    """
    await eventually(_has(one, order, step), PATIENCE_S, f"step {step}")
    (issued,) = [event for event in await one.events("OrderIssued") if event["subject"] == order]
    (came,) = [event for event in await one.steps(order) if event["body"]["step"] == step]
    passed = one.really(came["at"]) - one.really(issued["at"])
    assert after_s - EARLY_S <= passed <= after_s + LATE_S, json.dumps([one.clocks, issued, came])
    return float(came["at"] / 1000)
