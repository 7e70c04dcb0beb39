"""Every panel of every screen, fed with the pictures of a city at work."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component

from dispatch.city import City
from dispatch.log import head
from dispatch.models import alert, incident
from dispatch.vocabulary import Role
from layouts.panel import Panel
from layouts.screens import SCREENS, all_panels, page, panels_of
from layouts.texts import LANGUAGES, Texts
from streams.look import Board
from streams.pictures import PICTURES, take
from streams.view import Moment, View
from tests.dispatch.centre import Centre
from tests.dispatch.conftest import UNITS
from tests.streams.test_pictures_in_time import Story

ROLES = {"wall": Role.WALL, "desk": Role.OFFICER, "phone": Role.RESPONDER}
SCRIPTS = sorted((Path(__file__).parents[2] / "assets").glob("*.js"))
SINK = re.compile(r'hall\.sinks\["([\w-]+)"\]')  # a list that a script takes as mere data
LISTS = ("rows", "rowData")
ON_SCREENS = [(panel.id, screen) for panel in all_panels().values() for screen in panel.screens]
Shot = tuple[Panel, View, dict[str, Any]]


def test_every_panel_asks_for_pictures_that_there_are() -> None:
    asked = {name for panel in all_panels().values() for name in panel.pictures}
    assert asked <= set(PICTURES)


def test_every_screen_has_a_map_and_knows_its_mode() -> None:
    for screen in SCREENS:
        shown = {panel.id for panel in panels_of(screen)}
        assert "mode" in shown
        assert screen == "phone" or "map" in shown


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_no_two_parts_of_a_page_share_an_id(screen: str, lang: str, city: City) -> None:
    whole = page(screen, Texts(lang), city, None)
    ids = [part.id for part in parts(whole) if getattr(part, "id", None)]
    assert sorted(ids) == sorted(set(ids))
    assert json.dumps(whole.to_plotly_json(), cls=_Plain)


def test_a_simulated_city_is_marked_on_every_screen(city: City) -> None:
    for screen in SCREENS:
        marks = [part for part in parts(page(screen, Texts("zh"), city, None)) if _is_mark(part)]
        assert len(marks) == 1, screen
    real = replace(city, settings=replace(city.settings, simulated=False))
    assert not [part for part in parts(page("wall", Texts("zh"), real, None)) if _is_mark(part)]


@pytest.mark.parametrize("seed", [7, 8])
def test_props_change_only_what_the_skeleton_has(centre: Centre, board: Board, seed: int) -> None:
    in_scripts = {id for path in SCRIPTS for id in SINK.findall(path.read_text(encoding="utf-8"))}
    for panel, view, pictures in story(centre, board, seed, steps=40):
        t, screen = Texts(view.lang), _screen(view)
        known = ids_of(panel, t, screen)
        for (id, name), value in panel.props(pictures, t, view).items():
            assert id in known | in_scripts, (panel.id, id, screen)
            json.dumps(value, allow_nan=False)
            if name in LISTS:
                check_rows(panel.id, value)


def test_props_come_from_the_pictures_alone(centre: Centre, board: Board) -> None:
    for panel, view, pictures in story(centre, board, seed=9, steps=25):
        t, before = Texts(view.lang), copy.deepcopy(pictures)
        first, second = panel.props(pictures, t, view), panel.props(before, t, view)
        assert first == second, panel.id
        assert pictures == before, f"{panel.id} changes its pictures"


def check_rows(panel: str, rows: Any) -> None:
    """A list is rows with ids of their own and a rank to sort by."""
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)), (panel, ids)
    assert all(isinstance(row["id"], str) and isinstance(row["rank"], str) for row in rows), panel


def story(centre: Centre, board: Board, seed: int, steps: int) -> Iterator[Shot]:
    """Every panel with its pictures, again and again while things happen."""
    told = Story(centre, seed)
    for n in range(steps):
        told.step()
        if n % 8 == 0 or n == steps - 1:
            yield from shots(centre, board)


def shots(centre: Centre, board: Board) -> list[Shot]:
    things = [row["id"] for table in (alert, incident) for row in centre.rows(table)][-3:]

    def read(connection: Any) -> list[Shot]:
        look = board.look(connection, Moment(head(connection), centre.now))
        return [
            (panel, view, {name: take(look, name, view) for name in panel.pictures})
            for panel in all_panels().values()
            for view in views(panel, things)
        ]

    return centre.database.read(read)


def views(panel: Panel, things: list[str]) -> Iterator[View]:
    """Who looks at a panel, with nothing opened and with each thing that it could show."""
    for screen in panel.screens:
        for lang, scope in (("zh", ("city",)), ("en", ("e",))):
            subjects = ["", *things] if panel.subject else [""]
            for subject in [*subjects, UNITS[0].id] if screen == "phone" else subjects:
                yield View(ROLES[screen], scope, lang, subject)


def _screen(view: View) -> str:
    return next(name for name, role in ROLES.items() if role == view.role)


def ids_of(panel: Panel, t: Texts, screen: str) -> set[str]:
    built = html.Div(panel.skeleton(t, screen))
    return {part.id for part in parts(built) if getattr(part, "id", None)}


def parts(whole: Any) -> Iterator[Component]:
    if isinstance(whole, Component):
        yield whole
        yield from parts(getattr(whole, "children", None))
    elif isinstance(whole, list | tuple):
        for one in whole:
            yield from parts(one)


def _is_mark(part: Component) -> bool:
    return getattr(part, "className", None) == "sim"


class _Plain(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return o.to_plotly_json()
