"""Small parts that panels are made of; each is built once and then changed by its attributes."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

Children = Component | str | Sequence[Component | str] | None
LEVELS = (1, 2, 3, 4)


def given(**attributes: Any) -> dict[str, Any]:
    """Attributes as Dash wants them: those without a value left out, `data_lv` as `data-lv`."""
    kept = {name: value for name, value in attributes.items() if value is not None}
    return {_dashed(name): value for name, value in kept.items()}


def badge(level: int | None = None, **attributes: Any) -> html.I:
    """Level badge: shape, Roman numeral and colour all follow `data-lv` (0 or none: an empty ring).

    Bind or set `data-lv` to change it; the numeral is drawn by the style sheet.
    """
    return html.I(className="lv", **given(data_lv=level, **attributes))


def timer(kind: str, at: int | None = None, **attributes: Any) -> html.Time:
    """A time that ticks in the browser from `data-t0`: clock, age, left, over or elapsed."""
    return html.Time(**given(data_t=kind, data_t0=at, **{"className": "n", **attributes}))


def ack(**attributes: Any) -> html.Span:
    """Five pips: `data-at` of them are done, `data-next` is half, late or stop."""
    return html.Span([html.I() for _ in range(5)], className="ack", **given(**attributes))


def bullet(**attributes: Any) -> html.Div:
    """Band, target notch and needle in per cent: --a..--b, --t and --v; `data-value` none hides."""
    return html.Div([html.U(), html.B()], className="bul", **given(**attributes))


def spark(**attributes: Any) -> html.Div:
    """24 h line; `data-spark` is JSON {values:[...], low, high, scale:[low, high]}."""
    return html.Div(className="spk", **given(**attributes))


def unit_mark(text: str | None = None, **attributes: Any) -> html.I:
    """One character in a frame: `data-force` gives the frame, `data-state` the fill."""
    return html.I(text, className="u", **given(**attributes))


def rows(id: str, row: Children, empty: Children = None, **attributes: Any) -> html.Div:
    """A list that is filled from `rows`: one copy of `row` for each, its parts set by `data-bind`.

    `empty` stands while there are none and says what was looked at.
    """
    name = attributes.pop("className", "")
    parts: list[Component] = [
        html.Div(row, className="proto"),
        html.Div(id=id, className=f"rows {name}".strip(), **given(data_rows="1", **attributes)),
    ]
    if empty is not None:
        parts.append(html.Div(empty, className="empty"))
    return html.Div(parts, className="same")


def bound(part: Component, **binds: str) -> Component:
    """Tie parts of a row to its fields: bound(badge(), data_lv="level").

    `text` is the words inside, `show` hides what has no value, `--v` names go by `style_v`.
    """
    pairs = [f"{_target(name)}={field}" for name, field in binds.items()]
    setattr(part, "data-bind", " ".join(pairs))
    return part


def text(field: str, tag: type[Component] = html.Span, **attributes: Any) -> Component:
    """An element that shows one field of its row."""
    return bound(tag(**given(**attributes)), text=field)


def head(title: Children, small: Children = None) -> html.H2:
    """The head of a panel: what it shows, and in small what it rests on."""
    parts = [*_listed(title)]
    if small is not None:
        parts.append(html.Small(small))
    return html.H2(parts, className="ph")


def _listed(children: Children) -> list[Component | str]:
    if children is None:
        return []
    if isinstance(children, str | Component):
        return [children]
    return list(children)


def _dashed(name: str) -> str:
    return name.replace("_", "-") if name.startswith(("data_", "aria_")) else name


def _target(name: str) -> str:
    if name.startswith("style_"):
        return "--" + name.removeprefix("style_")
    return _dashed(name)
