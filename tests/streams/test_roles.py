"""Rooms of several roles share a picture only if every one of them may see all of it."""

from itertools import combinations
from typing import Any

from dispatch.city_records import Camera
from dispatch.log import head
from dispatch.vocabulary import Role
from streams.feeds import Feeds
from streams.look import Board
from streams.pictures import PICTURES, take
from streams.view import Moment, View
from tests.dispatch.centre import Centre


def test_who_shares_a_picture_would_have_been_shown_the_same(centre: Centre, board: Board) -> None:
    incident, _ = centre.incident(grade=3)
    centre.war(incident, "e", level=4)
    kept = {"heading": 0, "fov": 90, "url": "rtsp://10.0.0.1/a", "roles": (Role.LEADER,)}
    board.feeds = Feeds({"C1": Camera("C1", "C1", "C1", "e", 37.05, 118.05, **kept)})
    pairs = list(combinations(Role, 2))
    for name in PICTURES:
        for first, second in pairs:
            views = [View(role, ("e",), subject=incident) for role in (first, second)]
            if PICTURES[name].key(views[0]) == PICTURES[name].key(views[1]):
                assert _taken(centre, board, name, views[0]) == _taken(
                    centre, board, name, views[1]
                ), (name, first, second)


def _taken(centre: Centre, board: Board, name: str, view: View) -> dict[str, Any]:
    def read(connection: Any) -> dict[str, Any]:
        return take(board.look(connection, Moment(head(connection), centre.now)), name, view)

    return centre.database.read(read)
