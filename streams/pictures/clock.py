"""Whether the machine's clock was set and nobody has compared it since."""

from typing import Any

from dispatch import jumps
from streams.look import Look
from streams.pictures.picture import Picture
from streams.stale import CLOCK
from streams.view import View


def clock(look: Look, _view: View) -> dict[str, Any]:
    """{jump}: {seq, at, by_ms, timers}, or None."""
    moment = look.moment
    return {"jump": jumps.standing(look.connection, moment.seq, moment.realm)}


PICTURES = (Picture("clock", clock, CLOCK),)
