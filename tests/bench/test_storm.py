"""The storm's own sums: what is lost or doubled is told, and a busy door is asked again."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from tests.bench.callers import Callers
from tests.bench.kept import compared
from tests.bench.storm import alert, missed

GOOD = {
    **{"sent": 100, "wanted": 100, "lost": 0, "doubled": 0, "painted": 12, "probes": 12},
    **{"painted_p99_ms": 900.0, "order_p99_ms": 300.0, "frame_p95_ms": 30.0},
    **{"single_sqlite": {"lost": 0, "doubled": 0}, "single_postgres": {"lost": 0, "doubled": 0}},
}


def test_a_double_does_not_make_up_for_a_loss() -> None:
    after = {"old": "AL-0", "a": "AL-1", "c": "AL-3"}
    told = {"AL-0": 1, "AL-1": 2, "AL-3": 1}
    assert compared({"a", "b", "c"}, {"old"}, after, told) == {"lost": 1, "doubled": 1}
    assert compared({"a", "c"}, {"old"}, after, Counter(after.values())) == {
        "lost": 0,
        "doubled": 0,
    }


def test_what_is_in_the_store_and_not_in_the_log_is_lost() -> None:
    assert compared({"a"}, set(), {"a": "AL-1"}, {}) == {"lost": 1, "doubled": 0}


def test_what_nobody_sent_is_too_much() -> None:
    after = {"a": "AL-1", "b": "AL-2"}
    assert compared({"a"}, set(), after, {"AL-1": 1, "AL-2": 1}) == {"lost": 0, "doubled": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"lost": 1},
        {"doubled": 1},
        {"sent": 99},
        {"painted": 11},
        {"painted_p99_ms": 2_001.0},
        {"painted_p99_ms": None},
        {"order_p99_ms": 501.0},
        {"frame_p95_ms": 51.0},
        {"single_postgres": {"lost": 1, "doubled": 0}},
    ],
)
def test_each_aim_that_is_missed_is_said(wrong: dict[str, Any]) -> None:
    assert missed(GOOD) == []
    assert len(missed({**GOOD, **wrong})) == 1


def test_a_caller_sends_the_same_alert_until_it_is_taken() -> None:
    heard: list[str] = []

    async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            heard.append(json.loads(await reader.readexactly(size))["ext_id"])
            status = b"503 Busy\r\nRetry-After: 0.01" if len(heard) % 3 else b"201 Created"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    async def story() -> Callers:
        server = await asyncio.start_server(door, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        callers = Callers(url, "key", lambda: alert("single", 4, 0))
        await callers.call(0.2, 1)
        server.close()
        return callers

    callers = asyncio.run(story())
    assert callers.again > 0
    assert set(heard) == callers.sent
    assert all(count == 3 for count in Counter(heard).values())
    assert len(callers.took_ms) == len(callers.sent)
