"""`make faults`: schedules of faults against real processes; the last line is one JSON object.

python -m tests.faults [COUNT] [--first SEED] [--seconds S] [--store sqlite|postgres|both]
python -m tests.faults --replay JSON   runs one schedule again
python -m tests.faults --matrix        prints every row of the matrix
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults import matrix, rows
from tests.faults.bench import Bench, Outcome
from tests.faults.figures import FIGURES, missed, summary, unsure
from tests.faults.product import Product
from tests.faults.schedule import Schedule, draw, shrink
from tests.stack import ROOT

COUNT = 1_000
SHRINK_TRIES = 8
AUDIT_EVERY = 50


def main() -> int:
    asked = _parser().parse_args()
    if asked.matrix:
        print(matrix.table())
        return 0
    with tempfile.TemporaryDirectory() as folder:
        known = os.environ.get("FAULTS_CITY")
        city = Path(known) if known else made_city(Path(folder))
        if asked.replay:
            return asyncio.run(_replay(city, Schedule.read(asked.replay)))
        result = asyncio.run(_campaign(city, asked))
    return tell(result, asked.count)


def tell(result: dict[str, Any], wanted: int) -> int:
    """Print what came of it; the exit code: 0 if nothing failed and no figure is missed."""
    say(json.dumps({name: value for name, value in result.items() if name not in FIGURES}))
    if count := result["schedules"]:
        say(f"no more than {3 / count:.2%} of such schedules fail, at 95 % (3/N)")
    for one in unsure(result):
        say(one)
    short = missed(result, wanted)
    for one in short:
        say(f"MISSED: {one}")
    print(json.dumps({name: result[name] for name in FIGURES}))
    return 1 if result["failed"] or short else 0


def made_city(folder: Path) -> Path:
    city = folder / "city"
    subprocess.run(
        [sys.executable, "-m", "demo.city", str(city)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return city


async def campaign(
    bench: Bench, seeds: Iterator[int], until: float, shrinking: bool = True
) -> list[Outcome]:
    """Run the seeds' schedules until they or the time are over; a failing one is made smaller."""
    outcomes: list[Outcome] = []
    for seed in seeds:
        if time.monotonic() > until:
            break
        outcome = await bench.run(draw(seed, bench.product.store, bench.can))
        outcomes.append(outcome)
        if len(outcomes) % AUDIT_EVERY == 0:
            outcome.broken += await bench.audit()
        if outcome.failed:
            await _tell(bench, outcome, shrinking)
    if outcomes:
        last = await bench.audit() + await bench.left() + await bench.calm()
        for one in last:
            say(f"FAILED at the end: {one}")
        outcomes[-1].broken += last
    return outcomes


async def _tell(bench: Bench, outcome: Outcome, shrinking: bool) -> None:
    """Say what failed, and the smallest schedule found by which it fails again."""
    say(f"FAILED seed {outcome.schedule.seed}")
    for one in outcome.broken:
        say(f"  {one}")
    smallest = outcome.schedule
    if shrinking:

        async def fails(schedule: Schedule) -> bool:
            return (await bench.run(schedule)).failed

        smallest = await shrink(outcome.schedule, fails, SHRINK_TRIES)
    say(f"  again: .venv-test/bin/python -m tests.faults --replay '{smallest.text}'")


async def _campaign(city: Path, asked: argparse.Namespace) -> dict[str, Any]:
    until = time.monotonic() + asked.seconds
    stores = ["sqlite", "postgres"] if asked.store == "both" else [asked.store]
    outcomes: list[Outcome] = []
    dead: list[float] = []
    cannot: dict[str, str] = {}
    extra = await rows.run(city) if asked.rows else rows.Found()
    for n, store in enumerate(stores):
        share = asked.count // len(stores) + (n < asked.count % len(stores))
        first = asked.first + n * 1_000_000
        bench = Bench(Product(city, store))
        await bench.open()
        try:
            seeds = _counted(bench, range(first, first + share), outcomes)
            outcomes += await campaign(bench, seeds, until)
            dead += bench.redis_dead_ms
            cannot |= bench.cannot
            say(f"{store}: I10 of {bench.compared} processes, of {bench.ended} before their end")
        finally:
            await bench.close()
    return summary(outcomes, dead + extra.orders_ms, extra, cannot)


def _counted(bench: Bench, seeds: range, done: list[Outcome]) -> Iterator[int]:
    """The seeds, with a line of progress every ten."""
    for n, seed in enumerate(seeds):
        if n and n % 10 == 0:
            load = os.getloadavg()[0]
            say(f"{bench.product.store}: {n} of {len(seeds)} schedules, load {load:.1f}")
        yield seed


async def _replay(city: Path, schedule: Schedule) -> int:
    bench = Bench(Product(city, schedule.store))
    await bench.open()
    try:
        outcome = await bench.run(schedule)
        outcome.broken += await bench.audit()
        for one in outcome.broken:
            say(str(one))
        say(f"converged after {outcome.converge_s:.2f} s, {outcome.intents} intents")
        if outcome.failed:
            print(bench.product.logs())
    finally:
        await bench.close()
    return 1 if outcome.failed else 0


def say(text: str) -> None:
    print(f"faults: {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3 * 3600.0)
    parser.add_argument("--store", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--no-rows", dest="rows", action="store_false")
    parser.add_argument("--replay")
    parser.add_argument("--matrix", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
