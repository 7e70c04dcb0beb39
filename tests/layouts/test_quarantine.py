"""The list of refused messages says why each was refused in the reader's own words."""

import pytest

from dispatch import quarantine
from dispatch.errors import Invalid
from dispatch.vocabulary import Role
from layouts.texts import LANGUAGES, Texts
from streams.look import Board
from streams.view import View
from tests.dispatch.centre import Centre
from tests.layouts.looking import props_of, said

DETAIL = "latitude goes from -90 to 90"


def refuse(centre: Centre, code: str, field: str) -> None:
    reason = Invalid(code, field, DETAIL)
    quarantine.keep(centre.writer, "redis", "alerts.gas", "{", reason, code, centre.now)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "words"),
    [("not_your_source", "not_your_source"), ("less_than_equal", "out_of_range"),
     ("json_invalid", "invalid")],
)  # fmt: skip
def test_a_refusal_is_told_by_its_code_with_its_field(
    centre: Centre, board: Board, lang: str, code: str, words: str
) -> None:
    refuse(centre, code, "lat")
    view = View(Role.OFFICER, ("city",), lang=lang)
    (line,) = props_of("quarantine", centre, board, view)[("quarantine-list", "rows")]
    assert "alerts.gas · lat" in said(line)
    assert Texts(lang)(f"refused.{words}") in said(line)
    assert DETAIL not in said(line)


def test_a_message_refused_as_a_whole_names_no_field(centre: Centre, board: Board) -> None:
    refuse(centre, "json_invalid", "")
    view = View(Role.OFFICER, ("city",))
    (line,) = props_of("quarantine", centre, board, view)[("quarantine-list", "rows")]
    assert "alerts.gas" in said(line)
    assert "alerts.gas · " not in said(line)
