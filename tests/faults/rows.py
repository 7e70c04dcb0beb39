"""Rows of the matrix that need more time or another set-up than a random schedule."""

import asyncio
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.measure import percentile
from tests.faults import call, flock, herd, invariants, many
from tests.faults.bench import DESK, LEAD, Bench
from tests.faults.intents import Traffic
from tests.faults.invariants import Broken
from tests.faults.matrix import NO_DISK
from tests.faults.product import Product, eventually
from tests.faults.proxy import Proxy, by_port
from tests.faults.schedule import Fault, Schedule

DISK_MB = 320  # room for the journal that a reader holds up
ENDLESS_S = 90.0
WORK_S = 4.0  # so long people work beside what the row does
SLOW = 1_000  # bytes a second
ROUNDS, ORDERS = 4, 15  # sixty orders with Redis well, and as many without
ORDER_MS = 300.0  # with Redis dead or dumb, p99


@dataclass
class Found:
    """What the rows measured, which failed, which were run, and why others were not."""

    converge_s: list[float] = field(default_factory=list)
    marks_ms: list[float] = field(default_factory=list)
    orders_ms: list[float] = field(default_factory=list)
    apart_ms: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    ran: set[str] = field(default_factory=set)
    not_run: dict[str, str] = field(default_factory=dict)


def _one(kind: str, target: str, for_s: float) -> tuple[Fault, ...]:
    return (Fault(kind, target, 0.3, for_s),)


LONG: dict[str, tuple[Fault, ...]] = {
    "F1": _one("redis_kill", "redis", 8.0),
    "F2": _one("redis_stop", "redis", 8.0),
    "F4": _one("redis_half_open", "to_redis", 6.0),
    "F8": (Fault("web_stop", "web-1", 0.3, 10.0), Fault("web_stop", "web-2", 0.4, 10.0)),
    "F9": (Fault("web_term", "web-1", 0.3, 0.0), Fault("web_term", "web-2", 6.0, 0.0)),
    "F13": _one("door_slow", "door", 6.0),
    "F15": _one("page_stop", "page", 4.0),
    "F16": _one("browser_stop", "browser", 20.0),
    "F18": _one("store_locked", "store", 7.0),
    "F19": _one("disk_full", "store", 4.0),
}
"""Row -> the fault at length, on SQLite."""


async def run(city: Path, wanted: list[str] | None = None) -> Found:
    """Every row, on one product; each says how it went, and leaves the processes calm (I10)."""
    found, bench = Found(), Bench(Product(city, disk_mb=DISK_MB))
    await bench.open()
    try:
        for row, faults in LONG.items():
            if not wanted or row in wanted:
                await _long(bench, row, faults, found)
        for row, special in SPECIAL.items():
            if not wanted or row in wanted:
                _say(row, await special(bench) + await bench.calm(), found)
        _say("audit", await bench.audit(), found, f"I10 of {bench.compared} processes")
        found.orders_ms, found.apart_ms = bench.redis_dead_ms, bench.orders_apart_ms
    finally:
        await bench.close()
    return found


async def _long(bench: Bench, row: str, faults: tuple[Fault, ...], found: Found) -> None:
    if row == "F19" and not bench.product.mounted:
        found.not_run[row] = NO_DISK
        print(f"faults: row {row}: not run, {NO_DISK}", flush=True)
        return
    outcome = await bench.run(Schedule(0, "sqlite", faults))
    found.converge_s.append(outcome.converge_s)
    found.marks_ms += outcome.marks_ms
    marks = ", ".join(f"{mark / 1000:.2f}" for mark in outcome.marks_ms) or "-"
    figures = f"converged after {outcome.converge_s:.2f} s, marked after {marks} s"
    _say(row, outcome.broken + await bench.calm(), found, figures)


def _say(row: str, broken: list[Broken], found: Found, figures: str = "") -> None:
    found.ran.add(row)
    print(f"faults: row {row}: {'FAILED' if broken else 'held'} {figures}", flush=True)
    for one in broken:
        print(f"faults:   {one}", flush=True)
    if broken:
        found.failed.append(row)


async def _same_alert(bench: Bench, count: int = 1000) -> list[Broken]:
    """F31: one alert a thousand times, twenty at once."""
    since, gate = await bench.head(), asyncio.Semaphore(20)
    body = many.report()

    async def post() -> str:
        async with gate:
            return str((await bench.people.reports("park", **body))["alert"])

    told = set(await asyncio.gather(*(post() for _ in range(count))))
    expected = Counter({("AlertReceived", one): 1 for one in told})
    await bench.people.reports("park", **{**body, "kind": "cancel"})
    return invariants.no_loss_one_effect(expected, await bench.events(since))[2]


async def _endless_reader(bench: Bench) -> list[Broken]:
    """F20: a program reads the store and does not end while 64 MB and more are written."""
    since, product = await bench.head(), bench.product
    with sqlite3.connect(product.file, isolation_level=None, timeout=5) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT max(seq) FROM event").fetchone()
        began, told = time.monotonic(), []
        while not (size := await _journal(bench)) and time.monotonic() - began < ENDLESS_S:
            told += await many.post(bench.people, [many.report() for _ in range(many.BATCH)])
        took = time.monotonic() - began
        outcome = await bench.run(Schedule(20, "sqlite", _one("nothing", "", WORK_S)))
    reader.close()
    print(f"faults: row F20: the desk is told after {took:.1f} s: {size} bytes", flush=True)
    await many.cancel(bench.people, [ext_id for ext_id, _ in told])
    await eventually(lambda: _shrunk(bench), 20, "a journal that shrinks")
    stored = {one["subject"] for one in await bench.events(since)}
    broken = [Broken("I1", f"{alert} is lost") for _, alert in told if alert not in stored]
    if not size:
        broken.append(Broken("I5", "nobody said that the journal is held up"))
    return broken + outcome.broken


async def _journal(bench: Bench) -> int:
    """The bytes of the journal, once the desk is shown that they are too many."""
    said = await bench.people.asks(DESK, "/api/v1/pictures/journal")
    return int(said["picture"]["held"] or 0)


async def _shrunk(bench: Bench) -> bool:
    await bench.people.reports("park", **many.report())
    return not await _journal(bench)


async def _orders_apart(bench: Bench) -> list[Broken]:
    """F1, F2: the same orders with Redis well, dead and dumb, on one stack, a few at a time."""
    product, calm = bench.product, Traffic(bench.people, DESK, LEAD, [], bench.chance, "apart")
    await calm.open()
    bench.people.twice, often = 0.0, bench.people.twice
    took: dict[str, list[float]] = {"well": [], "dead": [], "dumb": []}
    for _ in range(ROUNDS):
        took["well"] += await _orders(bench, calm.incident)
        product.signal("redis", signal.SIGSTOP)
        took["dumb"] += await _orders(bench, calm.incident)
        product.signal("redis", signal.SIGCONT)
        product.kill("redis")
        took["dead"] += await _orders(bench, calm.incident)
        product.start("redis")
        await product.answers("redis")
    bench.people.twice = often
    bench.orders_apart_ms = {name: round(percentile(some, 0.99), 1) for name, some in took.items()}
    halves = {name: round(percentile(some, 0.5), 1) for name, some in took.items()}
    print(f"faults: row orders: {len(took['well'])} of each; p50 {halves} ms,"
          f" p99 {bench.orders_apart_ms} ms", flush=True)  # fmt: skip
    await calm.close()
    late = percentile(took["dead"] + took["dumb"], 0.99)
    return [Broken("F2", f"an order took {late:.0f} ms without Redis")] if late > ORDER_MS else []


async def _orders(bench: Bench, incident: str) -> list[float]:
    """Times in ms of so many orders, given one after another."""
    found, unit = [], bench.some_units(bench.chance)[0]
    for n in range(ORDERS):
        facts = {"incident": incident, "text": f"{n}", "kind": "report", "priority": 2}
        made = await bench.people.does(DESK, "order.draft", **facts, unit=unit)
        began = time.monotonic()
        await bench.people.does(DESK, "order.issue", orders=[made["order"]])
        found.append((time.monotonic() - began) * 1000)
        await bench.people.does(DESK, "order.cancel", order=made["order"], reason="over")
    return found


async def _reads_slowly(bench: Bench) -> list[Broken]:
    """F13: one screen takes a kilobyte a second; the others, and whoever works, notice nothing."""
    slow = Proxy([by_port(bench.product.door.port)])
    await slow.open()
    try:
        async with herd.herd(bench, "slow", 1, f"http://127.0.0.1:{slow.port}"):
            slow.faults.rate = SLOW
            outcome = await bench.run(Schedule(13, "sqlite", _one("nothing", "", 2 * WORK_S)))
    finally:
        await slow.close()
    return outcome.broken


async def _idle_connections(bench: Bench, count: int = 2000) -> list[Broken]:
    """F46: two thousand connections that say nothing; orders go on."""
    lines: list[asyncio.StreamWriter] = []
    ports = list(bench.product.ports.values())
    try:
        for n in range(count):
            _, writer = await asyncio.open_connection("127.0.0.1", ports[n % len(ports)])
            lines.append(writer)
        outcome = await bench.run(Schedule(46, "sqlite", _one("nothing", "", WORK_S)))
    finally:
        for one in lines:
            one.transport.abort()
    return outcome.broken


SPECIAL: dict[str, Callable[[Bench], Awaitable[list[Broken]]]] = {
    "F14": herd.comes_back,
    "F13": _reads_slowly,
    "orders": _orders_apart,
    "F20": _endless_reader,
    "F31": _same_alert,
    "F39": lambda _bench: call.restored(),
    "F41": herd.war_and_peace,
    "F46": _idle_connections,
    "F27": flock.falls_due,
    "burst": lambda bench: bench.burst(),
}
