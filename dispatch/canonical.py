"""One JSON for every door: strict in, strict out, and canonical where it is hashed."""

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A string, or what begins as one; it never looks back, whatever the text is."""
BRACKET = re.compile(r"[\[\]{}]")
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON writes it. PostgreSQL cannot store one, and no text needs one."""

ESCAPE = "\\u"
"""Only so can a text that is good UTF-8 hold what is none, or a NUL."""
WRITER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


class JsonError(ValueError):
    """The text is not the JSON that the product accepts; the message says why."""


def dumps(value: Any) -> str:
    """Canonical text: sorted keys, no spaces, no NaN. Equal values give equal texts."""
    return WRITER.encode(value)


def loads(text: str | bytes) -> Any:
    """Parse strictly: no NaN or Infinity, no key twice, no lone surrogate or NUL, depth <= 32.

    Raises JsonError.
    """
    try:
        source = text.decode("utf-8") if isinstance(text, bytes) else text
        _check_depth(source)
        value = json.loads(
            source,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_object,
        )
        written = json.dumps(value, ensure_ascii=False) if ESCAPE in source else source
        written.encode("utf-8")
    except JsonError:
        raise
    except UnicodeError as error:
        raise JsonError("text is not valid UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise JsonError(f"not JSON: {error}") from error
    if NUL.search(written):
        raise JsonError("a text holds the character NUL")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise JsonError(f"number {text[:40]} is out of range")
    return value


def _bounded(text: str) -> int:
    if len(text) > 19 or not -(2**63) <= int(text) < 2**63:
        raise JsonError("integer is out of range (64 bits)")
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise JsonError("an object has the same key twice")
    return result


def _check_depth(source: str) -> None:
    """Count brackets outside strings, so that a deep text is refused before it is parsed."""
    depth = 0
    for bracket in BRACKET.findall(STRING.sub("", source)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise JsonError(f"nested deeper than {MAX_DEPTH}")
