"""The product for a while under ordinary work: does the memory of anything grow?

`make soak` runs ten minutes; `.venv-test/bin/python -m tests.bench.soak HOURS` so many hours. It
prints a line a minute; the last line is one JSON object with the slope of every process and of
the browser's page, in MB an hour, over the second half of the run.
"""

import asyncio
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.faults.__main__ import made_city
from tests.faults.bench import DESK, LEAD, Bench
from tests.faults.intents import Traffic
from tests.faults.product import Product

HOURS = 1 / 6
EVERY_S = 5.0
TELL_S = 60.0
ROUND_S = 20.0  # one incident's life; then a tidy desk
WARM = 0.5  # share of the run before the slope is taken


def say(text: str) -> None:
    print(f"soak: {text}", flush=True)


class Memory:
    """What each process and the page hold, over time."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._began = bench, time.monotonic()
        self.series: dict[str, list[tuple[float, float]]] = {}

    async def look(self) -> None:
        at = (time.monotonic() - self._began) / 3600
        for name, mb in [*self._processes(), *(await self._page())]:
            self.series.setdefault(name, []).append((at, mb))

    def _processes(self) -> list[tuple[str, float]]:
        found = []
        for name in self._bench.product.members:
            with suppress(psutil.Error):
                family = self._bench.product.family(name)
                found.append((name, sum(one.memory_info().rss for one in family) / 2**20))
        return found

    async def _page(self) -> list[tuple[str, float]]:
        """The page's own heap after a collection, and all that its process holds."""
        tab = self._bench.tab
        assert tab is not None
        session = await tab.context.new_cdp_session(tab.page)
        await session.send("HeapProfiler.collectGarbage")
        heap = await session.send("Runtime.getHeapUsage")
        counts = await session.send("Memory.getDOMCounters")
        await session.detach()
        pages = [
            one.memory_info().rss
            for one in self._bench.product.browsers()
            if "--type=renderer" in one.cmdline()
        ]
        return [
            ("page heap", heap["usedSize"] / 2**20),
            ("page process", max(pages, default=0) / 2**20),
            ("page nodes", counts["nodes"]),
        ]

    def slope(self, name: str) -> float:
        """MB (or nodes) an hour over the run's second part, by least squares."""
        points = self.series[name]
        return slope(points[int(len(points) * WARM) :])


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares; 0 for less than two points."""
    if len(points) < 2:
        return 0.0
    middle = sum(x for x, _ in points) / len(points)
    level = sum(y for _, y in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * (y - level) for x, y in points) / spread if spread else 0.0


async def work(bench: Bench, until: float) -> int:
    """One incident after another with alerts, orders, notes and changes of mode."""
    done, chance = 0, random.Random(0)
    while time.monotonic() < until:
        bench.people.ledger.intents.clear()
        units = bench.some_units(chance)
        traffic = Traffic(bench.people, DESK, LEAD, units, chance, "soak")
        await traffic.open()
        going = asyncio.create_task(traffic.run())
        await asyncio.sleep(min(ROUND_S, max(1.0, until - time.monotonic())))
        traffic.stop.set()
        await going
        await traffic.close()
        done += len(bench.people.ledger.intents)
        gc.collect()
    return done


async def watch(memory: Memory, until: float) -> None:
    told = time.monotonic()
    while time.monotonic() < until:
        await memory.look()
        if time.monotonic() - told >= TELL_S:
            told = time.monotonic()
            now = {name: round(points[-1][1]) for name, points in memory.series.items()}
            say(json.dumps(now))
        await asyncio.sleep(EVERY_S)


async def run(city: Path, hours: float) -> dict[str, Any]:
    bench = Bench(Product(city, disk_mb=4_000))
    await bench.open()
    try:
        until = time.monotonic() + hours * 3600
        memory = Memory(bench)
        intents, _ = await asyncio.gather(work(bench, until), watch(memory, until))
        broken = [str(one) for one in await bench.audit()]
    finally:
        await bench.close()
    last = {name: round(points[-1][1], 1) for name, points in memory.series.items()}
    slopes = {name: round(memory.slope(name), 2) for name in memory.series}
    return {
        "hours": round(hours, 3),
        "intents": intents,
        "mb": last,
        "mb_per_hour": slopes,
        "broken": broken,
    }


def main(arguments: Sequence[str]) -> int:
    hours = float(arguments[0]) if arguments else HOURS
    with tempfile.TemporaryDirectory() as folder:
        known = os.environ.get("FAULTS_CITY")
        result = asyncio.run(run(Path(known) if known else made_city(Path(folder)), hours))
    print(json.dumps(result))
    return 1 if result["broken"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
