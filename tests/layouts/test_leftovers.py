"""Nothing is kept that nobody asks for: texts, classes of the style sheets, tokens."""

import re
from pathlib import Path

from layouts.texts import words
from tests.layouts.test_words import ENUMS, ROOT, SCRIPTS, SHEETS

ASKING = [*SCRIPTS] + [
    file
    for room in ("layouts", "callbacks", "streams", "dispatch")
    for file in sorted((ROOT / room).rglob("*"))
    if file.suffix in (".py", ".html", ".js")
]
OPEN_END = re.compile(r"""["'`](\w+)\.(\w*)(?:\$?\{|["'] \+)""")
OTHERS = ("ag-", "form-", "leaflet-")  # classes of libraries
THEIRS = ("--ag-",)


def said(paths: list[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def rules() -> str:
    return re.sub(r"/\*.*?\*/", "", said(SHEETS), flags=re.DOTALL)


def test_every_text_is_asked_for_by_somebody() -> None:
    code = said(ASKING)
    begun = set(OPEN_END.findall(code))
    unread = [
        key
        for key in words("zh")
        for table, _, word in [key.partition(".")]
        if key not in code
        and table not in ENUMS
        and not any(table == one and word.startswith(start) for one, start in begun)
    ]
    assert unread == []


def test_every_class_of_a_style_sheet_is_worn_by_something() -> None:
    code = said(ASKING)
    selectors = re.sub(r"\{[^}]*\}", "{}", rules())
    named = {name for name in re.findall(r"\.([a-zA-Z][\w-]*)", selectors)}
    worn = set(re.findall(r"[\w-]+", code))
    assert sorted(name for name in named - worn if not name.startswith(OTHERS)) == []


def test_every_token_is_read() -> None:
    made = set(re.findall(r"(--[\w-]+)\s*:", rules()))
    read = set(re.findall(r"var\((--[\w-]+)", rules())) | set(re.findall(r"--[\w-]+", said(ASKING)))
    assert sorted(name for name in made - read if not name.startswith(THEIRS)) == []
