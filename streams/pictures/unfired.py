"""Limits whose time is over and that no worker has carried out."""

from typing import Any

from sqlalchemy import select

from dispatch.models import timer
from dispatch.vocabulary import EVENT_TYPES
from streams.look import Look
from streams.pictures.picture import Picture
from streams.view import View

LATE_MS = 5_000  # longer than a worker needs to take over from one that died
MOST = 100
LOOK_S = 2.0


def unfired(look: Look, _view: View) -> dict[str, Any]:
    """{timers, since}: how many limits (100 at most), and when the oldest was due (ms)."""
    over = timer.c.due_at <= look.moment.now - LATE_MS
    query = select(timer.c.due_at).where(look.valid(timer), over).order_by(timer.c.due_at)
    dues = [row["due_at"] for row in look.all(query.limit(MOST))]
    return {"timers": len(dues), "since": dues[0] if dues else None}


PICTURES = (Picture("unfired", unfired, frozenset(EVENT_TYPES), every_s=LOOK_S),)
