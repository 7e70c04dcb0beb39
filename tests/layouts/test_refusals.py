"""Whatever the centre refuses, it says why in the words of both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.vocabulary import ActivationState
from layouts.texts import LANGUAGES, words

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    file for room in ("dispatch", "streams", "callbacks") for file in (ROOT / room).rglob("*.py")
)
REFUSALS = {"Refused", "Invalid", "NotFound", "Conflict", "Forbidden", "TooMany", "Busy"}
PASSED_ON = {
    "error.code", "first['type']", "early['code']",  # what another refusal or a schema said
    "code",  # of Flask: HTTP's own names; of the checklist: orders_open, orders_open_again
    "f'there are no texts in {lang}'",  # Flask's own NotFound, for a program
    "f\"already_{row['state'].lower()}\"",
}  # fmt: skip
MADE = {f"already_{one.lower()}" for one in (ActivationState.PROPOSED, ActivationState.ACTIVE)}
OF_PAGE = {
    *("too_short", "too_long", "out_of_range", "invalid", "other"),  # assets/14-send.js
    *("missing", "extra_forbidden"),  # a schema's own
    *("request_entity_too_large", "orders_open_again"),
}


def codes(path: Path) -> Iterator[str]:
    """The codes of every refusal that a module makes; of one that it passes on, the expression."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        one.targets[0].id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and isinstance(one.value, ast.Constant)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (given := _code(call)) is not None:
            for one in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                if isinstance(one, ast.Constant):
                    yield str(one.value)
                else:
                    yield str(named.get(ast.unparse(one), ast.unparse(one)))


def _code(call: ast.Call) -> ast.expr | None:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place = 0 if name in REFUSALS else 1 if name == "problem" else None
    return call.args[place] if place is not None and len(call.args) > place else None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_refusal_has_its_words(lang: str) -> None:
    known = {key.removeprefix("refused.") for key in words(lang) if key.startswith("refused.")}
    made = {code for path in SOURCES for code in codes(path)}
    assert made >= {"no_right", "held_by_another", "same_unit", "in_the_future"}
    assert made - PASSED_ON <= known
    assert known >= MADE
    assert known <= made | MADE | OF_PAGE, "nobody refuses with these words"


def test_what_is_passed_on_is_known(tmp_path: Path) -> None:
    """An expression that is no word must be looked at, and listed above."""
    file = tmp_path / "one.py"
    file.write_text("LATE = 'late'\nraise Invalid(LATE)\nraise Conflict('a' if x else b.c)\n")
    assert list(codes(file)) == ["late", "a", "b.c"]
