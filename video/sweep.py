"""Connections that are over, swept away: they hold themselves, and bytes that nobody counts.

Python looks for such circles when many new objects have come, and counts objects, not bytes: a
closed connection with some megabytes of packets may stay for hours.
"""

import asyncio
import gc
import logging
import time

from video import memory
from video.peers import Peers

log = logging.getLogger(__name__)

AFTER_S = 1.0  # several end together, and each takes a moment
EVERY_S = 10.0
SLOW_S = 0.1  # packets wait meanwhile


async def sweep(peers: Peers) -> None:
    """Sweep a moment after connections have ended, until cancelled; give the machine its memory.

    What is there when the process has started stays, and is not looked through each time.
    """
    gc.collect()
    gc.freeze()
    try:
        while True:
            await peers.ended.wait()
            peers.ended.clear()
            for after in (AFTER_S, EVERY_S - AFTER_S):  # what a busy machine had not let go of yet
                await asyncio.sleep(after)
                _collect()
                await asyncio.to_thread(memory.give_back)
    finally:
        gc.unfreeze()


def _collect() -> None:
    began = time.monotonic()
    found = gc.collect()
    took = time.monotonic() - began
    if took > SLOW_S:
        log.info("sweeping %s objects took %.0f ms", found, took * 1000)
