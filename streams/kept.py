"""What is remembered to save work, for as long as somebody asks for it."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

TURN_S = 60.0
MOST = 2_000  # things a turn: several times what screens show
Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """Things by their keys. What was neither put nor asked for during a whole turn is forgotten.

    A turn ends with the first thing put after `TURN_S` seconds, or after `most` things: so at most
    twice as many are ever held, and what a busy day brought does not stay after it.
    """

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._now: dict[Hashable, Thing] = {}
        self._before: dict[Hashable, Thing] = {}
        self._began = clock()

    def __len__(self) -> int:
        return len(self._now) + len(self._before)

    def get(self, key: Hashable) -> Thing | None:
        """What was kept under this key, or None."""
        found = self._now.get(key)
        if found is not None:
            return found
        found = self._before.get(key)
        if found is not None and len(self._now) < self._most:
            self._now[key] = found
            self._before.pop(key, None)
        return found

    def put(self, key: Hashable, thing: Thing) -> None:
        if len(self._now) >= self._most or self._clock() - self._began >= TURN_S:
            self._before, self._now, self._began = self._now, {}, self._clock()
        self._before.pop(key, None)
        self._now[key] = thing
