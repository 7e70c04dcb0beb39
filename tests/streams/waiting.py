"""Waits for what other threads do."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def wait_for(happens: Callable[[], object], seconds: float) -> None:
    """Come back as soon as it is true; fail when the time is over."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


@contextmanager
def running(*tasks: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
    """Run tasks in threads and stop them at the end."""
    stop = threading.Event()
    threads = [threading.Thread(target=task, args=(stop,)) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)
        assert not any(thread.is_alive() for thread in threads)
