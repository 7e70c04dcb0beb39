"""How a process learns that it should end."""

import signal
import threading


def told() -> threading.Event:
    """Set when this process is asked to end; to be called in its main thread."""
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: end.set())
    return end
