"""Read the tables of a city folder; every mistake becomes a sentence, none stops the reading."""

import csv
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

Row = TypeVar("Row")

SHOWN = 20  # more sentences than this hide the first one


class CityError(Exception):
    """The city folder cannot be used; the message lists what is wrong, one line each."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        more = len(problems) - SHOWN
        lines = problems[:SHOWN] + ([f"and {more} more"] if more > 0 else [])
        super().__init__(f"city folder {folder}: " + "\n  ".join(["", *lines]).strip())
        self.problems = problems


def read_rows(path: Path, record: type[Row], problems: list[str]) -> list[Row]:
    """Give the records of one CSV file; empty cells count as absent."""
    raw = _read_lines(path, problems)
    if raw is None:
        return []
    header, lines = raw
    absent = [name for name in _required(record) if name not in header]
    if absent:
        problems.append(f"{path.name}: column {', '.join(absent)} is missing")
        return []
    adapter = TypeAdapter(record)
    found = (_parse(adapter, cells, f"{path.name} row {n}", problems) for n, cells in lines)
    return [row for row in found if row is not None]


def parse(record: type[Row], value: object, where: str, problems: list[str]) -> Row | None:
    """Give one checked record, or None after saying what is wrong and where."""
    return _parse(TypeAdapter(record), value, where, problems)


def report_doubles(ids: Iterable[str], where: str, problems: list[str]) -> None:
    """Name each id that stands more than once."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            problems.append(f"{where}: id {one} stands twice")
        seen.add(one)


def read_text(path: Path, problems: list[str]) -> str | None:
    """Give a file's text without its byte-order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(f"{path.name}: the file is missing")
    except UnicodeDecodeError:
        problems.append(f"{path.name}: the file is not UTF-8")
    return None


def _read_lines(
    path: Path, problems: list[str]
) -> tuple[list[str], list[tuple[int, dict[str, str]]]] | None:
    text = read_text(path, problems)
    if text is None:
        return None
    reader = csv.reader(text.splitlines(keepends=True))
    header = [name.strip() for name in next(reader, [])]
    lines = [(reader.line_num, _cells(header, line)) for line in reader]
    return header, [(n, cells) for n, cells in lines if cells]


def _cells(header: list[str], line: list[str]) -> dict[str, str]:
    pairs = zip(header, (cell.strip() for cell in line), strict=False)
    return {name: cell for name, cell in pairs if cell}


def _required(record: type[Any]) -> list[str]:
    assert is_dataclass(record)
    plain = (f for f in fields(record) if f.default is MISSING)
    return [f.name for f in plain if f.default_factory is MISSING]


def _parse(adapter: TypeAdapter[Row], value: object, where: str, problems: list[str]) -> Row | None:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        problems.extend(_sentence(where, one) for one in error.errors())
        return None


def _sentence(where: str, error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "record"
    if error["type"] == "missing":
        return f"{where}, {field}: the value is missing"
    return f"{where}, {field}: {error['msg']}, not {str(error['input'])[:60]!r}"
