"""The media process while no camera is connected: it waits, opens no port and holds no secret."""

import signal
import threading


def serve() -> None:
    """Wait until told to end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
