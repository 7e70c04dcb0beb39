"""Memory of packets and connections that are over, given back to the machine.

What C code frees stays with the process in pieces between others that live on: nothing is lost, it
is used again; but the pieces are of other sizes each time, and the process grows for hours.
"""

import ctypes
import logging
import time

log = logging.getLogger(__name__)

SLOW_S = 0.1


def give_back() -> None:
    """Give whole free pages back; the other threads run on meanwhile.

    Only the C library of GNU can do so; with another nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return
    began = time.monotonic()
    trim(0)
    if (took := time.monotonic() - began) > SLOW_S:
        log.info("giving memory back took %.0f ms", took * 1000)
