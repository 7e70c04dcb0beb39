"""F27 in a crowd: very many timers fall due in one moment, and each worker looks at them.

To fire them takes longer than the time between two looks, and each worker is stopped in turn for
longer than its lease: without fencing the one fires what the other has on its list as well.
"""

import asyncio
import signal
import time

from tests.faults import invariants, many
from tests.faults.bench import Bench
from tests.faults.invariants import Broken
from tests.faults.schedule import WORKERS

COUNT = 150
GRAVE, LIMIT_S = 1, 60.0  # so long has whoever should take an alert of this level
STOP_S = 1.6  # longer than a lease
PATIENCE_S = 30.0  # after which what has not fired never will


async def falls_due(bench: Bench) -> list[Broken]:
    """Alerts that nobody takes: each is escalated, and once."""
    since = await bench.head()
    told = await many.post(bench.people, [many.report(severity=GRAVE) for _ in range(COUNT)])
    mine = [alert for _, alert in told]
    due = time.monotonic() + LIMIT_S
    await asyncio.sleep(LIMIT_S - 2)
    while not await _fired(bench, since, mine) and time.monotonic() < due + PATIENCE_S:
        await asyncio.sleep(0.05)
    for worker in WORKERS:
        bench.product.signal(worker, signal.SIGSTOP)
        await asyncio.sleep(STOP_S)
        bench.product.signal(worker, signal.SIGCONT)
    while await _fired(bench, since, mine) < COUNT and time.monotonic() < due + PATIENCE_S:
        await asyncio.sleep(0.2)
    await asyncio.sleep(STOP_S)  # what would fire again does so now
    broken = invariants.escalated_once(mine, await bench.events(since))
    await many.cancel(bench.people, [ext_id for ext_id, _ in told])
    await bench.ask("reset")
    return broken


async def _fired(bench: Bench, since: int, mine: list[str]) -> int:
    return len(invariants.escalations(mine, await bench.events(since)))
