"""The media process while no camera is connected: it waits, opens no port and holds no secret."""

import threading


def serve(stop: threading.Event) -> None:
    """Wait until told to end."""
    stop.wait()
