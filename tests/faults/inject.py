"""Each kind of fault done to the product for real, and healed again."""

import asyncio
import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
import redis.exceptions

from ops import postgres_server
from streams.doorbell import CHANNEL
from tests.faults.frames import Mangler
from tests.faults.product import Product
from tests.faults.schedule import Fault

Injector = Callable[[Product, Fault], Awaitable[None]]
BALLOON = "balloon"
BURN = "while True: pass"
PASSWORD, OTHER = "fault", "other"  # of Redis: its own, and when everybody is locked out
JUNK = [
    b"not json",
    b'{"n": "1e999"}',
    b'{"n": -5}',
    b'{"n": NaN}',
    b'{"n": 99999999999, "type": "OrderIssued", "realm": "real", "scope": ["city"]}',
    b"\xff\xfe\x00",
    b"[" * 2000,
    json.dumps({"n": 10**30}).encode(),
    b"",
]


async def inject(product: Product, fault: Fault) -> None:
    """Do it, let it last, heal it; back when what was hit works again."""
    await INJECTORS[fault.kind](product, fault)


async def _nothing(_product: Product, fault: Fault) -> None:
    """The time goes by: what a row has set up beside the schedule is trouble enough."""
    await asyncio.sleep(fault.for_s)


async def _dies(product: Product, fault: Fault) -> None:
    product.kill(fault.target)
    await asyncio.sleep(fault.for_s)
    product.start(fault.target)
    await product.answers(fault.target)


async def _ends(product: Product, fault: Fault) -> None:
    """Told to end, as in a rolling upgrade."""
    process = product.members[fault.target].process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait)
    await asyncio.sleep(fault.for_s)
    product.start(fault.target)
    await product.answers(fault.target)


async def _stands_still(product: Product, fault: Fault) -> None:
    product.signal(fault.target, signal.SIGSTOP)
    await asyncio.sleep(fault.for_s)
    product.signal(fault.target, signal.SIGCONT)


async def _ears_cut(product: Product, fault: Fault) -> None:
    for _ in range(max(1, round(fault.for_s / 0.25))):
        await _told_redis(product, "CLIENT", "KILL", "TYPE", "pubsub")
        await asyncio.sleep(0.25)


async def _redis_paused(product: Product, fault: Fault) -> None:
    await _told_redis(product, "CLIENT", "PAUSE", str(round(fault.for_s * 1000)), "ALL")
    await asyncio.sleep(fault.for_s)


async def _line_held(product: Product, fault: Fault) -> None:
    proxy = getattr(product, fault.target)
    proxy.hold()
    await asyncio.sleep(fault.for_s)
    proxy.heal()


async def _line_half_open(product: Product, fault: Fault) -> None:
    proxy = getattr(product, fault.target)
    proxy.deafen()
    await asyncio.sleep(fault.for_s)
    proxy.heal()


async def _line_cut(product: Product, fault: Fault) -> None:
    proxy = getattr(product, fault.target)
    proxy.cut()
    proxy.faults.refuse = True
    await asyncio.sleep(fault.for_s)
    proxy.heal()


async def _line_slow(product: Product, fault: Fault) -> None:
    proxy = getattr(product, fault.target)
    proxy.faults.delay_s, proxy.faults.rate = 0.15, 200_000
    await asyncio.sleep(fault.for_s)
    proxy.heal()


async def _answers_lost(product: Product, fault: Fault) -> None:
    proxy = getattr(product, fault.target)
    proxy.faults.lost_answers = 6
    await asyncio.sleep(fault.for_s)
    proxy.heal()


async def _frames_mangled(product: Product, fault: Fault) -> None:
    product.door.faults.mangle = Mangler(seed=round(fault.at * 100))
    await asyncio.sleep(fault.for_s)
    product.door.heal()


async def _redis_full(product: Product, fault: Fault) -> None:
    await _told_redis(product, "CONFIG", "SET", "maxmemory", "1")
    await asyncio.sleep(fault.for_s)
    await _redis_mended(product, "CONFIG", "SET", "maxmemory", "268435456")


async def _redis_locked_out(product: Product, fault: Fault) -> None:
    """Its password is another now, and those who are inside are thrown out."""
    await _told_redis(product, "CONFIG", "SET", "requirepass", OTHER)
    for kind in ("pubsub", "normal"):
        await _told_redis(product, "CLIENT", "KILL", "TYPE", kind, password=OTHER)
    await asyncio.sleep(fault.for_s)
    await _redis_mended(product, "CONFIG", "SET", "requirepass", PASSWORD)


async def _told_redis(product: Product, *words: str, password: str = PASSWORD) -> None:
    """Tell Redis something; while it is dead there is nobody to be told."""
    with suppress(redis.exceptions.RedisError, OSError):
        await product.to_redis_directly(*words, password=password)


async def _redis_mended(product: Product, *words: str) -> None:
    """The same, until it has heard: a fault beside this one may keep it from answering.

    By whichever password it has: one that was told to change it may not have heard, and one that
    heard may have been too slow to say so.
    """
    for n in range(100):
        try:
            await product.to_redis_directly(*words, password=(PASSWORD, OTHER)[n % 2])
            return
        except (redis.exceptions.RedisError, OSError):
            await asyncio.sleep(0.05)
    raise TimeoutError("Redis could not be mended")


async def _redis_flushed(product: Product, fault: Fault) -> None:
    await _told_redis(product, "FLUSHALL")
    await asyncio.sleep(fault.for_s)


async def _junk(product: Product, fault: Fault) -> None:
    for n in range(round(fault.for_s / 0.02)):
        with suppress(redis.exceptions.RedisError, OSError):
            junk = JUNK[n % len(JUNK)]
            await product.to_redis_directly("PUBLISH", CHANNEL, junk)
        await asyncio.sleep(0.02)


async def _store_locked(product: Product, fault: Fault) -> None:
    """Another program holds SQLite's write lock."""
    other = sqlite3.connect(product.file, isolation_level=None, timeout=5, check_same_thread=False)
    try:
        await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
        await asyncio.sleep(fault.for_s)
    finally:
        other.close()


async def _disk_full(product: Product, fault: Fault) -> None:
    balloon = product.file.parent / BALLOON
    with balloon.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), b"\0" * (1 << 16))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
    await asyncio.sleep(fault.for_s)
    balloon.unlink()


async def _backends_killed(product: Product, fault: Fault) -> None:
    def kill() -> None:
        address = f"host={product.postgres.folder} port={postgres_server.PORT} user=yiping"
        with psycopg.connect(f"{address} dbname=postgres", autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'yiping'"
            )

    with suppress(psycopg.OperationalError):
        await asyncio.to_thread(kill)
    await asyncio.sleep(fault.for_s)


async def _store_dies(product: Product, fault: Fault) -> None:
    product.kill("postgres")
    await asyncio.sleep(fault.for_s)
    while True:
        product.start("postgres")
        try:
            await product.answers("postgres")
            return
        except Exception:
            product.kill("postgres")


async def _browser_stands_still(product: Product, fault: Fault) -> None:
    """The page's own process alone, or the whole browser as in a laptop's sleep."""
    family = product.browsers()
    if fault.kind == "page_stop":
        family = [one for one in family if "--type=renderer" in one.cmdline()]
    for one in family:
        one.suspend()
    await asyncio.sleep(fault.for_s)
    for one in family:
        one.resume()


async def _burn(product: Product, fault: Fault) -> None:
    """Two busy loops beside everything else."""
    burners = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(2)]
    try:
        await asyncio.sleep(fault.for_s)
    finally:
        for one in burners:
            one.kill()
            one.wait()


INJECTORS: dict[str, Injector] = {
    "nothing": _nothing,
    "redis_kill": _dies,
    "redis_stop": _stands_still,
    "redis_cut_ears": _ears_cut,
    "redis_pause": _redis_paused,
    "redis_hole": _line_held,
    "redis_half_open": _line_half_open,
    "redis_full": _redis_full,
    "redis_locked_out": _redis_locked_out,
    "redis_flushed": _redis_flushed,
    "junk_bells": _junk,
    "web_kill": _dies,
    "web_term": _ends,
    "web_stop": _stands_still,
    "answers_lost": _answers_lost,
    "door_cut": _line_cut,
    "door_hole": _line_held,
    "door_slow": _line_slow,
    "frames_mangled": _frames_mangled,
    "worker_kill": _dies,
    "worker_stop": _stands_still,
    "store_locked": _store_locked,
    "disk_full": _disk_full,
    "store_cut": _line_cut,
    "backends_killed": _backends_killed,
    "store_kill": _store_dies,
    "cpu_burners": _burn,
    "page_stop": _browser_stands_still,
    "browser_stop": _browser_stands_still,
}
