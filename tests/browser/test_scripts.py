"""Our own scripts never make markup out of words, never run text, and leave no globals."""

import re
from pathlib import Path

import pytest

from tests.stack import ROOT

SCRIPTS = sorted((ROOT / "assets").glob("*.js"))
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|\beval\(|new Function|DOMParser|srcdoc|dangerously"
)
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
GLOBAL = re.compile(r"^\s*window\.(\w+)\s*=[^=]", re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_makes_no_markup_and_leaves_no_globals(script: Path) -> None:
    text = COMMENT.sub("", script.read_text(encoding="utf-8"))
    assert MARKUP.findall(text) == []
    assert set(GLOBAL.findall(text)) <= {"dash_clientside"}
