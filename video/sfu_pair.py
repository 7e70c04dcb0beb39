"""Two who are alone in a call: whether they may speak without us, and what they say of how.

Their lines to the room stay. By them each hears who the other is, they pass on what describes a
line of their own, and all goes by the room again the moment a third comes, the desk mutes somebody
or records.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

SIGNALS = 100  # of one to the other while they are alone: two descriptions and their candidates


class Call(Protocol):
    """What a pairing must know of its room."""

    @property
    def people(self) -> Mapping[str, Any] | None: ...

    @property
    def callers(self) -> Mapping[str, Any]: ...

    @property
    def recording(self) -> bool: ...


class Pairing:
    """Of one room."""

    def __init__(self, room: Call) -> None:
        self._room = room
        self._pair: tuple[str, ...] = ()
        self._left: dict[str, int] = {}

    def partner(self, id: str) -> dict[str, Any] | None:
        """{"other": id, "calls": whether this one begins}; None unless both can and may."""
        pair = self._now()
        if id not in pair:
            return None
        (other,) = (one for one in pair if one != id)
        return {"other": other, "calls": id == pair[0]}

    def pass_on(self, id: str, signal: dict[str, Any]) -> None:
        """Give the other what one says of the line between them."""
        found = self.partner(id)
        if found is None or self._left[id] <= 0:
            return
        self._left[id] -= 1
        ears = self._room.callers[found["other"]].ears
        if ears is not None:
            ears.send(json.dumps({"type": "signal", "signal": signal}, ensure_ascii=False))

    def _now(self) -> tuple[str, ...]:
        pair = self._found()
        if pair != self._pair:
            self._pair, self._left = pair, dict.fromkeys(pair, SIGNALS)
        return pair

    def _found(self) -> tuple[str, ...]:
        callers, people = self._room.callers, self._room.people
        if self._room.recording or people is None or len(callers) != 2:
            return ()
        ears = [one.ears for one in callers.values()]
        able = all(one is not None and one.ready and one.direct for one in ears)
        known = [people.get(id) for id in callers]
        may = all(one is not None and not one.muted for one in known)
        return tuple(sorted(callers)) if able and may else ()
