"""The README says what is true: settings, commands, files, addresses."""

import re
import subprocess
from pathlib import Path

import pytest

from app import Settings
from dispatch.commands import COMMANDS
from layouts.screens import SCREENS, all_panels
from ops import console
from streams.doorbell import CHANNEL

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOORS = (ROOT / "docs/doors.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`\n]+)`")
ROOTS = "callbacks|layouts|streams|video|dispatch|assets|tests|ops|demo|docs|requirements"
FILE = re.compile(rf"^(?:{ROOTS})/[\w./-]*$")
MADE_AT_SET_UP = ("assets/vendor",)


def _rows(heading: str) -> list[str]:
    """The first cell of each row of the table under a heading."""
    part = README.split(heading, 1)[1].split("\n## ", 1)[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return [word for cell in cells for word in CODE.findall(cell)]


def test_every_setting_is_in_the_readme_and_every_one_there_exists() -> None:
    described = [word for word in _rows("## Settings") if re.fullmatch(r"[A-Z_]+", word)]
    assert sorted(described) == sorted(str(field.alias) for field in Settings.model_fields.values())


def test_the_readme_says_the_defaults_as_they_are() -> None:
    lines = {line.split("`")[1]: line for line in README.splitlines() if line.startswith("| `")}
    for field in Settings.model_fields.values():
        cell = lines[str(field.alias)].split("|")[2]
        if isinstance(field.default, str) and field.default:
            assert f"`{field.default}`" in cell
        if type(field.default) is int:
            assert f"`{field.default}`" in cell


def test_every_command_of_the_console_is_described() -> None:
    described = {word.split()[0] for word in _rows("`python -m app` takes") if word[0].islower()}
    assert described | {"run", "run-lan", "run-cluster"} == set(console.COMMANDS)


@pytest.mark.parametrize(
    "name", ["README.md", *(f"docs/{one}.md" for one in ("city", "doors", "apart", "promise"))]
)
def test_every_file_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    words = [word.strip("/.") for word in CODE.findall(text)]
    links = re.findall(r"\]\(([^)#]+)\)", text)
    named = [word for word in words if FILE.match(word)]
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [
        link for link in links if not (ROOT / link).exists() and not (ROOT / "docs" / link).exists()
    ]
    assert [name for name in missing if name not in MADE_AT_SET_UP] == []


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", README))
    assert {"run", "test", "run-lan", "bench-push"} <= named <= targets


def test_every_name_of_the_code_that_is_mentioned_is_there() -> None:
    places = {
        "ForceType": "dispatch/vocabulary.py",
        "METRICS": "streams/indicators/registry.py",
        "COMMANDS": "dispatch/commands.py",
        "SCREENS": "layouts/screens.py",
        "Incoming": "dispatch/alerts.py",
    }
    for name, file in places.items():
        assert f"`{name}`" in README
        assert re.search(rf"\b{name}\b", (ROOT / file).read_text(encoding="utf-8"))
    assert "order.verify" in COMMANDS
    assert f"`{CHANNEL}`" in README
    assert CHANNEL in DOORS
    assert set(SCREENS) == {"wall", "desk", "phone"}
    assert all_panels()


def test_the_top_level_is_the_one_described() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    rooms = {name.split("/")[0] for name in listed if "/" in name and not name.startswith(".")}
    beside = {"tests", "docs", "requirements"}
    described = set(re.findall(r"\b(\w+)/", README.split("## How it is built")[1].split("\n\n")[1]))
    assert described == rooms - beside


def test_addresses_of_the_doors_exist() -> None:
    rest = "\n".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "callbacks/rest").glob("*.py")
    )
    for path in set(re.findall(r"/api/v1/[a-z]+", DOORS + README)):
        assert path in rest, path
