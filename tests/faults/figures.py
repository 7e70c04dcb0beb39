"""The figures of a run, and which of them are not what is promised."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.measure import percentile
from tests.faults import matrix
from tests.faults.bench import Outcome
from tests.faults.rows import Found
from tests.faults.schedule import rows_drawn

FIGURES = (
    *("schedules", "lost", "doubled", "converge_p99_s", "converge_max_s", "stale_max_s"),
    *("order_p99_redis_dead_ms", "not_run"),
)
"""What the last line holds; the rest of what was counted stands in the line before it."""
ENOUGH = 100  # of fewer values p99 is only the greatest, which chance picks
AIMS = {
    "converge_p99_s": (1.2, "s until all screens agree, p99"),
    "converge_max_s": (2.0, "s until all screens agree"),
    "stale_max_s": (3.0, "s until the page says that it is old"),
    "order_p99_redis_dead_ms": (300.0, "ms for an order while Redis is dead or dumb, p99"),
}
"""Figure -> what is promised of it, and what it is."""
SAMPLES = {"converge_p99_s": "converged", "order_p99_redis_dead_ms": "orders_redis_dead"}
"""A p99 -> how many values it was taken of."""


def summary(
    outcomes: Sequence[Outcome],
    dead_ms: Sequence[float],
    extra: Found | None = None,
    why: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The figures of schedules and rows. why: of the rows that could not be run, why not."""
    extra = extra or Found()
    times = [one.converge_s for one in outcomes] + extra.converge_s
    marks = [m for one in outcomes for m in one.marks_ms] + extra.marks_ms
    return {
        "schedules": len(outcomes),
        "lost": sum(one.lost for one in outcomes),
        "doubled": sum(one.doubled for one in outcomes),
        "converge_p99_s": _p99(times, 2),
        "converge_max_s": round(max(times), 2) if times else None,
        "stale_max_s": round(max(marks) / 1000, 2) if marks else None,
        "order_p99_redis_dead_ms": _p99(dead_ms, 1),
        "not_run": matrix.not_run(_ran(outcomes, extra), {**(why or {}), **extra.not_run}),
        "failed": [one.schedule.seed for one in outcomes if one.failed] + extra.failed,
        "intents": sum(one.intents for one in outcomes),
        "rows": len(extra.ran),
        "converged": len(times),
        "orders_redis_dead": len(dead_ms),
        "order_p99_ms_with_redis": extra.apart_ms,
        "stale_marks": len(marks),
        "worst": [one.schedule.seed for one in sorted(outcomes, key=_slowness)[:3]],
    }


def missed(result: Mapping[str, Any], wanted: int) -> list[str]:
    """A plain sentence for each figure that is not what is promised. wanted: so many schedules."""
    told = [f"{result[name]} {name}, not 0" for name in ("lost", "doubled") if result[name]]
    if result["schedules"] < wanted:
        told.append(f"{result['schedules']} schedules, not {wanted}: the time was over")
    if result["rows"] and result["stale_max_s"] is None:
        told.append("no page was ever old for three seconds: what it then says was not seen")
    return told + [
        f"{result[name]} {what}, not {aim:g}"
        for name, (aim, what) in AIMS.items()
        if result[name] is not None and result[name] > aim and _enough(result, name)
    ]


def unsure(result: Mapping[str, Any]) -> list[str]:
    """A sentence for each p99 that too few values stand behind to hold it to anything."""
    return [
        f"{name} is of {result[SAMPLES[name]]} values, held to nothing below {ENOUGH}"
        for name in SAMPLES
        if not _enough(result, name)
    ]


def _enough(result: Mapping[str, Any], name: str) -> bool:
    return name not in SAMPLES or result[SAMPLES[name]] >= ENOUGH


def _ran(outcomes: Sequence[Outcome], extra: Found) -> set[str]:
    drawn = rows_drawn([one.schedule for one in outcomes])
    return drawn | extra.ran | ({"F49"} if outcomes else set())


def _p99(values: Sequence[float], digits: int) -> float | None:
    return round(percentile(values, 0.99), digits) if values else None


def _slowness(one: Outcome) -> float:
    return -one.converge_s
