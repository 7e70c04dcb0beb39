"""How the C library keeps memory: in few pools, so that what one thread frees another uses again.

By itself it gives each thread a pool of its own. The store is read by a dozen threads in turn; each
pool grew to what its thread ever needed at once, for hours, and none gave anything back.
"""

import ctypes

ARENA_MAX = -8  # of mallopt(3)
POOLS = 2


def share() -> None:
    """Let all threads share a few pools; call it before any thread is started.

    Only the C library of GNU can do so; with another nothing happens.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(ARENA_MAX, POOLS)
