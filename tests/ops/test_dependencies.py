"""pyproject.toml names what the product imports, with bounds that the exact pins meet."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("app.py", "dispatch", "streams", "video", "layouts", "callbacks", "ops", "demo")
OURS = {place.removesuffix(".py") for place in PLACES}


def _declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [Requirement(line) for line in project["dependencies"]]
    return {canonicalize_name(one.name): one for one in requirements}


def _pins() -> dict[str, str]:
    lines = (ROOT / "requirements/run.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==", 1) for line in lines if "==" in line)


def _modules() -> Iterator[str]:
    for place in PLACES:
        path = ROOT / place
        for file in [path] if path.suffix else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    yield node.module.split(".")[0]


def test_what_is_imported_is_declared() -> None:
    known = packages_distributions()
    foreign = set(_modules()) - OURS - set(sys.stdlib_module_names)
    wanted = {canonicalize_name(name) for module in foreign for name in known[module]}
    assert sorted(wanted - set(_declared())) == []


def test_every_pin_is_within_the_declared_bounds() -> None:
    pins = _pins()
    outside = [name for name, one in _declared().items() if not one.specifier.contains(pins[name])]
    assert outside == []
    assert all(len(one.specifier) == 2 for one in _declared().values())
