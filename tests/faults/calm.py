"""I10: what each process uses, held against what it used once it had settled.

A process that a fault is about to kill is looked at before that; what comes in its place settles
anew. So each one that lives through two schedules is compared, and not only who is never killed.
"""

import asyncio
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.faults.invariants import Broken, Measures, grown
from tests.faults.product import Product
from tests.faults.schedule import Schedule

CALM_S = 12.0  # longer than a ping and a keep-alive of the doors last
SETTLED = 2  # looks, with a schedule between them: by then what is opened at first use is open
YOUNG_S = 8.0  # until then a process is still opening what it works with: no base for anything
STORE = "postgres"
ALL = ":all"
OTHERS = ("redis", STORE)  # whose files say nothing: each table and each line of ours is one
ENDS = {"redis_kill", "web_kill", "web_term", "worker_kill"}  # kinds that end their target


@dataclass(frozen=True)
class Known:
    """A process as it was when it settled, or as it is on the way there. looks: how many."""

    used: Measures
    looks: int = 1

    @property
    def settled(self) -> bool:
        return self.looks >= SETTLED


class Calm:
    """The processes of a product over their whole lives.

    compared: those held against a base; ended: of them those that a fault then ended.
    """

    def __init__(self, product: Product) -> None:
        self._product = product
        self._known: dict[str, Known] = {}
        self.compared: set[str] = set()
        self.ended: set[str] = set()

    def look(self) -> None:
        """Nothing is wrong now: note who is new, and who has settled; forget who is gone."""
        now = measures(self._product, YOUNG_S)
        self._known = {name: self._seen(name, used) for name, used in now.items()}

    async def broken(self, members: Collection[str] | None = None) -> list[Broken]:
        """I10 of the settled processes of these members, of all if none are named.

        A line that was cut in silence is let go when its ping is missed, so that is waited for.
        """
        self.ended |= self._bases(members).keys() if members else set()
        limit = time.monotonic() + CALM_S
        while (found := self._compare(members)) and time.monotonic() < limit:
            await asyncio.sleep(0.5)
        return found

    def _compare(self, members: Collection[str] | None) -> list[Broken]:
        bases = self._bases(members)
        self.compared |= {name for name in bases if not name.endswith(ALL)}
        return grown(bases, measures(self._product))

    def _bases(self, members: Collection[str] | None) -> dict[str, Measures]:
        return {
            name: one.used
            for name, one in self._known.items()
            if one.settled and (members is None or name.partition(":")[0] in members)
        }

    def _seen(self, name: str, used: Measures) -> Known:
        known = self._known.get(name)
        if known is None or known.settled:
            return known or Known(used)
        return Known(lesser(known.used, used), known.looks + 1)


def lesser(first: Measures, then: Measures) -> Measures:
    """The base of two calm looks: the lesser; of memory, which fills at first, the last."""
    return {name: then[name] if name == "mb" else min(first[name], then[name]) for name in then}


def doomed(schedule: Schedule) -> set[str]:
    """The members that this schedule ends."""
    ended = {one.target for one in schedule.faults if one.kind in ENDS}
    return ended | {STORE for one in schedule.faults if one.kind == "store_kill"}


def measures(product: Product, older_s: float = 0.0) -> dict[str, Measures]:
    """What each process older than that uses now, and of how many each member consists."""
    born = time.time() - older_s
    found: dict[str, Measures] = {}
    for member in product.members:
        family = product.family(member)
        found[member + ALL] = {"backends" if member == STORE else "processes": len(family)}
        for one in family:
            with suppress(psutil.Error):
                if one.create_time() <= born:
                    found[f"{member}:{one.pid}"] = _used(member, one)
    return found


def _used(member: str, one: psutil.Process) -> Measures:
    found = {"threads": one.num_threads(), "mb": one.memory_info().rss / 2**20}
    return found if member in OTHERS else {**found, "files": one.num_fds() - guests(one)}


def guests(process: psutil.Process) -> int:
    """Lines that someone else opened to it and still holds: they move over when a neighbour dies.

    One whose other end has gone is not among them (CLOSE_WAIT): to keep that one is a leak.
    """
    lines = process.net_connections("inet")
    doors = {one.laddr.port for one in lines if one.status == psutil.CONN_LISTEN}
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port in doors for one in lines)
