"""Times and durations as people read them: Asia/Shanghai, 24 h, minutes are 分 / min."""

from datetime import UTC, datetime, timedelta, timezone

from layouts.texts import Texts

ZONE = timezone(timedelta(hours=8))
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def local(at: int) -> datetime:
    """The local time of a moment in ms."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE)


def clock(at: int | None, seconds: bool = True) -> str:
    """14:53:12, or 14:53; a dash when there is no time."""
    if at is None:
        return "—"
    return local(at).strftime("%H:%M:%S" if seconds else "%H:%M")


def stamp(at: int | None) -> str:
    """03-18 14:53."""
    return "—" if at is None else local(at).strftime("%m-%d %H:%M")


def duration(t: Texts, ms: float) -> str:
    """45 秒, 12 分, 3 时 21, 2 天: the largest unit that says enough."""
    if ms < MINUTE:
        return t("time.seconds", n=round(ms / 1000))
    if ms < HOUR:
        return t("time.minutes", n=round(ms / MINUTE))
    if ms < 2 * DAY:
        return t("time.hours", h=int(ms // HOUR), m=int(ms % HOUR // MINUTE))
    return t("time.days", n=int(ms // DAY))
