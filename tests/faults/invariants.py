"""I1-I10, checked from outside: by the public doors, the screens' sockets and a browser's DOM.

Nothing here imports the product. What the store holds is what `/api/v1/events` and
`/api/v1/pictures` say and what `audit verify` proves.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

OPEN = ("NEW", "ACKNOWLEDGED", "CONFIRMED", "LINKED")
LATE_MS = 2_000  # an escalation is at most so late
CONVERGED_S = 2.0  # after a fault is over every screen agrees by then
BOARD = 6  # so many orders the wall's board has room for, whatever stands under each
ROOM = 9  # so many alerts the queue draws without scrolling
GROWTH = 1.1
SPARE = {"threads": 12, "files": 12, "mb": 64, "processes": 0, "backends": 12}
"""How much more than the tenth a process may use. Threads, files and PostgreSQL's backends: what a
pool opens only when many ask at once. mb: what Python keeps of the largest thing that it once held.
"""
Measures = Mapping[str, float]
"""Of one process: threads, mb, and of ours files; or of one member: processes or backends."""


@dataclass(frozen=True)
class Broken:
    """An invariant that did not hold, and how."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass
class Truth:
    """What the store holds now, as its doors say."""

    alerts: dict[str, str] = field(default_factory=dict)
    open_count: int = 0
    still_open: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    mine: list[str] = field(default_factory=list)
    mode: str = ""
    epoch: int = 0


def truth(pictures: Mapping[str, Any]) -> Truth:
    """Of the pictures `alerts`, `orders`, `activations` and `phone`."""
    alerts = {one["id"]: one["state"] for one in pictures["alerts"]["alerts"]}
    orders = {one["id"]: one["state"] for one in pictures["orders"]["orders"]}
    return Truth(
        alerts,
        pictures["alerts"]["counts"]["open"],
        {one["id"]: one["state"] for one in pictures["alerts"]["alerts"] if _is_open(one)},
        orders,
        sorted(one["id"] for one in pictures["phone"]["orders"]),
        pictures["activations"]["mode"],
        pictures["activations"]["epoch"],
    )


def no_loss_one_effect(
    expected: Counter[tuple[str, str]], events: Iterable[Mapping[str, Any]]
) -> tuple[int, int, list[Broken]]:
    """I1, I2: every answered intent has its effect in the log, once. Gives (lost, doubled, how).

    Of each type that people caused nothing else stands there either: a second effect under
    another name is a double too.
    """
    types = {type for type, _subject in expected}
    actual = Counter((one["type"], one["subject"]) for one in events if one["type"] in types)
    lost, more = expected - actual, actual - expected
    broken = [Broken("I1", f"{n} x {one} is not in the log") for one, n in lost.items()]
    broken += [Broken("I2", f"{n} x {one} too much in the log") for one, n in more.items()]
    return lost.total(), more.total(), broken


def finished(pictures: Mapping[str, Any], vigil: Collection[str]) -> list[Broken]:
    """I1: who has done all that he set out to leaves nothing open. vigil: incidents that stand.

    A run would otherwise measure what it left lying about, and not see what the product left.
    """
    rows = [
        *(one for one in pictures["alerts"]["alerts"] if _is_open(one)),
        *pictures["orders"]["orders"],
        *pictures["activations"]["active"],
        *pictures["activations"]["proposed"],
    ]
    return [
        Broken("I1", f"{one['id']} is left {one['state']}")
        for one in rows
        if one["incident"] not in vigil
    ]


def _is_open(alert: Mapping[str, Any]) -> bool:
    return alert["state"] in OPEN and alert["closed_at"] is None


def convergence(
    held: Truth, screens: Iterable[Mapping[str, Any]], tab: Mapping[str, Any] | None
) -> list[Broken]:
    """I4: each screen shows what the store holds."""
    broken = [one for screen in screens for one in _screen(held, screen)]
    return broken + (_tab(held, tab) if tab else [])


def in_time(seconds: float) -> list[Broken]:
    """I4: they agree by the time that is promised, not only in the end."""
    late = seconds > CONVERGED_S
    return [Broken("I4", f"all screens agreed only after {seconds:.2f} s")] if late else []


def _screen(held: Truth, shown: Mapping[str, Any]) -> list[Broken]:
    name = shown["id"]
    if not shown["connected"] or shown["stale"]:
        return [Broken("I4", f"{name} is not connected")]
    wrong = []
    if (mode := (shown.get("mode"), shown.get("epoch"))) != (held.mode, held.epoch):
        wrong.append(f"mode {mode}, not {held.mode} {held.epoch}")
    if "alerts" in shown and (differ := _differ(shown["alerts"], held.alerts)):
        wrong.append(f"alerts {differ}")
    if "orders" in shown:
        wrong += _orders(shown["orders"], shown["count"], held.orders)
    if "mine" in shown and shown["mine"] != held.mine:
        wrong.append(f"the phone's orders {shown['mine']}, not {held.mine}")
    return [Broken("I4", f"{name} shows {what}") for what in wrong]


def _orders(shown: Mapping[str, str], count: int, held: Mapping[str, str]) -> list[str]:
    """The wall's board counts all, and draws those that it has room for."""
    wrong = [] if count == len(held) else [f"{count} orders, not {len(held)}"]
    drawn = held if len(held) <= BOARD else {id: held.get(id, "-") for id in shown}
    differ = _differ(shown, drawn)
    return [*wrong, f"orders {differ}"] if differ else wrong


def _differ(shown: Mapping[str, str], held: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        id: (shown.get(id, "-"), held.get(id, "-"))
        for id in shown.keys() | held.keys()
        if shown.get(id) != held.get(id)
    }


def _tab(held: Truth, shown: Mapping[str, Any]) -> list[Broken]:
    """The browser's queue draws the rows that fit; its head counts them all."""
    if not shown["live"] or shown["stale"]:
        return [Broken("I4", "the browser is not live")]
    wrong = []
    if shown["mode"] != held.mode:
        wrong.append(f"mode {shown['mode']}, not {held.mode}")
    if shown["total"] != str(held.open_count):
        wrong.append(f"{shown['total']} open alerts, not {held.open_count}")
    known = {id: "NEW" if state == "NEW" else "TAKEN" for id, state in held.still_open.items()}
    if len(known) <= ROOM and (differ := _differ(shown["rows"], known)):
        wrong.append(f"alerts {differ}")
    return [Broken("I4", f"the browser shows {what}") for what in wrong]


def order(faults: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """I7: no screen ever showed an older mode after a newer one. I3 lies in the joining of pushes:
    a screen that applied one twice or past a hole would not converge.
    """
    return [
        Broken("I7", f"{one['id']} went from epoch {was} to {then}")
        for one in faults
        for was, then in one["backwards"]
    ]


def honesty(seen: Mapping[str, Any]) -> list[Broken]:
    """I5: no sample in which the page was old for three seconds and did not say so, or said so
    where nobody sees it.
    """
    lies = [Broken("I5", f"old for {one / 1000:.1f} s and not marked") for one in seen["lies"]]
    return lies + [Broken("I5", f"marked, but the mark is {one}") for one in seen["unseen"]]


def history(said: str) -> list[Broken]:
    """I6: the log's chain holds."""
    return [] if "whole" in said else [Broken("I6", said.strip())]


@dataclass(frozen=True)
class Watched:
    """An order that nobody will sign, and when its steps are due (ms)."""

    order: str
    due: tuple[int, ...]


def timers(
    watched: Iterable[Watched],
    events: Iterable[Mapping[str, Any]],
    now: int,
    excuse: Callable[[int], float] = lambda _due: 0.0,
) -> list[Broken]:
    """I8: each step that is due has happened once, at its time or at most two seconds late.

    excuse: how many ms longer it may take because nobody was able to fire at that time.
    """
    fired: dict[tuple[str, int], list[int]] = {}
    for one in events:
        if one["type"] == "OrderEscalated":
            fired.setdefault((one["subject"], one["body"]["step"]), []).append(one["at"])
    broken = []
    for one in watched:
        for step, due in enumerate(one.due, 1):
            latest = due + LATE_MS + excuse(due)
            name = f"step {step} of {one.order}"
            broken += _step(name, due, latest, fired.get((one.order, step), []), now)
    return broken


def _step(name: str, due: int, latest: float, fired: list[int], now: int) -> list[Broken]:
    if len(fired) > 1:
        return [Broken("I8", f"{name} happened {len(fired)} times")]
    if not fired:
        return [Broken("I8", f"{name} has not happened")] if now > latest else []
    if not due <= fired[0] <= latest:
        return [Broken("I8", f"{name} happened {fired[0] - due} ms after it was due")]
    return []


def escalations(alerts: Iterable[str], events: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How often the first step of each of these alerts happened."""
    first = (one for one in events if one["type"] == "AlertEscalated" and one["body"]["step"] == 1)
    asked = set(alerts)
    return Counter(one["subject"] for one in first if one["subject"] in asked)


def escalated_once(alerts: Iterable[str], events: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """I8 of alerts that nobody took: the first step of each has happened, and once."""
    asked = list(alerts)
    fired = escalations(asked, events)
    never = [Broken("I8", f"step 1 of {one} has not happened") for one in asked if not fired[one]]
    often = ((one, fired[one]) for one in asked if fired[one] > 1)
    return never + [Broken("I8", f"step 1 of {one} happened {n} times") for one, n in often]


def undisturbed(refused: Iterable[str]) -> list[Broken]:
    """What nothing disturbs is not refused: a store that turns writers away for no fault of its
    own makes people wait in the calm too.
    """
    return [Broken("I1", f"{one} in calm") for one in refused]


def closed(attempts: Iterable[tuple[str, int]]) -> list[Broken]:
    """I9: what is refused in calm is refused in trouble. attempts: (what, status or 0)."""
    return [Broken("I9", f"{what} got {status}") for what, status in attempts if status // 100 == 2]


def grown(before: Mapping[str, Measures], after: Mapping[str, Measures]) -> list[Broken]:
    """I10: what every process that still lives uses is what it was, +10 %, and `SPARE`.

    Files do not count the lines of others who are still there (`calm.guests`).
    """
    return [
        Broken("I10", f"{name}: {measure} {value:.0f} -> {after[name][measure]:.0f}")
        for name, was in before.items()
        if name in after
        for measure, value in was.items()
        if after[name][measure] > value * GROWTH + SPARE[measure]
    ]
