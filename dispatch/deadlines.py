"""Timers as rows: armed and disarmed in the transaction of what they watch."""

from dispatch.log import Row, Work
from dispatch.models import timer
from dispatch.vocabulary import TimerKind


def arm(work: Work, kind: TimerKind, subject: str, due_at: int, step: int = 1) -> None:
    """Have `kind` happen to `subject` at `due_at`, unless it is disarmed before."""
    row = row_of(kind, subject, due_at, step)
    work.put(timer, row.pop("id"), **row)


def row_of(kind: TimerKind, subject: str, due_at: int, step: int = 1) -> Row:
    """A timer as it is stored."""
    own = {"id": f"{kind}.{subject}.{step}", "kind": str(kind), "subject": subject}
    return {**own, "step": step, "due_at": due_at}


def disarm(work: Work, subject: str, *kinds: TimerKind) -> None:
    """Nothing of these kinds (of any kind, if none is named) happens to `subject` any more."""
    for row in work.rows(timer, timer.c.subject == subject):
        if not kinds or row["kind"] in kinds:
            work.end(timer, row["id"])
