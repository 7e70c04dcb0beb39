"""The screens: which panels stand on each, and the page that holds them."""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from dash import html
from dash.development.base_component import Component

from dispatch.city import City
from layouts import frame, kit, panels
from layouts.panel import Panel
from layouts.texts import Texts


@dataclass(frozen=True)
class Screen:
    """A screen's grid areas in reading order; `head` are those that stand in its top bar.

    A panel whose area is not listed comes after the listed ones.
    """

    name: str
    areas: tuple[str, ...]
    head: tuple[str, ...] = ("head",)


SCREENS: Mapping[str, Screen] = {
    "wall": Screen(
        "wall",
        (
            *("strip", "steps", "decisions", "attention", "map", "decide", "timeline"),
            *("video", "call", "vitals", "cameras", "orders", "gaps"),
        ),
    ),
    "desk": Screen("desk", ("strip", "suggest", "kpi", "queue", "brief", "map", "detail")),
    "phone": Screen(
        "phone", ("strip", "sketch", "task", "call", "action", "tools"), ("status", "head")
    ),
}


@cache
def all_panels() -> Mapping[str, Panel]:
    """Every PANEL (or each of PANELS) of the modules in layouts/panels, by id."""
    found: dict[str, Panel] = {}
    for module in pkgutil.iter_modules(panels.__path__, panels.__name__ + "."):
        for panel in _panels_of(import_module(module.name)):
            if panel.id in found:
                raise ValueError(f"two panels are called {panel.id}")
            found[panel.id] = panel
    return found


def panels_of(screen: str) -> list[Panel]:
    """The panels of a screen in reading order."""
    listed = SCREENS[screen].head + SCREENS[screen].areas
    own = [panel for panel in all_panels().values() if screen in panel.screens]
    return sorted(own, key=lambda panel: (_place(listed, panel.screens[screen]), panel.id))


def page(
    screen: str,
    t: Texts,
    city: City,
    who: Mapping[str, Any] | None = None,
    played: bool = False,
    direct: bool = False,
) -> Component:
    """The whole page: built once, then changed by props alone.

    who: {"name": {zh, en}, "role", "scope", "seat": {zh, en}, "unit"} of the person signed in.
    played: whether a program answers orders in the units' place.
    direct: whether two alone may speak directly; then a call may be opened unrecorded.
    """
    top: list[Component] = []
    rest: list[Component] = []
    for panel in panels_of(screen):
        in_head = panel.screens[screen] in SCREENS[screen].head
        (top if in_head else rest).append(_stand(panel, t, screen))
    return html.Div(
        [frame.banners(), frame.head(screen, t, city, who, top, played), *rest, frame.pole()],
        id="screen",
        className=f"screen {screen}",
        lang=frame.LANG[t.lang],
        **kit.given(data_direct="1" if direct else None),
    )


def _stand(panel: Panel, t: Texts, screen: str) -> Component:
    area = panel.screens[screen]
    marks = kit.given(data_area=area, data_panel=panel.id, data_follows=panel.subject)
    return html.Section(
        panel.skeleton(t, screen),
        id=f"panel-{panel.id}",
        className=panel.classes,
        style={"gridArea": area},
        **marks,
    )


def _place(listed: tuple[str, ...], area: str) -> int:
    return listed.index(area) if area in listed else len(listed)


def _panels_of(module: Any) -> tuple[Panel, ...]:
    one = getattr(module, "PANEL", None)
    return (one,) if one is not None else tuple(getattr(module, "PANELS", ()))
