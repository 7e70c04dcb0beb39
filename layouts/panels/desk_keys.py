"""Every key of the desk, in the place of the detail: `?` shows it, Esc goes back."""

from dash import html
from dash.development.base_component import Component

from layouts.desk_lists import button
from layouts.panel import Panel, Pictures, Props
from layouts.texts import Texts
from streams.view import View

GROUPS = {
    "everywhere": (
        "1",
        "2",
        "3",
        "4",
        "5",
        "F8",
        "Ctrl+K",
        "Alt+R",
        "Alt+O",
        "+",
        "?",
        "Esc",
        "↑ ↓",
        "Enter",
        "F2",
        "F4",
        "N",
        "J",
        "F",
        "Q",
        "I",
    ),
    "alert": ("A", "V", "E", "M", "X", "S"),
    "incident": ("D", "G", "K", "B", "Alt+W", "F9", "F10"),
    "replay": ("Space", "← →", "[ ]"),
    "dispatch": ("U", "O", "@", "Ctrl+Enter", "R", "Y", "T", "H", "P", "L"),
}


def skeleton(t: Texts, _screen: str) -> Component:
    lists = [part for name, keys in GROUPS.items() for part in _group(name, keys, t)]
    back = button(t("desk.back"), "Esc", data_do="side", data_side="detail")
    return html.Div(
        [
            html.H2([t("keys.title"), html.Small(t("keys.hint"))], className="ph"),
            html.Div(lists, className="scr"),
            html.Div(back, className="acts one"),
        ],
        className="col",
    )


def props(_pictures: Pictures, _t: Texts, _view: View) -> Props:
    return {}


def _group(name: str, keys: tuple[str, ...], t: Texts) -> tuple[Component, Component]:
    lines = [
        part
        for key in keys
        for part in (html.Dt(html.Kbd(key.replace("+", " ") if len(key) > 1 else key)),
                     html.Dd(t(f"keys.{_word(name, key)}")))
    ]  # fmt: skip
    return html.H3(t(f"keys.of_{name}"), className="sec"), html.Dl(lines, className="keys")


WORDS = {"+": "plus", "?": "question", "@": "at", "↑ ↓": "arrows", "← →": "steps", "[ ]": "events"}


def _word(name: str, key: str) -> str:
    """The text's key: `alert_A`, `dispatch_Ctrl-Enter`."""
    return f"{name}_{WORDS.get(key) or key.replace('+', '-')}"


PANEL = Panel(
    id="keys",
    screens={"desk": "detail"},
    pictures=(),
    skeleton=skeleton,
    props=props,
)
