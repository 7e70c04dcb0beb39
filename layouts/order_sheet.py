"""The order sheet of a city as it is now, from the store alone: no web process, no Redis."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from dispatch import log
from dispatch.vocabulary import CITY, REAL, Role
from layouts import paper, pdf
from layouts.texts import Texts
from streams.look import Board
from streams.pictures import take
from streams.view import Moment, View

POSTS = (Role.LEADER, Role.SHIFT_LEAD, Role.OFFICER)


def read(
    connection: Connection, board: Board, now: int, scope: tuple[str, ...] = (CITY,)
) -> tuple[dict[str, Any], paper.Origin]:
    """The pictures that the sheet needs, of one moment, and where they come from."""
    head, last_hash = log.lock_head(connection, lock=False)
    look = board.look(connection, Moment(head, now, REAL))
    view = View(Role.LEADER, scope)
    pictures = {name: take(look, name, view) for name in paper.PICTURES}
    settings = board.city.settings
    centre = {"zh": settings.centre_zh, "en": settings.centre_en}
    phones = {one.id: one.phone for one in board.city.people if one.role in POSTS}
    return pictures, paper.Origin(centre, now, head, last_hash, settings.simulated, phones)


def make(pictures: dict[str, Any], origin: paper.Origin, lang: str, vendor: Path) -> bytes:
    """The sheet as PDF."""
    return pdf.draw(paper.sheet(pictures, origin, Texts(lang)), vendor)
