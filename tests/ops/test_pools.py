"""Threads share few pools of memory."""

import subprocess
import sys

import pytest

from ops.pools import POOLS

POOL = 64 << 20  # glibc lays a pool of a thread at a multiple of this (mallopt(3), arenas)
COUNT = f"""
import ctypes, sys, threading
from ops import pools
if sys.argv[1] == "shared":
    pools.share()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
held, all_in = [], threading.Barrier(13)
def work():
    held.append(libc.malloc(1000))
    all_in.wait()
    all_in.wait()
for _ in range(12):
    threading.Thread(target=work).start()
all_in.wait()
maps = [line.split() for line in open("/proc/self/maps")]
starts = [int(one[0].split("-")[0], 16) for one in maps if len(one) == 5 and "w" in one[1]]
print(sum(start % {POOL} == 0 for start in starts))
all_in.wait()
"""


def pools(kind: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", COUNT, kind], stdout=subprocess.PIPE, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="pools of GNU's C library")
def test_a_dozen_threads_share_few_pools() -> None:
    alone = pools("alone")
    assert alone > POOLS, "each thread has one of its own by itself"
    assert pools("shared") <= POOLS
