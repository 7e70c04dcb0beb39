"""Log lines: one JSON object each, by which an order can be followed; no secrets, no persons."""

import json
import logging
import subprocess
import sys

import pytest

from ops.logs import Json, Text, clean
from tests.stack import ROOT

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


WRITING = """
import gevent.monkey
gevent.monkey.patch_all()
import logging, sys, gevent
from ops import logs

sys.setswitchinterval(0.001)
logs.start("info", "web")
log = logging.getLogger("x")

def asks_the_store():
    for _ in range(20):
        log.error("a thread of the store %s", "x" * 1000)

def greenlet():
    for _ in range(5):
        gevent.get_hub().threadpool.apply(asks_the_store)
        log.error("the loop")

ended = gevent.joinall([gevent.spawn(greenlet) for _ in range(8)], timeout=20)
print(len(ended))
"""


def test_threads_of_the_store_and_the_loop_write_lines_and_none_waits_for_good() -> None:
    """A commit that failed just when a picture failed too left its process's writer waiting."""
    done = subprocess.run(
        [sys.executable, "-c", WRITING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "8"
    assert done.stderr.count("the loop") == 40
    assert done.stderr.count("a thread of the store") == 800
