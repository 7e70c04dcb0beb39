"""Small parts that panels are made of: Dash components for skeletons."""

from collections.abc import Callable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

Children = Component | str | Sequence[Component | str] | None


def given(**attributes: Any) -> dict[str, Any]:
    """Attributes as Dash wants them: those without a value left out, `data_lv` as `data-lv`."""
    kept = {name: value for name, value in attributes.items() if value is not None}
    return {_dashed(name): value for name, value in kept.items()}


def badge(level: int | None = None, **attributes: Any) -> html.I:
    """Level badge: shape, Roman numeral and colour all follow `data-lv` (0 or none: an empty ring).

    Set `data-lv` to change it; the numeral is drawn by the style sheet.
    """
    return html.I(className="lv", **given(data_lv=level, **attributes))


def timer(kind: str, at: int | None = None, **attributes: Any) -> html.Time:
    """A time that ticks in the browser from `data-t0`: clock, age, left, over or elapsed."""
    return html.Time(**given(data_t=kind, data_t0=at, **{"className": "n", **attributes}))


def listed(id: str, empty: Children = None, **attributes: Any) -> html.Div:
    """A list that the browser paints from `rows` of nodes.

    `empty` stands while there are none and says what was looked at.
    """
    name = attributes.pop("className", "")
    marks = given(data_nodes="1", **attributes)
    parts: list[Component] = [html.Div(id=id, className=f"rows {name}".strip(), **marks)]
    if empty is not None:
        parts.append(html.Div(empty, className="empty"))
    return html.Div(parts, className="same")


def checked(words: str) -> list[Component | str]:
    """An honest nothing: what there is none of, and the time to which that holds."""
    return [words, " · ", timer("clock")]


def head(title: Children, small: Children = None) -> html.H2:
    """The head of a panel: what it shows, and in small what it rests on."""
    parts = [*_list(title)]
    if small is not None:
        parts.append(html.Small(small))
    return html.H2(parts, className="ph")


def theme(t: Callable[[str], str]) -> html.Button:
    """Dark or light, for sunlight: the device keeps the choice."""
    marks = given(title=t("theme.switch"), aria_label=t("theme.switch"), data_theme_switch="1")
    return html.Button("◐", type="button", className="theme", **marks)


def _list(children: Children) -> list[Component | str]:
    if children is None:
        return []
    if isinstance(children, str | Component):
        return [children]
    return list(children)


def _dashed(name: str) -> str:
    return name.replace("_", "-") if name.startswith(("data_", "aria_")) else name
