"""Times as sources write them: milliseconds, or ISO 8601 with its offset."""

import re
from datetime import datetime

from dispatch.errors import Invalid
from dispatch.inputs import LATEST_MS

LEAP = re.compile(r"^(\S{10}[T ]\d\d:\d\d:)60")
SECOND_MS = 1_000


def millis(value: int | str | None, field: str) -> int | None:
    """The time in ms UTC. Raises Invalid, naming the field."""
    if value is None or isinstance(value, int):
        return value
    try:
        moment = datetime.fromisoformat(LEAP.sub(r"\g<1>59", value))
    except ValueError as error:
        raise Invalid("not_a_time", field, "milliseconds, or ISO 8601 with offset") from error
    if moment.tzinfo is None:
        raise Invalid("no_offset", field, "a time needs its offset, such as +08:00")
    try:
        made = round(moment.timestamp() * 1000) + SECOND_MS * bool(LEAP.match(value))
    except (OverflowError, ValueError) as error:
        raise Invalid("not_a_time", field, "out of range") from error
    if not 0 <= made <= LATEST_MS:
        raise Invalid("not_a_time", field, "out of range")
    return made
