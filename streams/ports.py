"""What the screens' side is to the hub: panels that it paints, and the way out."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from streams.rooms import Props
from streams.view import View

Emit = Callable[[str, Any, str | None], None]
"""Sends (event, data) to a room, or to everybody if the room is None."""


class PanelLike(Protocol):
    """What the hub needs of a panel."""

    @property
    def pictures(self) -> tuple[str, ...]: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def props(self) -> Callable[[Mapping[str, Any], Any, View], Props]: ...
