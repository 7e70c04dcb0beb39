"""One alert stands for another that tells of the same thing."""

from typing import Any

from dispatch import canonical
from dispatch.deadlines import disarm
from dispatch.log import Row, Work
from dispatch.models import alert, incident
from dispatch.vocabulary import AlertState


def merge(work: Work, row: Row, target: Row) -> None:
    """Close an alert: the target stands for both from now on, and so does its incident."""
    values: dict[str, Any] = {"state": AlertState.MERGED.value, "merged_into": target["id"]}
    if target["incident"] is not None:
        values["incident"] = target["incident"]
        _join(work, target["incident"], row["id"])
    new = work.put(alert, row["id"], **values, closed_at=work.now)
    tell(work, new, target)
    disarm(work, row["id"])


def tell(work: Work, row: Row, target: Row) -> None:
    """Say that another alert stands for this one."""
    body = {"level": row["severity"], "into": target["id"]}
    scope = canonical.loads(row["scope_json"])
    work.emit("AlertMerged", row["id"], scope, body, row["incident"])


def _join(work: Work, incident_id: str, alert_id: str) -> None:
    row = work.get(incident, incident_id)
    joined = [*canonical.loads(row["alerts_json"]), alert_id]
    work.put(incident, incident_id, alerts_json=canonical.dumps(joined))
