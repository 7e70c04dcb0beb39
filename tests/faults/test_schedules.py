"""Sixty random schedules of faults on the real product: nothing lost, doubled or wrongly shown."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.faults.__main__ import campaign, say
from tests.faults.bench import Bench, Outcome
from tests.faults.figures import missed, summary
from tests.faults.product import Product

pytestmark = pytest.mark.path
EACH = 30
LIVED = 6  # processes held against a base: webs, workers, Redis, and of browser or store one
CONVERGED_S = 2.0
PATIENCE_S = 600.0
TRIES = 2  # more, for a schedule after which the screens agreed, but late


@pytest.mark.parametrize(("store", "first"), [("sqlite", 31), ("postgres", 1_000_001)])
def test_thirty_random_schedules_leave_nothing_lost_doubled_or_unsaid(
    store: str, first: int, demo_city: Path
) -> None:
    outcomes, bench = asyncio.run(_run(store, first, demo_city))
    result = summary(outcomes, [])
    say(str(result))
    broken = [f"{one.schedule.text}: {how}" for one in outcomes for how in one.broken]
    assert broken == []
    assert len(outcomes) == EACH
    assert (result["lost"], result["doubled"]) == (0, 0)
    assert result["converge_max_s"] <= CONVERGED_S
    assert missed(result, EACH) == []
    assert bench.ended > 0, "no process was looked at before it was killed (I10)"
    assert bench.compared >= LIVED, "too few processes were held against what they were (I10)"
    assert bench.vigil.ended, "the suite's own orders piled up"


async def _run(store: str, first: int, city: Path) -> tuple[list[Outcome], Bench]:
    bench = Bench(Product(city, store))
    await bench.open()
    try:
        assert await bench.burst() == []
        seeds = iter(range(first, first + EACH))
        outcomes = await campaign(bench, seeds, time.monotonic() + PATIENCE_S)
        return [await _again(bench, one) for one in outcomes], bench
    finally:
        await bench.close()


async def _again(bench: Bench, outcome: Outcome) -> Outcome:
    """How long it takes is a figure of `make faults`; here what is late each time has failed."""
    for _ in range(TRIES):
        if not outcome.only_late:
            break
        outcome = await bench.run(outcome.schedule)
        outcome.broken += await bench.audit()
        say(f"once more: seed {outcome.schedule.seed}, {outcome.converge_s:.2f} s")
    return outcome
