"""The panels that have hands: each registers its callbacks on the screens that show it."""

from collections.abc import Mapping
from typing import Protocol

from dash import Dash

from callbacks.services import Services


class Hand(Protocol):
    """A module of this folder: the screens it works on, and how its callbacks are registered."""

    SCREENS: tuple[str, ...]

    def register(self, app: Dash, services: Services) -> None: ...


HANDS: tuple[Hand, ...] = ()


def register(apps: Mapping[str, Dash], services: Services) -> None:
    for hand in HANDS:
        for screen in hand.SCREENS:
            hand.register(apps[screen], services)
