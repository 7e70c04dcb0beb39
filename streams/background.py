"""Loops that run beside the doors until they are stopped."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
Task = Callable[[threading.Event], None]
"""Runs until the event is set."""


def every(seconds: float, call: Callable[[], object], what: str) -> Task:
    """Make a task that calls so often; one that fails is told once, until it works again."""

    def loop(stop: threading.Event) -> None:
        failing = False
        while not stop.wait(seconds):
            try:
                call()
                failing = False
            except Exception:
                if not failing:
                    log.exception("%s failed, will try again each %s s", what, seconds)
                failing = True

    return loop


def now_and_then(seconds: float, ask: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, really asked at most so often; in between the last answer holds."""
    asked, said = -seconds, False

    def answer() -> bool:
        nonlocal asked, said
        if time.monotonic() - asked >= seconds:
            said = ask()
            asked = time.monotonic()
        return said

    return answer


def start(stop: threading.Event, *tasks: Task) -> list[threading.Thread]:
    """Run each task beside the others."""
    threads = [threading.Thread(target=task, args=(stop,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    return threads
