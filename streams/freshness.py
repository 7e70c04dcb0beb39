"""How fresh a fact is, judged by how often its source normally speaks."""

LATE = 2.0  # periods without a word: 延迟
DEAD = 6.0  # periods without a word: 中断
SLACK_MS = 5_000  # the way through network and store


def freshness(last_at: int | None, period_s: float, now: int) -> str:
    """`ok`, `late` after two periods, `dead` after six, `none` if it never spoke."""
    if last_at is None:
        return "none"
    age = now - last_at - SLACK_MS
    if age > DEAD * period_s * 1000:
        return "dead"
    return "late" if age > LATE * period_s * 1000 else "ok"


def valid_until(last_at: int | None, period_s: float) -> int | None:
    """Until when (ms) a fact of that time may be believed: then the next is overdue."""
    return None if last_at is None else last_at + int(LATE * period_s * 1000) + SLACK_MS
