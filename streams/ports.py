"""What the screens' side is to the hub: panels that it paints, and the way out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from streams.rooms import Props
from streams.view import View

Emit = Callable[[str, Any, str | None], None]
"""Sends (event, data) to a room, or to everybody if the room is None."""

Told = tuple[str, Any, str]
"""One message of a cycle: event, data, room."""

Together = Callable[[Sequence[Told]], None]
"""Sends what one cycle has to say, to each screen in one piece and in this order."""


def one_by_one(emit: Emit) -> Together:
    """A way out that sends each message by itself."""

    def send(messages: Sequence[Told]) -> None:
        for event, data, room in messages:
            emit(event, data, room)

    return send


class PanelLike(Protocol):
    """What the hub needs of a panel."""

    @property
    def pictures(self) -> tuple[str, ...]: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def props(self) -> Callable[[Mapping[str, Any], Any, View], Props]: ...
