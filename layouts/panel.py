"""What a panel is: a skeleton built once and a pure function from pictures to live props."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dash.development.base_component import Component

from layouts.texts import Texts
from streams.view import View

Pictures = Mapping[str, Any]
Props = dict[tuple[str, str], Any]
"""(component id, prop) -> value; `rowData` and `rows` are lists of dicts with `id` and `rank`."""


@dataclass(frozen=True)
class Panel:
    """One panel of a screen.

    screens: screen name -> the grid area it stands in.
    pictures: names of the pictures that `props` reads.
    subject: what a screen may open in it ("incident", "alert", "unit", "tile") or None.
    """

    id: str
    screens: Mapping[str, str]
    pictures: tuple[str, ...]
    skeleton: Callable[[Texts, str], Component]
    props: Callable[[Pictures, Texts, View], Props]
    subject: str | None = None
    classes: str = field(default="p")
