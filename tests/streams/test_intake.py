"""The intake: every door comes to the same alert, and what is refused says why."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.access import Actor
from dispatch.database import Database
from dispatch.errors import Busy, Forbidden, Invalid
from dispatch.log import Answer, Request
from dispatch.models import alert, position, quarantine, reading, source_seen
from dispatch.writer import Writer
from streams.datum import wgs_to_gcj
from streams.intake import Intake
from streams.positions import Positions
from streams.series import PositionBatch, ReadingBatch
from tests.dispatch.centre import NOON, Centre
from tests.streams.conftest import Take
from tests.streams.redis_server import Server
from tests.streams.test_cap import sample
from tests.streams.test_positions import unpacked
from tests.streams.waiting import running, wait_for

MESSAGE: dict[str, Any] = {
    "source": "gas", "ext_id": "7", "title": "泄漏 <b>", "category": "accident",
    "type": "leak", "severity": 2, "lat": 37.05, "lon": 118.05, "place": "东门",
    "occurred_at": "2026-11-21T11:59:00+08:00", "confidence": 0.9,
    "sensor": "GT-1", "value": 68.0, "unit": "ppm",
}  # fmt: skip


def key(source: str, *rights: str) -> Actor:
    granted = rights or ("alerts:write", "readings:write", "positions:write")
    return Actor(f"key:{source}", None, source=source, rights=granted)


@pytest.fixture
def positions(centre: Centre) -> Positions:
    return Positions(centre.city)


@pytest.fixture
def intake(centre: Centre, positions: Positions) -> Intake:
    return Intake(centre.database, centre.writer, centre.city, positions, now=lambda: centre.now)


def rows(centre: Centre, table: Any) -> list[dict[str, Any]]:
    return centre.database.read(lambda c: [dict(r) for r in c.execute(select(table)).mappings()])


def test_json_becomes_an_alert(centre: Centre, intake: Intake) -> None:
    answer = intake.json(key("gas"), MESSAGE)
    made = centre.row(answer.body["alert"])
    assert (made["title"], made["severity"], made["type"]) == ("泄漏 <b>", 2, "leak")
    assert made["occurred_at"] == NOON - 60_000
    assert json.loads(made["scope_json"]) == ["e"]
    assert json.loads(made["reading_json"]) == {"sensor": "GT-1", "unit": "ppm", "value": 68.0}


def test_the_same_alert_by_every_door_is_one_alert(centre: Centre, intake: Intake) -> None:
    ids = {intake.json(key("gas"), MESSAGE).body["alert"] for _ in range(2)}
    intake.on_message("alerts.gas", json.dumps(MESSAGE).encode())
    assert len(ids) == 1
    assert [row["id"] for row in centre.rows(alert)] == list(ids)


def test_cap_alert_update_and_cancel_are_one_life(centre: Centre, intake: Intake) -> None:
    centre.now = NOON + 7_200_000
    id = intake.cap(key("weather"), sample("rainstorm_orange")).body["alert"]
    assert centre.row(id)["severity"] == 2
    assert intake.cap(key("weather"), sample("rainstorm_red_update")).body["alert"] == id
    assert (centre.row(id)["severity"], centre.row(id)["revision"]) == (1, 2)
    intake.cap(key("weather"), sample("rainstorm_cancel"))
    assert centre.row(id)["state"] == "CANCELLED"
    assert len(centre.rows(alert)) == 1


def test_a_cap_message_is_known_again_by_when_it_was_sent(centre: Centre, intake: Intake) -> None:
    """The first warning, sent again after the graver one, is no third word."""
    centre.now = NOON + 7_200_000
    orange, red = sample("rainstorm_orange"), sample("rainstorm_red_update")
    id = intake.cap(key("weather"), orange).body["alert"]
    intake.cap(key("weather"), red)
    assert intake.cap(key("weather"), orange).fresh is False
    assert (centre.row(id)["severity"], centre.row(id)["revision"]) == (1, 2)


def test_a_cap_cancel_ends_every_warning_that_it_refers_to(centre: Centre, intake: Intake) -> None:
    centre.now = NOON + 7_200_000
    orange = sample("rainstorm_orange")
    second = orange.replace(b"YB-RAIN-0001", b"YB-RAIN-0002").replace(b"11:58:00", b"12:20:00")
    for one in (orange, second, sample("rainstorm_cancel")):
        intake.cap(key("weather"), one)
    assert [row["state"] for row in centre.rows(alert)] == ["CANCELLED"] * 2


def test_a_source_in_gcj02_is_put_where_it_happened(centre: Centre, intake: Intake) -> None:
    lat, lon = wgs_to_gcj(37.05, 118.05)
    said = {**MESSAGE, "source": "grid", "lat": lat, "lon": lon}
    made = centre.row(intake.json(key("grid"), said).body["alert"])
    assert (made["lat"], made["lon"]) == pytest.approx((37.05, 118.05), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "nobody"}, "source"),
        ({"severity": 5}, "severity"),
        ({"severity": "2"}, "severity"),
        ({"severity": True}, "severity"),
        ({"lat": 91.0}, "lat"),
        ({"lat": None}, "lat"),
        ({"colour": "red"}, "colour"),
        ({"occurred_at": "2026-11-21T11:59:00"}, "occurred_at"),
        ({"occurred_at": "2150-01-01T00:00:00Z"}, "occurred_at"),
        ({"sent_at": "2150-01-01T00:00:00Z"}, "sent_at"),
        ({"district": "north"}, "district"),
        ({"title": ""}, "title"),
        ({"value": float("nan")}, ""),
        ({"confidence": 1.5}, "confidence"),
        ({"category": "weird"}, "category"),
    ],
)
def test_a_refused_alert_names_the_field(
    centre: Centre, intake: Intake, change: dict[str, Any], field: str
) -> None:
    said = {**MESSAGE, **change}
    with pytest.raises(Invalid) as wrong:
        intake.json(key(said["source"]), said)
    assert wrong.value.field == field
    assert centre.rows(alert) == []


def test_a_leap_second_is_a_time(centre: Centre, intake: Intake) -> None:
    said = {**MESSAGE, "occurred_at": "2016-12-31T23:59:60.500Z"}
    made = centre.row(intake.json(key("gas"), said).body["alert"])
    assert made["occurred_at"] == 1_483_228_800_500  # the first second of the year
    with pytest.raises(Invalid):
        intake.json(key("gas"), {**MESSAGE, "occurred_at": "2016-12-31T23:60:00Z"})


def test_no_alert_is_lost_because_our_clock_was_set_back(centre: Centre, intake: Intake) -> None:
    """Two hours back: what comes is of now, what its source said stands beside it."""
    ahead = NOON + 2 * 3_600_000
    said = {**MESSAGE, "occurred_at": ahead, "sent_at": ahead}
    made = centre.row(intake.json(key("gas"), said).body["alert"])
    assert (made["occurred_at"], made["said_at"]) == (centre.now, ahead)
    batch = intake.batch(key("gas"), [{**said, "ext_id": f"b{n}"} for n in range(3)])
    ids = [one.body["alert"] for one in batch if not isinstance(one, Exception)]
    assert [centre.row(id)["said_at"] for id in ids] == [ahead] * 3
    centre.now = NOON - 400 * 86_400_000  # a clock whose battery is empty
    warned = centre.row(intake.cap(key("weather"), sample("rainstorm_orange")).body["alert"])
    assert (warned["occurred_at"], warned["said_at"]) == (centre.now, warned["sent_at"])


def test_a_time_in_doubt_stays_as_it_was_said_until_another_is(
    centre: Centre, intake: Intake
) -> None:
    ahead = NOON + 3_600_000
    said = {**MESSAGE, "occurred_at": ahead, "sent_at": ahead}
    id = intake.json(key("gas"), said).body["alert"]
    centre.now += 60_000
    again = intake.json(key("gas"), {**said, "sent_at": ahead + 60_000})
    assert again.body["outcome"] == "repeated"
    right = {**said, "occurred_at": NOON - 60_000, "sent_at": centre.now}
    assert intake.json(key("gas"), right).body["outcome"] == "updated"  # whatever was said before
    row = centre.row(id)
    assert (row["occurred_at"], row["said_at"]) == (NOON - 60_000, None)
    late = {**right, "title": "older", "sent_at": centre.now - 1}
    assert intake.json(key("gas"), late).body["outcome"] == "stale"


def test_a_unit_whose_clock_is_ahead_is_where_it_is_now(
    centre: Centre, intake: Intake, positions: Positions
) -> None:
    row = {"unit": "FIR-E-01", "lat": 37.05, "lon": 118.05, "at": centre.now + 3_600_000}
    said = PositionBatch(source="positions", positions=[row])
    assert intake.positions(key("positions"), said)["accepted"] == 1
    ((_, _, _, age, _),) = unpacked(positions.frame(("city",), centre.now))
    assert age == 0


def test_a_reading_of_a_time_to_come_is_refused_and_the_desk_is_told_once_an_hour(
    centre: Centre, intake: Intake
) -> None:
    """Taken, it would be drawn over what was measured then; unsaid, a source would fall silent."""
    early = {"sensor": "m.power.e", "at": centre.now + 3_600_000, "value": 150.5}
    good = {**early, "at": centre.now}
    for n in range(3):
        batch = ReadingBatch(source="power", readings=[{**good, "at": good["at"] + n}, early])
        answer = intake.readings(key("power", "readings:write"), batch)
        assert answer["accepted"] == 1
        assert answer["refused"][0]["code"] == "in_the_future"
    (told,) = centre.rows(quarantine)
    assert (told["channel"], told["field"]) == ("power", "at")
    assert "m.power.e" in told["payload"]
    centre.now += 3_600_000
    later = {**early, "at": centre.now + 3_600_000}
    intake.readings(key("power", "readings:write"), ReadingBatch(source="power", readings=[later]))
    assert len(centre.rows(quarantine)) == 2


class Asked(Writer):
    """The writer of another process, which counts what it is asked. busy: so often it refuses."""

    def __init__(self, database: Database, busy: int = 0) -> None:
        super().__init__(database, rang=lambda _events: None)
        self.busy, self.times = busy, 0

    def command(self, request: Request) -> Answer:
        self.times += 1
        if self.times <= self.busy:
            raise Busy("store_unavailable")
        return super().command(request)


def test_what_another_process_has_told_the_desk_is_not_tried_again_all_hour(
    centre: Centre, intake: Intake
) -> None:
    """Not by every batch: each would wait for the store's one writer."""
    early = {"sensor": "m.power.e", "at": centre.now + 3_600_000, "value": 150.5}
    writer = Asked(centre.database, busy=1)
    other = Intake(centre.database, writer, centre.city, now=lambda: centre.now)
    for n, hall in enumerate((intake, other, other, other)):
        batch = ReadingBatch(source="power", readings=[{**early, "value": float(n)}])
        assert hall.readings(key("power", "readings:write"), batch)["refused"]
    writer.close()
    assert len(centre.rows(quarantine)) == 1
    assert writer.times == 2, "once in vain, once to learn that it is told"


def test_a_key_speaks_for_its_own_source_alone(intake: Intake) -> None:
    with pytest.raises(Invalid, match="speaks for 110"):
        intake.json(key("110"), MESSAGE)
    with pytest.raises(Forbidden):
        intake.json(key("gas", "readings:write"), MESSAGE)


@pytest.mark.parametrize(
    ("channel", "payload", "field"),
    [
        ("alerts.gas", b"{", ""),
        ("alerts.gas", b"[1]", ""),
        ("alerts.gas", b"\xff\xfe\x00", ""),
        ("alerts.gas", b'{"ext_id":"1","title":"x","value":NaN}', ""),
        ("alerts.gas", b'{"source":"110","ext_id":"1","title":"x"}', "source"),
        ("alerts.gas", b'{"title":"x"}', "ext_id"),
        ("alerts.gas", b'{"ext_id":"1"}', "title"),
        ("alerts.mars", b'{"ext_id":"1","title":"x"}', "source"),
        ("alerts.gas", b'{"ext_id":"1","title":"x","text":"' + b"y" * 70_000 + b'"}', ""),
    ],
)
def test_what_redis_brings_and_nobody_understands_is_kept_for_the_desk(
    centre: Centre, intake: Intake, channel: str, payload: bytes, field: str
) -> None:
    intake.on_message(channel, payload)
    intake.on_message(channel, payload)
    (kept,) = centre.rows(quarantine)
    assert (kept["door"], kept["channel"], kept["field"]) == ("redis", channel, field)
    assert kept["reason"]
    assert len(kept["payload"]) <= 2_048
    assert centre.rows(alert) == []


def test_a_name_that_no_store_can_hold_is_refused(centre: Centre, intake: Intake) -> None:
    for bad in ({"ext_id": "a\0"}, {"type": "a\0"}, {"references": ["a\0"]}, {"district": "\0"}):
        with pytest.raises(Invalid) as refused:
            intake.json(key("gas"), {**MESSAGE, **bad})
        assert refused.value.field.split(".")[0] in bad
    row = {"sensor": "m.power.e", "at": NOON, "value": 1.0}
    spoilt = [{**row, "sensor": "m\0"}, {**row, "quality": "\0"}, row]
    answer = intake.readings(key("power"), ReadingBatch(source="power", readings=spoilt))
    assert answer["accepted"] == 1
    assert [one["field"] for one in answer["refused"]] == ["sensor", "quality"]


def test_readings_are_kept_once_and_refused_row_by_row(centre: Centre, intake: Intake) -> None:
    good = {"sensor": "m.power.e", "at": NOON - 60_000, "value": 150.5}
    batch = ReadingBatch(
        source="power",
        readings=[
            good, {**good, "sensor": "m.water.e"}, {**good, "sensor": "none"},
            {**good, "value": "150"}, {**good, "at": NOON + 3_600_000}, {**good, "at": NOON - 1},
        ],
    )  # fmt: skip
    answer = intake.readings(key("power"), batch)
    assert answer["accepted"] == 2
    assert [(one["row"], one["field"]) for one in answer["refused"]] == [
        (1, "sensor"), (2, "sensor"), (3, "value"), (4, "at"),
    ]  # fmt: skip
    intake.readings(key("power"), batch)
    assert len(rows(centre, reading)) == 2


def drives(centre: Centre, intake: Intake, metres_s: float) -> None:
    """A unit reports each second for two minutes, in the datum of its source."""
    for second in range(120):
        centre.now = NOON + second * 1_000
        lat, lon = wgs_to_gcj(37.05 + second * metres_s / 111_320, 118.05)
        row = {"unit": "FIR-E-01", "lat": lat, "lon": lon, "at": centre.now, "speed": metres_s}
        said = PositionBatch(source="positions", positions=[row])
        assert intake.positions(key("positions"), said)["accepted"] == 1


@pytest.mark.parametrize(("metres_s", "stored"), [(12.0, 8), (0.0, 2)])
def test_every_place_is_shown_and_a_few_are_stored(
    centre: Centre, intake: Intake, positions: Positions, metres_s: float, stored: int
) -> None:
    drives(centre, intake, metres_s)
    kept = rows(centre, position)
    assert len(kept) == stored
    assert (kept[0]["lat"], kept[0]["lon"]) == pytest.approx((37.05, 118.05), abs=1e-6)
    ((_, lat, _, age, _),) = unpacked(positions.frame(("city",), centre.now))
    assert age == 0
    assert lat == pytest.approx(37.05 + 119 * metres_s / 111_320, abs=1e-5)


def test_who_does_not_know_where_it_is_is_heard_and_not_shown_in_the_atlantic(
    centre: Centre, intake: Intake
) -> None:
    made = centre.row(intake.json(key("gas"), {**MESSAGE, "lat": 0, "lon": 0.0}).body["alert"])
    assert (made["lat"], made["lon"], made["title"]) == (None, None, MESSAGE["title"])
    row = {"unit": "FIR-E-01", "lat": 0.0, "lon": 0.0}
    said = PositionBatch(source="positions", positions=[row])
    assert [one["code"] for one in intake.positions(key("positions"), said)["refused"]] == [
        "nowhere"
    ]


def test_a_position_of_an_unknown_unit_is_refused(intake: Intake) -> None:
    row = {"unit": "X", "lat": 37.0, "lon": 118.0}
    answer = intake.positions(
        key("positions"), PositionBatch(source="positions", positions=[row, {"unit": "FIR-E-01"}])
    )
    assert [(one["row"], one["field"]) for one in answer["refused"]] == [(0, "unit"), (1, "lat")]


@pytest.mark.postgres
def test_batches_and_counts_are_kept_on_postgresql_too(postgres_url: str, city: Any) -> None:
    database = Database(postgres_url)
    centre = Centre(database, city)
    intake = Intake(database, centre.writer, city, Positions(city), now=lambda: centre.now)
    row = {"sensor": "m.power.e", "at": NOON, "value": 1.0}
    for _ in range(2):
        intake.readings(key("power"), ReadingBatch(source="power", readings=[row]))
        intake.write_counts()
    assert len(rows(centre, reading)) == 1
    assert [one["accepted"] for one in rows(centre, source_seen)] == [2]
    centre.writer.close()
    database.close()


def test_every_source_is_counted(centre: Centre, intake: Intake) -> None:
    intake.json(key("gas"), MESSAGE)
    for bad in ({"severity": 9}, {"title": ""}):
        with pytest.raises(Invalid):
            intake.json(key("gas"), {**MESSAGE, **bad})
    for number in (1, 2, 5):
        said = {"ext_id": f"r{number}", "title": "x", "seq": number}
        intake.on_message("alerts.iot", json.dumps(said).encode())
    intake.write_counts()
    intake.write_counts()
    seen = {row["source"]: row for row in rows(centre, source_seen)}
    assert (seen["gas"]["accepted"], seen["gas"]["refused"]) == (1, 2)
    assert (seen["iot"]["accepted"], seen["iot"]["gaps"]) == (3, 2)
    assert seen["gas"]["last_at"] == NOON
    intake.json(key("gas"), MESSAGE)
    intake.write_counts()
    assert {row["source"]: row["accepted"] for row in rows(centre, source_seen)}["gas"] == 2


def test_a_hole_in_a_senders_count_is_shown_until_it_is_filled(
    centre: Centre, intake: Intake, picture: Take
) -> None:
    def hear(*counted: int) -> dict[str, Any]:
        for number in counted:
            said = {"ext_id": f"r{number}", "title": "x", "seq": number}
            intake.on_message("alerts.iot", json.dumps(said).encode())
        intake.write_counts()
        centre.now += 5_000
        return next(one for one in picture("sources")["sources"] if one["id"] == "iot")

    first = hear(1, 2, 5)
    assert (first["gaps"], first["best_effort"]) == (2, True)
    assert first["holes"] == [{"first": 3, "last": 4, "at": NOON}]
    again = Intake(centre.database, centre.writer, centre.city, now=lambda: centre.now)
    said = {"ext_id": "r4", "title": "x", "seq": 4}
    again.on_message("alerts.iot", json.dumps(said).encode())  # another process hears it
    again.write_counts()
    assert hear(6)["holes"] == [{"first": 3, "last": 3, "at": NOON}]
    filled = hear(3)
    assert (filled["gaps"], filled["holes"], filled["accepted"]) == (0, [], 6)


def test_alerts_come_in_by_redis(
    sqlite_url: str, city: Any, server: Server, database: Database
) -> None:
    centre = Centre(database, city)
    intake = Intake(database, centre.writer, city, now=lambda: centre.now)
    with running(intake.listen(server.url)), server.client() as outside:
        wait_for(lambda: outside.pubsub_numpat() == 1, 15)
        outside.publish("alerts.gas", json.dumps(MESSAGE))
        outside.publish("alerts.gas", "{broken")
        outside.publish(b"alerts.\0", "{}")
        wait_for(lambda: centre.rows(alert) and len(centre.rows(quarantine)) == 2, 15)
    count = select(func.count()).select_from(alert)
    assert database.read(lambda c: c.execute(count).scalar()) == 1
    centre.writer.close()
