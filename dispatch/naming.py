"""The numbers that people say on the telephone: `ZL-1123-0001`."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatch.log import Work

ALERT, INCIDENT, ACTIVATION, ORDER = "AL", "EV", "MA", "ZL"


def next_id(work: Work, prefix: str, zone: str) -> str:
    """The next number of its kind, with the city's month and day.

    The counter of a day goes on a year later, so no number ever means two things.
    """
    return next_ids(work, prefix, zone, 1)[0]


def next_ids(work: Work, prefix: str, zone: str, many: int) -> list[str]:
    """The next numbers of a kind, all of the same day."""
    day = datetime.fromtimestamp(work.now / 1000, UTC).astimezone(ZoneInfo(zone))
    name = f"{prefix}-{day:%m%d}"
    last = work.next_number(name, many)
    return [f"{name}-{n:04d}" for n in range(last - many + 1, last + 1)]
