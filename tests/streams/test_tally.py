"""Every source is counted, whatever others call themselves; on both stores."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from dispatch.log import Request, Work
from dispatch.models import quarantine, source_seen
from streams.intake import Intake
from tests.dispatch.centre import NOON, Centre
from tests.streams.test_intake import MESSAGE, key, rows
from tests.streams.waiting import wait_for

pytestmark = pytest.mark.both_stores


@pytest.fixture
def intake(centre: Centre) -> Intake:
    return Intake(centre.database, centre.writer, centre.city, now=lambda: centre.now)


@pytest.mark.parametrize("channel", ["alerts.\0", "alerts.gas\0", "alerts." + "x" * 500])
def test_a_channel_of_any_name_holds_up_nobody(
    centre: Centre, intake: Intake, channel: str
) -> None:
    """What it brings is aside; officers' commands beside it are carried out, sources counted."""
    held, go_on = threading.Event(), threading.Event()

    def slow(work: Work) -> dict[str, Any]:
        held.set()
        go_on.wait(5)
        return {}

    centre.writer.submit(Request("a", "slow", {}, slow, NOON))
    held.wait(5)
    with ThreadPoolExecutor(3) as pool:
        aside = pool.submit(intake.on_message, channel, b'{"ext_id":"1"}')
        told = pool.submit(intake.on_message, "alerts.iot", b'{"ext_id":"1","title":"x","seq":1}')
        wait_for(lambda: centre.writer.depth >= 2, 5)
        go_on.set()
        aside.result(10), told.result(10)
    (kept,) = centre.rows(quarantine)
    assert (kept["door"], kept["field"]) == ("redis", "source")
    assert kept["channel"] == channel.replace("\0", "")[:120]
    intake.write_counts()
    intake.json(key("gas"), MESSAGE)
    intake.write_counts()
    assert {row["source"] for row in rows(centre, source_seen)} == {"iot", "gas"}


def test_counts_that_cannot_be_stored_keep_no_other_source_from_being_counted(
    centre: Centre, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"ext_id": "1", "title": "x", "seq": 1}
    intake.on_message("alerts.gas", json.dumps(said).encode())
    intake.write_counts()
    most = {"accepted": 2**63 - 1}
    spoil = update(source_seen).where(source_seen.c.source == "gas").values(**most)
    centre.database.write(lambda connection: connection.execute(spoil))
    for source in ("gas", "iot", "gas"):
        intake.on_message(f"alerts.{source}", json.dumps({**said, "ext_id": source}).encode())
    intake.write_counts()
    seen = {row["source"]: row["accepted"] for row in rows(centre, source_seen)}
    assert seen == {"gas": 2**63 - 1, "iot": 1}
    assert caplog.text.count("the counts of gas cannot be stored") == 1
