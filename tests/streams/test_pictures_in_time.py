"""A picture is a query at a moment: what was live at N is what is asked for at N later."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dispatch.errors import Refused
from dispatch.log import Event, head
from dispatch.models import activation, alert, incident, loan, order
from dispatch.vocabulary import Role
from streams.look import Board
from streams.pictures import PICTURES, take
from streams.view import Moment, View
from tests.dispatch.centre import Centre, crew
from tests.dispatch.conftest import UNITS
from tests.streams.conftest import CITY_DESK, EAST_DESK, WEST_DESK

pytestmark = pytest.mark.both_stores

FED = {"sources", "indicators", "indicator_rows", "screens"}  # by telemetry, not by events


@dataclass(frozen=True)
class Shot:
    """A picture as it was live."""

    name: str
    view: View
    moment: Moment
    picture: dict[str, Any]


class Story:
    """A random sequence of real commands and of time that goes by."""

    def __init__(self, centre: Centre, seed: int) -> None:
        self.centre, self.dice = centre, random.Random(seed)
        self.acts: list[Callable[[], Any]] = [
            self.alert, self.alert, self.again, self.handle, self.handle, self.open,
            self.open, self.issue, self.issue, self.issue, self.answer, self.answer, self.answer,
            self.war, self.sign, self.peace, self.follow, self.time, self.merge, self.end,
            self.borrow, self.lend,
        ]  # fmt: skip

    def step(self) -> None:
        self.centre.now += self.dice.randrange(1, 30_000)
        try:
            self.dice.choice(self.acts)()
        except Refused:
            pass  # what the rules refuse changes nothing; that is part of the story

    def one(self, table: Any) -> str:
        rows = self.centre.rows(table)
        return str(self.dice.choice(rows)["id"]) if rows else "none"

    def alert(self) -> None:
        place = {
            "lat": 37.01 + self.dice.random() * 0.08,
            "lon": 118.01 + self.dice.random() * 0.18,
        }
        self.centre.hears(
            severity=self.dice.randint(1, 4), type=self.dice.choice(["leak", "fire"]), **place
        )

    def again(self) -> None:
        known = self.centre.rows(alert, alert.c.source == "gas")
        if known:
            kind = self.dice.choice(["update", "cancel"])
            self.centre.hears(ext_id=self.dice.choice(known)["ext_id"], kind=kind, title="worse")

    def handle(self) -> None:
        name = self.dice.choice(["alert.acknowledge", "alert.verify", "alert.dismiss"])
        more = {"reason": "no"} if name == "alert.dismiss" else {}
        self.centre.does("officer", name, alert=self.one(alert), **more)

    def merge(self) -> None:
        self.centre.does("officer", "alert.merge", alert=self.one(alert), into=self.one(alert))

    def open(self) -> None:
        grade = self.dice.randint(1, 4)
        self.centre.does(
            "officer", "incident.open", alert=self.one(alert), grade=grade, verified=True
        )

    def issue(self) -> None:
        drafts = [row for row in self.centre.rows(order, order.c.state == "DRAFT") if row["unit"]]
        if drafts:
            self.centre.does("officer", "order.issue", orders=[self.dice.choice(drafts)["id"]])

    def answer(self) -> None:
        if not (rows := self.centre.rows(order)):
            return
        row = self.dice.choice(rows)
        name, more = self.dice.choice(
            [
                ("deliver", {}),
                ("read", {}),
                ("acknowledge", {}),
                ("decline", {"reason": "full"}),
                ("advance", {"to": "EN_ROUTE"}),
                ("advance", {"to": "DONE"}),
            ]
        )
        self.centre.does(crew(row["unit"] or UNITS[0].id), f"order.{name}", order=row["id"], **more)

    def follow(self) -> None:
        name = self.dice.choice(["order.cancel", "order.remind", "order.verify"])
        more = {"reason": "no more"} if name == "order.cancel" else {}
        self.centre.does("officer", name, order=self.one(order), **more)

    def war(self) -> None:
        scope = self.dice.choice([("e",), ("w",), ("city",)])
        self.centre.war(self.one(incident), *scope, level=self.dice.randint(1, 4), who="lead")

    def sign(self) -> None:
        self.centre.does("leader", "activation.sign", activation=self.one(activation))

    def peace(self) -> None:
        owners = {str(n): "officer" for n in range(6)}
        asked = {"activation": self.one(activation), "reason": "over", "handover": owners}
        self.centre.does("leader", "activation.end", **asked)

    def end(self) -> None:
        name = self.dice.choice(["incident.control", "incident.note", "incident.end"])
        more = {"incident.note": {"text": "seen"}, "incident.end": {"reason": "over"}}.get(name, {})
        self.centre.does("officer", name, incident=self.one(incident), **more)

    def borrow(self) -> None:
        wanted = {"incident": self.one(incident), "unit": "FIR-W-01"}
        if self.dice.random() < 0.5:
            self.centre.does("officer-e", "loan.ask", **wanted)
        else:
            self.centre.order("FIR-W-01", who="leader", incident=wanted["incident"])

    def lend(self) -> None:
        way = self.dice.choice(["grant", "grant", "give_back", "recall"])
        who = "officer-e" if way == "give_back" else "officer-w"
        self.centre.does(who, f"loan.{way}", loan=self.one(loan))

    def time(self) -> None:
        self.centre.passes(self.dice.choice([5, 60, 200, 700]))


def views(centre: Centre) -> dict[str, list[View]]:
    """For each picture the views to look with: three desks, and things that they may open."""
    desks = [CITY_DESK, EAST_DESK, WEST_DESK]
    things = [row["id"] for table in (alert, incident) for row in centre.rows(table)][-4:]
    opened = [replace(CITY_DESK, subject=one) for one in things]
    phone = [View(Role.RESPONDER, ("e",), subject=UNITS[0].id)]
    own = {"incident": opened, "recommend": opened, "phone": phone}
    return {name: own.get(name, desks) for name in PICTURES if name not in FED}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_picture_asked_for_later_is_the_one_that_was_live(
    centre: Centre, board: Board, seed: int
) -> None:
    story, shots = Story(centre, seed), list[Shot]()
    for _ in range(50):
        story.step()
        shots += live(centre, board)
    for shot in shots[:: max(1, len(shots) // 600)]:
        later = centre.database.read(
            lambda c, s=shot: take(board.look(c, s.moment), s.name, s.view)
        )
        assert later == shot.picture, (shot.name, shot.view, shot.moment)


def live(centre: Centre, board: Board) -> list[Shot]:
    def read(connection: Any) -> list[Shot]:
        moment = Moment(head(connection), centre.now)
        look = board.look(connection, moment)
        return [
            Shot(name, view, moment, take(look, name, view))
            for name, seen in views(centre).items()
            for view in seen
        ]

    return centre.database.read(read)


@pytest.mark.parametrize("seed", [4, 5])
def test_no_event_changes_a_picture_that_it_does_not_make_stale(
    centre: Centre, board: Board, seed: int
) -> None:
    story = Story(centre, seed)
    for _ in range(50):
        before = live(centre, board)
        told = len(centre.rung)
        story.step()
        happened = centre.rung[told:]
        kept = [shot for shot in before if not _stale(shot, happened)]
        moment = before[0].moment
        new = replace(moment, seq=moment.seq + len(happened))
        for shot, now in zip(kept, again(centre, board, new, kept), strict=True):
            assert now == shot.picture, (shot.name, shot.view, [e.type for e in happened])


def _stale(shot: Shot, happened: list[Event]) -> bool:
    return any(PICTURES[shot.name].stale_after(one, shot.view) for one in happened)


def again(centre: Centre, board: Board, moment: Moment, shots: list[Shot]) -> list[dict[str, Any]]:
    """The same pictures at another moment, taken with one look as the live ones were."""

    def read(connection: Any) -> list[dict[str, Any]]:
        look = board.look(connection, moment)
        return [take(look, one.name, one.view) for one in shots]

    return centre.database.read(read)
