"""The numbers that people say on the telephone: `ZL-1123-0001`."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatch.log import Work

ALERT, INCIDENT, ACTIVATION, ORDER = "AL", "EV", "MA", "ZL"


def next_id(work: Work, prefix: str, zone: str) -> str:
    """The next number of its kind, with the city's month and day.

    The counter of a day goes on a year later, so no number ever means two things.
    """
    day = datetime.fromtimestamp(work.now / 1000, UTC).astimezone(ZoneInfo(zone))
    name = f"{prefix}-{day:%m%d}"
    return f"{name}-{work.next_number(name):04d}"
