"""Bad input at every door: refused by name, told to nobody, and no good alert waits for it."""

import itertools
import json
from typing import Any

import httpx
import pytest

from tests.badinput.cases import CASES, Case
from tests.badinput.doors import Doors, heard

NUMBERS = itertools.count(1)
PROBLEM = "application/problem+json"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_refused_by_name_and_holds_up_nothing(doors: Doors, case: Case) -> None:
    n = next(NUMBERS)
    mark = f"poison-{n}-x"
    doors.forget()
    head, aside = doors.standing()
    answer = case.run(doors, mark)
    CHECKS[case.wants](doors, case, mark, answer)
    sent = doors.send(doors.good(n))
    assert sent.status_code == 201, sent.text
    assert doors.late(sent.json()["alert"]) == [], "the good alert after it came late"
    if case.wants == "ignored":
        made = {one["subject"] for one in doors.events(head)} - {sent.json()["alert"]}
        assert not made, "something came of it"
        assert doors.standing()[1] == aside
    assert doors.broken() == ""
    if case.wants != "taken":
        assert mark not in doors.told(doors.desk) + doors.told(doors.wall)
    assert not doors.desk.closed.is_set()
    assert not doors.wall.closed.is_set()


def refused(_doors: Doors, case: Case, _mark: str, answer: Any) -> None:
    if not isinstance(answer, httpx.Response):
        assert answer["ok"] is False
        assert answer["code"] not in ("fault", "")
        return
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    assert not case.status or answer.status_code in case.status, answer.text[:300]
    assert answer.headers["Content-Type"].startswith(PROBLEM), answer.text[:300]
    problem = answer.json()
    assert problem["code"]
    assert problem["status"] == answer.status_code


def aside(doors: Doors, _case: Case, mark: str, _answer: Any) -> None:
    assert doors.waits_aside(mark), "it is neither in the log nor aside"


def ignored(_doors: Doors, _case: Case, _mark: str, answer: Any) -> None:
    """Nobody is answered; that nothing comes of it is seen once the alert after it is there."""
    assert answer is None


def counted(_doors: Doors, _case: Case, _mark: str, answer: Any) -> None:
    """A batch in which every row was refused for itself."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["accepted"] == 0
    rows = told.get("items") or told["refused"]
    assert all(row.get("problem", row)["code"] for row in rows)


def taken(doors: Doors, case: Case, mark: str, answer: Any) -> None:
    """It is an alert like any other: on disk, and on the screens as plain text."""
    assert answer.status_code == 201, answer.text
    assert doors.late(mark, *([] if case.placed else ["desk"])) == []
    for screen in (doors.desk, doors.wall):
        for _, _, text in heard(screen):
            assert "\\u202e" not in json.dumps(text), "a text that turns what follows around"


CHECKS = {
    "refused": refused,
    "aside": aside,
    "ignored": ignored,
    "counted": counted,
    "taken": taken,
}


def test_there_are_cases_for_every_door() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def test_after_all_of_it_the_log_holds_and_nothing_was_a_fault(doors: Doors) -> None:
    doors.forget()
    said = doors.stack.console("audit", "verify")
    assert said.startswith("the log is whole"), said
    assert "\n".join(doors.stack.errors()) == ""
    last = {"ext_id": "last", "title": "a letter after all", "severity": 1}
    mail = {"json": json.dumps(last)}
    doors.mail(mail, "alerts:video")
    assert doors.late("a letter after all", "desk") == []
