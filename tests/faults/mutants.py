"""The design broken on purpose, in a copy of the product: the suite must notice each break.

`.venv-test/bin/python -m tests.faults.mutants [NAME...]` runs each until it is caught; the last
line is one JSON object. Nothing of this is in the product: a mutant is a copy of its files with
some of its lines changed.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.faults import flock
from tests.faults.__main__ import made_city, say
from tests.faults.bench import Bench
from tests.faults.inject import INJECTORS
from tests.faults.intents import Unexpected
from tests.faults.invariants import Broken
from tests.faults.product import Product
from tests.faults.schedule import KINDS, Fault, Schedule, draw
from tests.stack import ROOT

TRIES = 12  # schedules by which a mutant must be caught
LINKED = ("assets/vendor", "node_modules")


@dataclass(frozen=True)
class Change:
    """In a file, one text in the place of another that must be there."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """A break. faults: by which it shows; by: the words of the invariant that must fail."""

    name: str
    changes: tuple[Change, ...]
    faults: tuple[str, ...]
    by: str


MUTANTS = (
    Mutant(
        "no idempotency",
        (
            Change("dispatch/log.py", "    if row is None:\n        return None\n    if row[\"req",
                   "    if True:\n        return None\n    if row[\"req"),
            Change("dispatch/log.py",
                   "    connection.execute(insert(idem), [_memory(one) for one in done])\n", ""),
        ),
        ("answers_lost",),
        "too much in the log",
    ),
    Mutant(
        "no gap repair",
        (Change("assets/12-live.js", "  function resync(room) {\n",
                "  function resync(room) {\n    return;\n"),),
        ("frames_mangled",),
        "the browser shows",
    ),
    Mutant(
        "no fencing",
        (
            Change("dispatch/lease.py", ".where(lease.c.name == name, or_(mine, _over(now, ttl_ms"
                   ")))", ".where(lease.c.name == name)"),
            Change("dispatch/timers.py",
                   "        lease.check(work.connection, lease.TIMERS, lease_epoch)\n", ""),
            Change("dispatch/timers.py", "    key = f\"timer:{timer.realm}:{timer.id}:"
                   "{timer.from_seq}\"\n",
                   "    key = f\"timer:{timer.id}:{lease_epoch}:{id(timer)}\"\n"),
            Change("dispatch/timers.py", "    row = work.find(timer, known.id)\n    if row is None"
                   " or row[\"from_seq\"] != known.from_seq or row[\"due_at\"] > work.now:\n"
                   "        return False\n",
                   "    row = {\"subject\": known.subject, \"step\": known.step,"
                   " \"due_at\": known.due_at}\n"),
            Change("dispatch/timers.py", "    work.end(timer, known.id)\n",
                   "    if work.find(timer, known.id):\n        work.end(timer, known.id)\n"),
            Change("dispatch/escalation.py", " or row[\"escalation\"] >= step:", ":"),
        ),
        ("worker_stop",),
        "times",
    ),
    Mutant(
        "no BEGIN IMMEDIATE",
        (Change("dispatch/database.py", "exec_driver_sql(\"BEGIN IMMEDIATE\")",
                "exec_driver_sql(\"BEGIN\")"),),
        (),
        "turned away",
    ),
)  # fmt: skip
"""What each takes away is taken away wholly. The lease alone is not all that keeps a timer from
firing twice: its row ends in the same transaction, its key is remembered, and an order knows its
step; so the third mutant takes these as well, and `tests/dispatch/test_timers.py` looks at the
lease by itself.
"""

APART: dict[str, Callable[[Bench], Awaitable[list[Broken]]]] = {
    "no fencing": flock.falls_due,
    "no BEGIN IMMEDIATE": lambda bench: bench.burst(400, 40),
}
"""What shows a mutant at once that a schedule shows only by chance."""


@contextmanager
def copy_of(mutant: Mutant) -> Iterator[Path]:
    """The product's files with the mutant's changes; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="yiping-m-") as folder:
        tree = Path(folder)
        words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        for name in listed.stdout.split():
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, tree / name)
        for name in LINKED:
            (tree / name).symlink_to(ROOT / name)
        for change in mutant.changes:
            _apply(tree, change)
        yield tree


def _apply(tree: Path, change: Change) -> None:
    file = tree / change.file
    text = file.read_text(encoding="utf-8")
    if text.count(change.old) != 1:
        raise LookupError(f"{change.file} has {text.count(change.old)} x {change.old!r}")
    file.write_text(text.replace(change.old, change.new), encoding="utf-8")


async def caught(mutant: Mutant, city: Path, tries: int = TRIES) -> str:
    """By which broken invariant the mutant was caught; "" if it was not."""
    with copy_of(mutant) as tree:
        bench = Bench(Product(city, tree=tree))
        try:
            await bench.open()
            return await _broken(mutant, bench, tries)
        except Unexpected as error:  # sent twice, and the second time it was another act
            if mutant.name != "no idempotency":
                raise
            return f"I2: {error}"
        except httpx.HTTPStatusError as error:  # who signs in is not sent again by the suite
            if error.response.status_code != 503 or mutant.by != "turned away":
                raise
            return f"I1: {error.request.url.path} was turned away in calm"
        finally:
            await bench.close()


async def _broken(mutant: Mutant, bench: Bench, tries: int) -> str:
    if mutant.name in APART and (found := _told(mutant, await APART[mutant.name](bench))):
        return found
    for seed in range(tries):
        outcome = await bench.run(_schedule(mutant, seed, bench))
        if found := _told(mutant, outcome.broken):
            return found
    return ""


def _told(mutant: Mutant, broken: list[Broken]) -> str:
    """The first that tells of what this mutant breaks; any other may be the machine's doing."""
    return next((str(one) for one in broken if mutant.by in str(one)), "")


def _schedule(mutant: Mutant, seed: int, bench: Bench) -> Schedule:
    faults = tuple(
        Fault(name, KINDS[name].targets[0], 0.2, KINDS[name].for_s[1])
        for name in mutant.faults
        if name in INJECTORS
    )
    return Schedule(seed, "sqlite", faults) if faults else draw(seed, "sqlite", bench.can)


def main(wanted: list[str]) -> int:
    results: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        city = (
            made_city(Path(folder)) if not (known := os.environ.get("FAULTS_CITY")) else Path(known)
        )
        for mutant in MUTANTS:
            if wanted and mutant.name not in wanted:
                continue
            began = time.monotonic()
            results[mutant.name] = asyncio.run(caught(mutant, city))
            how = results[mutant.name] or "NOT CAUGHT"
            say(f"mutant {mutant.name}: {how[:200]} ({time.monotonic() - began:.0f} s)")
    print(json.dumps({"mutants": len(results), "caught": sum(map(bool, results.values()))}))
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
