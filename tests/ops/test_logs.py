"""Log lines: one JSON object each, by which an order can be followed; no secrets, no persons."""

import json
import logging

import pytest

from ops.logs import Json, Text, clean

LINES = [
    ("password=hunter2 given", "password=*** given"),
    ("Authorization: Bearer yp_gas_0123456789abcdef", "Authorization: ***"),
    ("key yp_gas_" + "0" * 48, "key yp_gas_***"),
    ("rtsp://admin:secret@10.0.0.9/1", "rtsp://admin:***@10.0.0.9/1"),
    ("postgresql://me:pa55@host/db", "postgresql://me:***@host/db"),
    ("called 13812345678 back", "called 138****5678 back"),
    ("alert AL-1123-0001 of source gas", "alert AL-1123-0001 of source gas"),
    ("at 1700000000000", "at 1700000000000"),
]


@pytest.mark.parametrize(("given", "shown"), LINES)
def test_secrets_and_telephone_numbers_are_not_shown(given: str, shown: str) -> None:
    assert clean(given) == shown


def test_a_line_is_one_json_object_with_the_words_that_stay_the_same() -> None:
    record = logging.LogRecord("part", 30, "f", 1, "timer %s is late", ("t-1",), None)
    record.facts = {"order": "ZL-1"}
    found = json.loads(Json("worker").format(record))
    assert found["event"] == "timer %s is late"
    assert found["text"] == "timer t-1 is late"
    assert (found["level"], found["order"]) == ("warning", "ZL-1")
    assert found["process"].startswith("worker:")
    assert found["time"].endswith("Z")


def test_an_error_stays_on_one_line_with_its_trace() -> None:
    try:
        raise ValueError("token=abc\nsecond line")
    except ValueError as error:
        record = logging.LogRecord("part", 40, "f", 1, "it failed", (), (ValueError, error, None))
    line = Json("web").format(record)
    assert "\n" not in line
    assert "abc" not in line
    assert json.loads(line)["error"] == "ValueError"


def test_a_person_reads_words() -> None:
    record = logging.LogRecord("part", 20, "f", 1, "token=%s used", ("abc",), None)
    assert Text().format(record).endswith("INFO part: token=*** used")
