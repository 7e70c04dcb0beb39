"""Which plan fits an incident, and what an activation's checklist holds."""

from typing import Any

from dispatch.city import City
from dispatch.city_records import Plan
from dispatch.errors import Invalid

ORDERS_CLOSED, REPORT_SENT = "orders_closed", "report_sent"
ALWAYS = (ORDERS_CLOSED, "units_released", "permissions_revoked", REPORT_SENT, "backlog_resumed")
"""What every stand-down checks, after the end conditions of its plan; texts by these words."""


def find(city: City, id: str, field: str = "plan") -> Plan:
    """The plan of this id. Raises Invalid."""
    for plan in city.plans:
        if plan.id == id:
            return plan
    raise Invalid("unknown_plan", field, f"no plan {id}")


def choose(city: City, category: str, type: str, wanted: str | None) -> Plan | None:
    """The plan that was asked for, else the one that fits best, else None."""
    if wanted is not None:
        return find(city, wanted)
    fitting = city.plans_for(category, type)
    return fitting[0] if fitting else None


def checklist(plan: Plan | None) -> list[dict[str, Any]]:
    """The items to settle before an activation ends; each has a `word`, or `zh` and `en`."""
    ends = plan.end_conditions if plan else ()
    texts: list[dict[str, Any]] = [{"word": None, "zh": end.zh, "en": end.en} for end in ends]
    texts += [{"word": word, "zh": None, "en": None} for word in ALWAYS]
    unsettled = {"done": False, "by": None, "at": None, "note": "", "owner": None}
    return [{"item": n, **text, **unsettled} for n, text in enumerate(texts)]
