"""F26: 32-bit time ends, a second comes twice, a year turns; what is under way goes on in order."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.product import eventually
from tests.faults.test_timers import (
    DESK,
    HOUR_S,
    LEAD,
    PATIENCE_S,
    Centre,
    comes_at,
    jumps,
    within,
)
from tests.faults.vigil import ACK_S, STEPS

pytestmark = pytest.mark.path
END = 2**31  # seconds: 2038-01-19 03:14:08 UTC
NEW_YEAR = datetime(2038, 12, 31, 16, tzinfo=UTC).timestamp()  # in the demo city
LEAP_S = 1
UNDER_WAY_S = 3  # so long a command of one process may wait while another's is written


def test_what_is_under_way_goes_on_over_the_ends_of_the_calendar(demo_city: Path) -> None:
    async def story(one: Centre) -> None:
        await _set(one, END - 9, 1)
        order = await one.order()
        war = await _war(one)
        await _until(one, END + 1)
        one.set_clock(one.wrong_s - LEAP_S)  # a leap second, as Linux makes it
        await _peace(one, war)
        assert await comes_at(one, order, 1, ACK_S * STEPS[0] + LEAP_S) > END

        await _set(one, NEW_YEAR - 15, 2)
        old = await one.order()
        await comes_at(one, order, 2, ACK_S * STEPS[1])
        await comes_at(one, order, 3, ACK_S * STEPS[2])
        await _until(one, NEW_YEAR + 0.1)
        new = await one.order()
        assert (old[:8], new[:8]) == ("ZL-1231-", "ZL-0101-")
        last = [await comes_at(one, old, n, ACK_S * part) for n, part in enumerate(STEPS, 1)][-1]
        assert last > NEW_YEAR

        assert len(await one.events("ClockJumped")) == 2
        said = (await one.people.asks(LEAD, "/api/v1/events?after=0"))["events"]
        assert [event["seq"] for event in said] == list(range(1, len(said) + 1))
        steps = [b["at"] - a["at"] for a, b in pairwise(said)]
        assert min(steps) >= -1000 * (LEAP_S + UNDER_WAY_S)
        assert said[-1]["at"] > NEW_YEAR * 1000
        assert "whole" in await one.product.audit()

    within(demo_city, story, clock=True, clock_s=END - HOUR_S - time.time())


async def _set(one: Centre, seconds: float, jump: int) -> None:
    """Set the clock to this moment; the workers see it."""
    one.set_clock(seconds - time.time())
    await eventually(jumps(one, jump), PATIENCE_S, "the jump")


async def _until(one: Centre, seconds: float) -> None:
    await asyncio.sleep(max(0.0, seconds - time.time() - one.wrong_s))


async def _war(one: Centre) -> str:
    facts = {"incident": one.traffic.incident, "mode": "WARTIME", "level": 4, "scope": ["gk"]}
    made = await one.people.does(LEAD, "activation.propose", **facts, reason="the calendar")
    assert (await one.picture("activations"))["mode"] == "WARTIME"
    return str(made["activation"])


async def _peace(one: Centre, war: str) -> None:
    handover = {str(n): DESK for n in range(await one.traffic.items(war))}
    body = {"activation": war, "reason": "over", "handover": handover}
    await one.people.does(LEAD, "activation.end", **body)
    assert (await one.picture("activations"))["mode"] == "PEACETIME"
