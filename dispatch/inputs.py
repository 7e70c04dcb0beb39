"""What a command accepts: strict bodies, clean texts, finite numbers."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dispatch import canonical
from dispatch.errors import Invalid
from dispatch.vocabulary import Level, Priority

LATEST_MS = 4_102_444_800_000  # the year 2100: a time in microseconds is refused, not stored


class Body(BaseModel):
    """The body of a command: no unknown field, no conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Parsed = TypeVar("Parsed", bound=BaseModel)


def parse(model: type[Parsed], content: Mapping[str, Any]) -> Parsed:
    """Check content against a model, as strictly as if it came as JSON. Raises Invalid."""
    try:
        return model.model_validate_json(canonical.dumps(dict(content)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid(first["type"], field, first["msg"]) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("not_json", detail="not JSON, or a number that is not finite") from error


def clean(text: object) -> object:
    """Normalise a text (NFC) and drop what cannot be seen: control and format characters."""
    if not isinstance(text, str):
        return text
    seen = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(c for c in seen if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()


def one_line(text: object) -> object:
    """A clean text without line breaks."""
    return " ".join(str(clean(text)).split()) if isinstance(text, str) else text


def number(value: object) -> object:
    """Refuse a truth value where one of a few numbers is meant: it would count as 1."""
    if isinstance(value, bool):
        raise ValueError("should be a number")
    return value


def _line(most: int, least: int = 1) -> Any:
    return Annotated[str, BeforeValidator(one_line), Field(min_length=least, max_length=most)]


HELD = r"^[^\x00]+$"  # a text as it was said, if every store can hold it
NAME = r"^[^\s;,<>\"'&\x00-\x1f\x7f]+$"
KEY_ID = r"[A-Za-z0-9_.\-]{1,40}"
"""Ids that may stand in an API key."""
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=NAME)]
Kind = Annotated[str, Field(min_length=1, max_length=40, pattern=NAME)]
Title = _line(400)
Line = _line(200)
MaybeLine = _line(200, 0)
Phone = Annotated[str, Field(min_length=3, max_length=24, pattern=r"^\+?[0-9][0-9 \-]+$")]
Prose = Annotated[str, BeforeValidator(clean), Field(min_length=1, max_length=4000)]
MaybeProse = Annotated[str, BeforeValidator(clean), Field(max_length=4000)]
LevelNumber = Annotated[Level, BeforeValidator(number)]
PriorityNumber = Annotated[Priority, BeforeValidator(number)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Millis = Annotated[int, Field(ge=0, le=LATEST_MS)]
