"""Schedules of faults: drawn from a seed, written as JSON, made smaller when they fail."""

import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace

MOST = 4  # faults of one schedule
BEGIN_S, SPREAD_S = 0.15, 1.2


@dataclass(frozen=True)
class Kind:
    """A kind of fault. shares: how often it is drawn; targets: on which of them.

    for_s: how long it lasts, from and to; stores: where it can happen.
    """

    name: str
    rows: tuple[str, ...]
    share: float
    for_s: tuple[float, float]
    targets: tuple[str, ...] = ("",)
    stores: tuple[str, ...] = ("sqlite", "postgres")


WEBS, WORKERS = ("web-1", "web-2"), ("worker-1", "worker-2")
SQLITE, POSTGRES = ("sqlite",), ("postgres",)
KINDS: dict[str, Kind] = {
    one.name: one
    for one in (
        Kind("redis_kill", ("F1",), 3, (0.2, 1.5), ("redis",)),
        Kind("redis_stop", ("F2",), 3, (0.3, 1.8), ("redis",)),
        Kind("redis_cut_ears", ("F3",), 2, (0.5, 1.5)),
        Kind("redis_pause", ("F2",), 1, (0.3, 1.5)),
        Kind("redis_hole", ("F4",), 2, (0.3, 1.8), ("to_redis",)),
        Kind("redis_half_open", ("F4",), 1, (0.5, 1.5), ("to_redis",)),
        Kind("redis_full", ("F5",), 1, (0.3, 1.5), ("redis",)),
        Kind("redis_locked_out", ("F5",), 1, (0.3, 1.5), ("redis",)),
        Kind("redis_flushed", ("F5",), 1, (0.1, 0.2)),
        Kind("junk_bells", ("F6",), 2, (0.3, 1.5)),
        Kind("web_kill", ("F7",), 1.2, (0.0, 0.8), WEBS),
        Kind("web_term", ("F9",), 0.6, (0.0, 0.5), WEBS),
        Kind("web_stop", ("F8",), 3, (0.3, 1.8), WEBS),
        Kind("answers_lost", ("F10",), 3, (0.4, 1.5), ("door",)),
        Kind("door_cut", ("F10", "F11"), 3, (0.0, 0.1), ("door",)),
        Kind("door_hole", ("F11",), 2, (0.3, 1.5), ("door",)),
        Kind("door_slow", ("F11", "F13"), 2, (0.5, 1.5), ("door",)),
        Kind("frames_mangled", ("F12",), 3, (0.8, 1.8), ("door",)),
        Kind("worker_kill", ("F28",), 0.8, (0.0, 0.8), WORKERS),
        Kind("worker_stop", ("F27",), 1, (0.5, 1.8), WORKERS),
        Kind("store_locked", ("F18",), 1.5, (0.3, 1.5), ("store",), SQLITE),
        Kind("disk_full", ("F19",), 1.5, (0.3, 1.5), ("store",), SQLITE),
        Kind("store_cut", ("F23",), 2, (0.1, 0.8), ("to_store",), POSTGRES),
        Kind("backends_killed", ("F23",), 2, (0.0, 0.1), ("store",), POSTGRES),
        Kind("store_kill", ("F23",), 1, (0.2, 0.8), ("store",), POSTGRES),
        Kind("cpu_burners", ("F45",), 0.7, (0.5, 1.5)),
    )
}


@dataclass(frozen=True)
class Fault:
    """One fault: what, to whom, when it begins (seconds from the start) and how long it lasts."""

    kind: str
    target: str
    at: float
    for_s: float


@dataclass(frozen=True)
class Schedule:
    seed: int
    store: str
    faults: tuple[Fault, ...]

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def read(text: str) -> "Schedule":
        said = json.loads(text)
        return Schedule(said["seed"], said["store"], tuple(Fault(**one) for one in said["faults"]))

    @property
    def rows(self) -> set[str]:
        return {row for one in self.faults for row in KINDS[one.kind].rows}


def draw(seed: int, store: str, allowed: Callable[[Kind], bool] = lambda _kind: True) -> Schedule:
    """The schedule of a seed: the same every time."""
    chance = random.Random(seed)
    kinds = [one for one in KINDS.values() if store in one.stores and allowed(one)]
    taken: set[str] = set()
    faults = []
    for _ in range(chance.randint(1, MOST)):
        kind = chance.choices(kinds, [one.share for one in kinds])[0]
        target = chance.choice(kind.targets)
        if (target or kind.name) in taken:
            continue
        taken.add(target or kind.name)
        at = round(BEGIN_S + chance.random() * SPREAD_S, 2)
        faults.append(Fault(kind.name, target, at, round(chance.uniform(*kind.for_s), 2)))
    return Schedule(seed, store, tuple(sorted(faults, key=lambda one: one.at)))


async def shrink(
    schedule: Schedule, fails: Callable[[Schedule], Awaitable[bool]], tries: int = 12
) -> Schedule:
    """The smallest schedule found that still fails: faults are left out one by one."""
    smaller = True
    while smaller and tries > 0:
        smaller = False
        for fault in schedule.faults:
            rest = _without(schedule, fault)
            tries -= 1
            if rest.faults and await fails(rest):
                schedule, smaller = rest, True
                break
            if tries <= 0:
                break
    return schedule


def _without(schedule: Schedule, fault: Fault) -> Schedule:
    return replace(schedule, faults=tuple(one for one in schedule.faults if one is not fault))


def rows_drawn(schedules: Sequence[Schedule]) -> set[str]:
    return {row for one in schedules for row in one.rows}
