"""Every word that people read stands in texts.toml, in both languages, and is there when asked."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch import vocabulary
from layouts.texts import LANGUAGES, Texts, words

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "layouts").rglob("*.py"), *(ROOT / "callbacks").rglob("*.py")])
SCRIPTS = sorted((ROOT / "assets").glob("*.js"))
SHEETS = sorted((ROOT / "assets").glob("*.css"))
CHINESE = re.compile(r"[\u3400-\u9fff]")
IN_SCRIPT = re.compile(r"""\bt\(\s*["`]([\w.]+)(\$\{)?""")
COLOUR = re.compile(
    r":[^;{}]*(#[0-9A-Fa-f]{3,8}\b|\brgba?\(|\bhsla?\(|\b(white|black|red|orange|yellow|green|blue)\b)"
)
ENUMS = {
    "alert_state": vocabulary.AlertState, "incident_state": vocabulary.IncidentState,
    "order_state": vocabulary.OrderState, "mode": vocabulary.Mode, "level": vocabulary.Level,
    "grade": vocabulary.Level, "force": vocabulary.ForceType, "mark": vocabulary.ForceType,
    "role": vocabulary.Role, "category": vocabulary.Category, "priority": vocabulary.Priority,
}  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_chinese_stands_in_the_code_of_what_people_see(path: Path) -> None:
    found = [text for text in constants(path) if CHINESE.search(text)]
    assert not found, f"{path.name} says {found}: words belong to texts.toml"


@pytest.mark.parametrize("path", SCRIPTS + SHEETS, ids=lambda path: path.name)
def test_no_chinese_stands_in_scripts_and_style_sheets(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if CHINESE.search(line) and not comment(line)]
    assert not found, found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_text_that_a_panel_asks_for_is_there(path: Path) -> None:
    known = words("zh")
    for key, whole in asked(path):
        assert key in known if whole else any(name.startswith(key) for name in known), key


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_text_that_a_script_asks_for_is_there(path: Path) -> None:
    known = words("zh")
    for key, open_end in IN_SCRIPT.findall(path.read_text(encoding="utf-8")):
        assert any(name.startswith(key) for name in known) if open_end else key in known, key


@pytest.mark.parametrize("table", ENUMS)
def test_every_word_of_the_field_has_its_text(table: str) -> None:
    for lang in LANGUAGES:
        missing = [one for one in ENUMS[table] if f"{table}.{one}" not in words(lang)]
        assert not missing, f"{table} lacks {missing} in {lang}"


def test_both_languages_say_the_same_things() -> None:
    zh, en = words("zh"), words("en")
    assert zh.keys() == en.keys()
    for key in zh:
        assert fields(zh[key]) == fields(en[key]), f"{key} fills in other values"
        assert bool(zh[key].strip()) == bool(en[key].strip()), f"{key} is said in one language"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_only_the_tokens_know_colours(path: Path) -> None:
    if path.name == "1-tokens.css":
        return
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    found = [line.strip() for line in text.splitlines() if COLOUR.search(line)]
    assert not found, found
    assert "!important" not in text


def constants(path: Path) -> Iterator[str]:
    """The strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value


def asked(path: Path) -> Iterator[tuple[str, bool]]:
    """The keys of all t(...) calls: a whole key, or the beginning of one that is put together."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "t" and node.args:
            yield from key_of(node.args[0])


def key_of(node: ast.expr) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Constant):
        yield node.value, True
    elif isinstance(node, ast.IfExp):
        yield from key_of(node.body)
        yield from key_of(node.orelse)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield str(node.values[0].value), False
    elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
        yield str(node.left.value), False


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


def comment(line: str) -> bool:
    return line.lstrip().startswith(("/*", "*", "//"))


def test_a_number_has_its_own_word() -> None:
    """What is counted is said in the singular for one."""
    said = {n: Texts("en")("wall.sources", n=n) for n in (0, 1, 2)}
    assert said == {0: "0 sources", 1: "1 source", 2: "2 sources"}
    assert Texts("zh")("wall.sources", n=1).endswith("1")


def test_an_order_is_acknowledged_and_a_decision_is_signed() -> None:
    """Two acts with two words in Chinese have two in English."""
    zh = words("zh")
    en = {key: re.sub(r"{[^}]*}", "", text) for key, text in words("en").items()}
    signed = re.compile(r"\b(un)?sign(s|ed|ature|atures)?\b", re.I)
    acknowledged = re.compile(r"\back(ed|nowledge\w*)?\b", re.I)
    for key, text in zh.items():
        if "签收" in text and "签" not in text.replace("签收", ""):
            assert not signed.search(en[key]), key
        if ("签名" in text or "签署" in text) and "签收" not in text:
            assert not acknowledged.search(en[key]), key
