"""The city's own day: where it starts, in milliseconds of UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

HOUR = 3_600_000
DAY = 24 * HOUR


def midnight(now: int, zone: str) -> int:
    """The last midnight of this time zone at or before `now`."""
    local = datetime.fromtimestamp(now / 1000, ZoneInfo(zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000
