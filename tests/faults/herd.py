"""Many more desks than the bench has: what they all do at once (F14, F41)."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.faults import invariants
from tests.faults.bench import DESK, LEAD, OBSERVER, SCRIPT, Bench
from tests.faults.intents import Traffic
from tests.faults.invariants import Broken
from tests.faults.product import eventually

JOINED_S = 30.0
HERD = 100
MANY, SILENT = 36, 2  # with the bench's four and its browser more than forty confirm
CHANGES = 10
CHANGED_S = 2.0  # so many changes in this time are what F41 asks for
NAMED_S = 6.0  # a report every two seconds, written every two, and a busy moment


class Herd:
    """Desks in a process of their own; `bench.cookie` is whose they are."""

    def __init__(self, name: str, count: int) -> None:
        self.ids = {f"{name}-{n}" for n in range(count)}
        self._process: asyncio.subprocess.Process | None = None

    async def open(self, bench: Bench, url: str) -> None:
        facts = [{"screen": "desk", "id": id, "cookie": bench.cookie} for id in sorted(self.ids)]
        host = bench.product.url.removeprefix("http://")
        plan = {"url": url or bench.product.url, "host": host, "screens": facts}
        self._process = await asyncio.create_subprocess_exec(
            "node", str(SCRIPT), json.dumps(plan), stdin=-1, stdout=-1, limit=1 << 27
        )

    async def close(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def ask(self, command: str) -> Any:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n".encode())
        return json.loads(await self._process.stdout.readline())

    async def differs(self, bench: Bench) -> list[Broken]:
        """Whose pictures are not what the store holds."""
        return invariants.convergence(await bench.held(), await self.ask("shows"), None)

    async def agree(self, bench: Bench, patience_s: float = JOINED_S) -> float:
        """Wait until all show what the store holds; the seconds that it took."""

        async def all_agree() -> bool:
            return not await self.differs(bench)

        return await eventually(all_agree, patience_s, "the herd")

    def send_signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@asynccontextmanager
async def herd(bench: Bench, name: str, count: int, url: str = "") -> AsyncIterator[Herd]:
    """So many desks that have joined. url: the door that they come by, if it is another."""
    one = Herd(name, count)
    await one.open(bench, url)
    try:
        await one.agree(bench)
        yield one
    finally:
        await one.close()


async def comes_back(bench: Bench) -> list[Broken]:
    """F14: a hundred more desks; both web processes die, and all agree again in time."""
    product = bench.product
    async with herd(bench, "herd", HERD) as crowd:
        names = [name for name in product.members if name.startswith("web")]
        for name in names:
            product.kill(name)
        for name in names:
            product.start(name)
        await asyncio.gather(*(product.answers(name) for name in names))
        took = await crowd.agree(bench)
        print(f"faults: row F14: {HERD} screens back after {took:.2f} s", flush=True)
        return invariants.in_time(took)


async def war_and_peace(bench: Bench) -> list[Broken]:
    """F41: ten changes of mode as fast as they are answered, from two seats, before forty screens.

    Two screens stand still meanwhile: they, and nobody else, are named as not confirmed.
    """
    async with AsyncExitStack() as all_of_them:
        many = await all_of_them.enter_async_context(herd(bench, "many", MANY))
        still = await all_of_them.enter_async_context(herd(bench, "still", SILENT))
        still.send_signal(signal.SIGSTOP)
        took = await _changes(bench)
        began = time.monotonic()
        past, broken = await bench.converged(began)
        await many.agree(bench)
        past = max(past, time.monotonic() - began)
        print(f"faults: row F41: {CHANGES} changes in {took:.2f} s, shown by {MANY} desks and the"
              f" bench's after {past:.2f} s", flush=True)  # fmt: skip
        broken += [] if broken else invariants.in_time(past)
        if took > CHANGED_S:
            broken.append(Broken("F41", f"{CHANGES} changes took {took:.2f} s, not {CHANGED_S}"))
        expected = await bench.ids() | many.ids | still.ids
        broken += await _named(bench, expected, still.ids)
        still.send_signal(signal.SIGCONT)
        broken += await _named(bench, expected, set())
        backwards = [*await bench.ask("faults"), *await many.ask("faults")]
        return broken + invariants.order(backwards)


async def _changes(bench: Bench) -> float:
    """To war and back from two seats in turn; how long all of it took."""
    traffic = Traffic(bench.people, DESK, LEAD, [], bench.chance, "war")
    await traffic.open()
    began = time.monotonic()
    for n in range(CHANGES // 2):
        facts = {"incident": traffic.incident, "mode": "WARTIME", "level": 4, "scope": ["gk"]}
        who, other = ((LEAD, OBSERVER), (OBSERVER, LEAD))[n % 2]
        made = await bench.people.does(who, "activation.propose", **facts, reason="drill")
        handover = {str(n): "next shift" for n in range(await traffic.items(made["activation"]))}
        end = {"activation": made["activation"], "reason": "over", "handover": handover}
        await bench.people.does(other, "activation.end", **end)
    took = time.monotonic() - began
    await traffic.close()
    return took


async def _named(bench: Bench, screens: set[str], unconfirmed: set[str]) -> list[Broken]:
    """Of these screens the desk is shown, soon, that those and nobody else have not confirmed."""
    found: set[str] = set()

    async def as_expected() -> bool:
        said = await bench.people.asks(OBSERVER, "/api/v1/pictures/screens")
        rows = {one["id"]: one["state"] for one in said["picture"]["screens"]}
        found.clear()
        found.update(id for id in screens if rows.get(id) != "confirmed")
        return found == unconfirmed

    try:
        await eventually(as_expected, NAMED_S, "the names")
    except TimeoutError:
        return [Broken("F41", f"not confirmed: {sorted(found)}, not {sorted(unconfirmed)}")]
    return []
