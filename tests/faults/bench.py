"""One product, its screens and a browser, through one schedule of faults after another."""

import asyncio
import json
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.async_api import Browser, async_playwright

from tests.faults import invariants, sounds
from tests.faults.calm import Calm, doomed
from tests.faults.inject import inject
from tests.faults.intents import Intent, People, Traffic, Unexpected
from tests.faults.invariants import Broken, Truth
from tests.faults.matrix import NO_DISK
from tests.faults.product import Product
from tests.faults.schedule import KINDS, Fault, Kind, Schedule
from tests.faults.sounds import Ear
from tests.faults.tab import Tab, open_tab
from tests.faults.troubles import STORE, Troubles
from tests.faults.vigil import Vigil
from tests.paths.conftest import FLAGS

SCRIPT = Path(__file__).with_name("screens.mjs")
DESK, LEAD, OBSERVER = "wangyan", "meng", "chen"
SCREENS = [
    ("desk", "xuwenbo"),
    ("desk", "liuyang"),
    ("wall", "wall-city"),
    ("phone", "zhouhaifeng"),
]
TAB = "songjia"
PHONE_UNIT = "FIR-GK-01"
EARS = {"desk": sounds.DESK, "wall": sounds.WALL, "phone": sounds.PHONE}
CONVERGE_S = 8.0  # when nothing has converged by then, nothing will; past two it is late
SOUND_S = 2.0
ANSWERED_S = 40.0
REFUSES = (*STORE, "web_", "cpu_")  # kinds during which a request may be turned away


@dataclass
class Outcome:
    """What came of one schedule."""

    schedule: Schedule
    lost: int = 0
    doubled: int = 0
    converge_s: float = 0.0
    answered_s: float = 0.0
    seconds: float = 0.0
    intents: int = 0
    broken: list[Broken] = field(default_factory=list)
    orders_ms: list[float] = field(default_factory=list)
    marks_ms: list[float] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.broken)

    @property
    def only_late(self) -> bool:
        """Whether all held but for the time in which the screens came to agree."""
        return self.failed and self.broken == invariants.in_time(self.converge_s)


class Bench:
    """Starts everything once; `run` puts it through a schedule."""

    def __init__(self, product: Product, seed: int = 0, tab: bool = True) -> None:
        self.product, self.chance, self._with_tab = product, random.Random(seed), tab
        self.tab: Tab | None = None
        self.people: Any = None
        self._screens: asyncio.subprocess.Process | None = None
        self._attempts: list[tuple[str, int]] = []
        self.redis_dead_ms: list[float] = []
        self.orders_apart_ms: dict[str, float] = {}
        self._troubles = Troubles()
        self._calm = Calm(product)

    async def open(self) -> None:
        product = self.product
        await product.up()
        self.people = People(product.url, product.keys, product.units, self.chance.random())
        for account in (DESK, LEAD, OBSERVER):
            await self.people.enter(account, product.tokens[account])
        self.people.system("park")
        for unit in self._units():
            self.people.system(unit)
        await self._open_screens()
        if self._with_tab:
            self._playwright = await async_playwright().start()
            self.browser: Browser = await self._playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=FLAGS
            )
            product.browsers = _browsers
            self.tab = await open_tab(self.browser, product.url, product.tokens[TAB])
        self.vigil = Vigil(self.people, DESK, LEAD, self._units()[-3:], self.chance)
        await self.converged(time.monotonic(), patience_s=20)
        self._calm.look()

    async def close(self) -> None:
        if self._screens:
            self._screens.kill()
            await self._screens.wait()
        if self.tab:
            await self.browser.close()
            await self._playwright.stop()
        if self.people:
            await self.people.close()
        await self.product.down()

    def can(self, kind: Kind) -> bool:
        """Whether this kind of fault can be done on this machine."""
        return self.product.mounted if kind.name == "disk_full" else True

    @property
    def cannot(self) -> dict[str, str]:
        """The rows of the faults that cannot be done to this store here, and why not."""
        kinds = [one for one in KINDS.values() if self.product.store in one.stores]
        return {row: NO_DISK for one in kinds if not self.can(one) for row in one.rows}

    async def ids(self) -> set[str]:
        """How its screens call themselves, the browser's page too."""
        mine = {one["id"] for one in await self.ask("heard")}
        return mine | {await self.tab.id()} if self.tab else mine

    @property
    def compared(self) -> int:
        """How many processes I10 was asked of so far."""
        return len(self._calm.compared)

    @property
    def ended(self) -> int:
        """How many of them before a fault ended them."""
        return len(self._calm.ended)

    async def run(self, schedule: Schedule) -> Outcome:
        """Traffic, faults, calm; then every invariant."""
        began, outcome = time.monotonic(), Outcome(schedule)
        outcome.broken += await self._calm.broken(doomed(schedule))
        self._calm.look()
        chance = random.Random(schedule.seed)
        self.people.ledger.effects.clear()
        self.people.ledger.intents.clear()
        since = await self.head()
        traffic = Traffic(
            self.people, DESK, LEAD, self.some_units(chance), chance, f"s{schedule.seed}"
        )
        try:
            await self.vigil.tend(self.events, since)
            await traffic.open()
            await self._troubled(schedule, traffic, outcome)
        except (Unexpected, TimeoutError) as error:
            outcome.broken.append(Broken("I1", f"{type(error).__name__} {error}"))
        try:
            await asyncio.wait_for(traffic.close(), ANSWERED_S)
        except (Unexpected, TimeoutError) as error:
            outcome.broken.append(Broken("I1", f"{type(error).__name__} {error}"))
        mine = self.people.ledger.intents
        outcome.intents = len(mine)
        await self._check(outcome, since, mine)
        outcome.seconds = time.monotonic() - began
        return outcome

    async def burst(self, count: int = 160, at_once: int = 16) -> list[Broken]:
        """Many notes at once through both web processes, in calm: none is turned away."""
        traffic = Traffic(self.people, DESK, LEAD, [], self.chance, "burst")
        await traffic.open()
        first, gate = len(self.people.ledger.intents), asyncio.Semaphore(at_once)

        async def note(n: int) -> None:
            async with gate:
                who = (DESK, LEAD)[n % 2]
                facts = {"incident": traffic.incident, "text": f"burst {n}"}
                await self.people.does(who, "incident.note", **facts)

        await asyncio.gather(*(note(n) for n in range(count)))
        await traffic.close()
        mine = self.people.ledger.intents[first:]
        return invariants.undisturbed(
            f"{one.path} was turned away" for one in mine if one.turned_away
        )

    async def audit(self) -> list[Broken]:
        return invariants.history(await self.product.audit())

    async def left(self) -> list[Broken]:
        """What stayed open although everybody has finished."""
        return invariants.finished(await self._pictures(), self.vigil.incidents)

    async def calm(self) -> list[Broken]:
        """I10, of every process that has settled."""
        found = await self._calm.broken()
        self._calm.look()
        return found

    # How a schedule goes.

    async def _troubled(self, schedule: Schedule, traffic: Traffic, outcome: Outcome) -> None:
        going = asyncio.create_task(traffic.run())
        begun = time.monotonic()
        trying = asyncio.create_task(self._try_doors())
        try:
            spans = await asyncio.gather(*(self._one(fault, begun) for fault in schedule.faults))
        finally:
            traffic.stop.set()
            trying.cancel()
        healed = time.monotonic()
        await asyncio.wait_for(going, ANSWERED_S)
        outcome.answered_s = time.monotonic() - healed
        outcome.converge_s, broken = await self.converged(healed)
        outcome.broken += broken or invariants.in_time(outcome.converge_s)
        self._note_orders(schedule, list(zip(schedule.faults, spans, strict=True)))

    async def _one(self, fault: Fault, begun: float) -> tuple[float, float]:
        await asyncio.sleep(max(0.0, begun + fault.at - time.monotonic()))
        started = time.monotonic()
        ahead = time.time() - started
        await inject(self.product, fault)
        ended = time.monotonic()
        self._troubles.note(fault, (started + ahead) * 1000, (ended + ahead) * 1000)
        return started, ended

    async def _try_doors(self) -> None:
        """What must stay shut: no session, a wrong key, a page of another site."""
        async with httpx.AsyncClient(base_url=self.product.url, timeout=2) as stranger:
            wrong = {"Authorization": "Bearer cc_park_wrong"}
            foreign = {"Origin": "https://evil.example", "Cookie": self.cookie}
            note = "/api/v1/commands/incident.note"
            while True:
                for what, path, headers in (
                    ("a stranger's look", "/api/v1/pictures/alerts", None),
                    ("a wrong key", "/api/v1/alerts", wrong),
                    ("a foreign page", note, {**foreign, "Idempotency-Key": "x"}),
                ):
                    with suppress(httpx.TransportError):
                        ask = stranger.get if headers is None else stranger.post
                        said = await ask(path, headers=headers)
                        self._attempts.append((what, said.status_code))
                await asyncio.sleep(0.4)

    async def converged(
        self, healed: float, patience_s: float = CONVERGE_S
    ) -> tuple[float, list[Broken]]:
        """Seconds from the healing until every screen shows what the store holds."""
        while True:
            held = await self.held()
            shown = await self.ask("shows")
            tab = await self.tab.shows() if self.tab else None
            broken = invariants.convergence(held, shown, tab)
            past = time.monotonic() - healed
            if not broken or past > patience_s:
                return past, broken
            await asyncio.sleep(0.05)

    async def _check(self, outcome: Outcome, since: int, mine: list[Intent]) -> None:
        events = await self.events(since)
        ledger = self.people.ledger
        outcome.lost, outcome.doubled, broken = invariants.no_loss_one_effect(
            Counter(ledger.effects), events
        )
        waiting = [one for one in mine if not one.answered]
        outcome.broken += broken + [Broken("I1", f"{one.path} unanswered") for one in waiting]
        if not any(one.kind.startswith(REFUSES) for one in outcome.schedule.faults):
            away = (f"{one.path} was turned away" for one in mine if one.turned_away)
            outcome.broken += invariants.undisturbed(away)
        outcome.broken += invariants.order(await self.ask("faults"))
        outcome.broken += invariants.closed(self._attempts)
        await self.ask("reset")
        self._attempts.clear()
        if self.tab:
            seen = await self.tab.seen()
            outcome.marks_ms = seen["marks"]
            outcome.broken += invariants.honesty(seen)
        outcome.broken += await self.vigil.broken(self.events, self._troubles.excuse)
        outcome.broken += await self._sounds(since)

    def _note_orders(
        self, schedule: Schedule, spans: list[tuple[Fault, tuple[float, float]]]
    ) -> None:
        """Times of orders while Redis was dead or dumb and nothing else was wrong."""
        redis = [
            span for fault, span in spans if "redis" in fault.kind or fault.kind == "junk_bells"
        ]
        others = [span for fault, span in spans if span not in redis]
        for one in self.people.ledger.intents:
            if not one.path.endswith("order.issue") or not one.answered:
                continue
            inside = any(start <= one.begun <= end for start, end in redis)
            if inside and not any(s <= one.answered and one.begun <= e + 0.5 for s, e in others):
                self.redis_dead_ms.append(one.latency * 1000)

    async def _sounds(self, since: int) -> list[Broken]:
        """Who came back is told what it missed a little after its pictures."""
        events, until = await self.events(since), time.monotonic() + SOUND_S
        while True:
            heard = {one["id"]: (one["screen"], one["heard"]) for one in await self.ask("heard")}
            if self.tab:
                heard["tab"] = "desk", await self.tab.heard()
            now, broken = round(time.time() * 1000), []
            for id, (screen, numbers) in heard.items():
                unit = PHONE_UNIT if screen == "phone" else ""
                broken += sounds.once(Ear(id, EARS[screen], unit=unit), numbers, events, now)
            if not broken or time.monotonic() > until:
                return broken
            await asyncio.sleep(0.1)

    # Reading.

    async def held(self) -> Truth:
        phone = self.people.asks(OBSERVER, f"/api/v1/orders?unit={PHONE_UNIT}")
        pictures, said = await asyncio.gather(self._pictures(), phone)
        return invariants.truth({**pictures, "phone": {"orders": said["orders"]}})

    async def _pictures(self) -> dict[str, Any]:
        names = ("alerts", "orders", "activations")
        asked = [self.people.asks(OBSERVER, f"/api/v1/pictures/{name}") for name in names]
        said = await asyncio.gather(*asked)
        return {name: one["picture"] for name, one in zip(names, said, strict=True)}

    async def head(self) -> int:
        said = await self.people.asks(OBSERVER, "/api/v1/events?after=0&limit=1")
        return int(said["head"])

    async def events(self, since: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            said = await self.people.asks(OBSERVER, f"/api/v1/events?after={since}")
            found += said["events"]
            since = said["to"]
            if since >= said["head"]:
                return found

    def _units(self) -> list[str]:
        return sorted(self.product.units)[:60]

    def some_units(self, chance: random.Random) -> list[str]:
        rest = [one for one in self._units()[:-3] if one != PHONE_UNIT]
        return [*chance.sample(rest, 7), PHONE_UNIT]

    async def _open_screens(self) -> None:
        facts = []
        for n, (screen, account) in enumerate(SCREENS):
            cookie = await self.people.enter(account, self.product.tokens[account])
            facts.append({"screen": screen, "id": f"{screen}-{n}", "cookie": cookie})
        self.cookie = facts[0]["cookie"]
        url = self.product.url
        plan = {"url": url, "host": url.removeprefix("http://"), "screens": facts}
        self._screens = await asyncio.create_subprocess_exec(
            "node",
            str(SCRIPT),
            json.dumps(plan),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 26,
        )

    async def ask(self, command: str) -> Any:
        assert self._screens is not None
        assert self._screens.stdin is not None
        assert self._screens.stdout is not None
        self._screens.stdin.write(f"{command}\n".encode())
        return json.loads(await self._screens.stdout.readline())


def _browsers() -> list[psutil.Process]:
    """The processes of the browser that this one started."""
    mine = psutil.Process().children(recursive=True)
    return [one for one in mine if "chromium" in " ".join(one.cmdline()[:1])]
