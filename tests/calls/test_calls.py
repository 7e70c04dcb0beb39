"""Calls at the desk: opened, joined, left; who may, who may not, and what the log says."""

from collections.abc import Iterator

import pytest

from dispatch import call_links, calls, recordings
from dispatch.access import Actor
from dispatch.call_links import LINK_MS, Make, Use
from dispatch.city import City
from dispatch.database import Database
from dispatch.errors import Conflict, Forbidden, Invalid, Refused
from dispatch.log import Request, Row, Work
from dispatch.models import call, call_link, party, private_note
from dispatch.models import recording as recording_table
from dispatch.recordings import Manifest, number
from dispatch.vocabulary import Role
from tests.dispatch.centre import Centre, crew

UNIT = "FIR-E-01"
STAMPS = ("row", "realm", "id", "from_seq", "to_seq")


@pytest.fixture
def centre(database: Database, city: City) -> Iterator[Centre]:
    opened = Centre(database, city)
    yield opened
    opened.writer.close()


@pytest.fixture
def on(centre: Centre) -> str:
    """A call of an incident in district e."""
    id, _ = centre.incident(type="other")
    made: str = centre.does("officer", "call.open", incident=id)["call"]
    return made


def test_an_incident_has_one_call(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    first = centre.does("officer", "call.open", incident=incident)["call"]
    assert centre.does("leader", "call.open", incident=incident)["call"] == first
    assert centre.told(first) == ["CallOpened"]
    assert centre.events()[-1].incident == incident


def test_a_call_that_is_not_recorded_is_so_in_the_log_and_for_who_comes_later(
    centre: Centre,
) -> None:
    incident, _ = centre.incident(type="other")
    made = centre.does("officer", "call.open", incident=incident, record=False)
    assert made["recorded"] is False
    (opened,) = [one for one in centre.events() if one.subject == made["call"]]
    assert (opened.type, opened.body["recorded"]) == ("CallOpened", False)
    assert centre.does("leader", "call.open", incident=incident) == made, "the room is one"
    other, _ = centre.incident(type="other", lat=37.02)
    usual = centre.does("officer", "call.open", incident=other)
    assert usual["recorded"] is True
    again = centre.does("leader", "call.open", incident=other, record=False)
    assert again["recorded"] is True, "who comes later does not stop the recording"


def test_a_leader_calls_whom_he_points_at(centre: Centre) -> None:
    order = centre.order(UNIT)
    incident = centre.row(order)["incident"]
    made = centre.does("leader", "call.open", unit=UNIT)["call"]
    (row,) = centre.rows(call)
    assert (row["id"], row["incident"]) == (made, incident)
    assert _party(centre, made, crew(UNIT))["state"] == "INVITED"
    alone = centre.does("leader", "call.open", unit="POL-E-02")["call"]
    assert centre.rows(call, call.c.id == alone)[0]["incident"] is None
    with pytest.raises(Invalid, match="incident or a unit"):
        centre.does("leader", "call.open")


def test_who_is_asked_joins_and_hangs_up(centre: Centre, on: str) -> None:
    centre.does("officer", "call.invite", call=on, unit=UNIT)
    joined = centre.does(crew(UNIT), "call.join", call=on)
    assert joined["path"] == f"call/{on}/{crew(UNIT)}"
    centre.does(crew(UNIT), "call.join", call=on)
    centre.does(crew(UNIT), "call.hand", call=on, up=True)
    centre.does(crew(UNIT), "call.hand", call=on, up=False)
    centre.does(crew(UNIT), "call.leave", call=on)
    assert centre.told(on)[1:] == ["CallInvited", "CallJoined", "CallHandRaised",
                                   "CallHandLowered", "CallLeft"]  # fmt: skip


def test_who_works_on_the_incident_comes_unasked_and_others_do_not(centre: Centre) -> None:
    order = centre.order(UNIT)
    on = centre.does("officer", "call.open", incident=centre.row(order)["incident"])["call"]
    centre.does(crew(UNIT), "call.join", call=on)
    with pytest.raises(Forbidden, match="not asked"):
        centre.does(crew("FIR-E-02"), "call.join", call=on)
    with pytest.raises(Forbidden, match="jurisdiction"):
        centre.does("officer-w", "call.join", call=on)
    with pytest.raises(Forbidden):
        centre.does("officer-w", "call.end", call=on)
    with pytest.raises(Forbidden):
        centre.does("wall", "call.join", call=on)


def test_nobody_comes_unasked_into_a_call_of_no_incident(centre: Centre) -> None:
    on = centre.does("leader", "call.open", unit="POL-E-02")["call"]
    for idle in (UNIT, "FIR-W-01"):
        with pytest.raises(Forbidden, match="not asked"):
            centre.does(crew(idle), "call.join", call=on)
    assert _who(centre, on) == {crew("POL-E-02")}
    centre.does(crew("POL-E-02"), "call.join", call=on)
    centre.does("leader", "call.invite", call=on, unit="FIR-W-01")
    centre.does(crew("FIR-W-01"), "call.join", call=on)
    assert _who(centre, on) == {crew("POL-E-02"), crew("FIR-W-01")}


def test_a_unit_that_was_asked_may_send_any_of_its_people(centre: Centre) -> None:
    on = centre.does("leader", "call.open", unit="POL-E-02")["call"]
    second = Actor("second-POL-E-02", Role.RESPONDER, ("e",), "POL-E-02")
    centre.does(second, "call.join", call=on)
    assert _party(centre, on, second.id)["state"] == "JOINED"


def test_who_is_shown_out_comes_back_only_when_asked(centre: Centre, on: str) -> None:
    centre.does("officer", "call.invite", call=on, unit=UNIT)
    centre.does(crew(UNIT), "call.join", call=on)
    centre.does("officer", "call.remove", call=on, party=crew(UNIT))
    with pytest.raises(Forbidden, match="shown out"):
        centre.does(crew(UNIT), "call.join", call=on)
    centre.does("officer", "call.invite", call=on, unit=UNIT)
    centre.does(crew(UNIT), "call.join", call=on)


def test_the_desk_mutes_and_ends(centre: Centre, on: str) -> None:
    centre.does("leader", "call.join", call=on)
    centre.does("officer", "call.mute", call=on, party="leader", muted=True)
    assert _party(centre, on, "leader")["muted"]
    centre.does("officer", "call.mute", call=on, party="leader", muted=False)
    centre.does("officer", "call.end", call=on)
    assert _party(centre, on, "leader")["state"] == "LEFT"
    assert centre.told(on)[-3:] == ["CallMuted", "CallUnmuted", "CallEnded"]
    with pytest.raises(Conflict):
        centre.does("leader", "call.join", call=on)


def test_a_call_ends_with_its_incident(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    on = centre.does("officer", "call.open", incident=incident)["call"]
    centre.does("officer", "incident.end", incident=incident, reason="over")
    assert centre.rows(call, call.c.id == on)[0]["state"] == "ENDED"


def test_a_lost_line_is_said_and_so_is_the_return(centre: Centre, on: str) -> None:
    centre.does("leader", "call.join", call=on)
    assert _observe(centre, {on: []}) == []
    centre.now += 11_000
    assert _observe(centre, {on: ["leader"]}) == []
    assert _observe(centre, {on: []}) == [f"{on}.leader"]
    assert _observe(centre, {}) == []
    assert _observe(centre, {on: ["leader"]}) == [f"{on}.leader"]
    assert centre.told(on)[-2:] == ["CallLost", "CallJoined"]
    assert centre.events()[-1].body["again"]


def test_the_media_process_is_told_who_may_be_there(centre: Centre, on: str) -> None:
    centre.does("leader", "call.join", call=on)
    centre.does("officer", "call.invite", call=on, unit=UNIT)
    centre.does("officer", "call.join", call=on)
    centre.does("officer", "call.leave", call=on)
    (running,) = centre.database.read(lambda c: calls.all_running(c, "real"))
    assert {one["party"] for one in running.parties} == {"leader", crew(UNIT)}


def test_a_link_lets_one_person_in_once(centre: Centre, on: str) -> None:
    made = _link(centre, on)
    token, came = call_links.use(centre.writer, Use(token=made["token"], name="王工"), centre.now)
    assert came == {"call": on, "party": made["party"]}
    guest = call_links.who(centre.database, token, centre.now)
    assert guest is not None
    assert (guest.call, guest.party, guest.state) == (on, made["party"], "JOINED")
    with pytest.raises(Forbidden, match="used"):
        call_links.use(centre.writer, Use(token=made["token"], name="x"), centre.now)


def test_a_link_is_good_for_ten_minutes(centre: Centre, on: str) -> None:
    made = _link(centre, on)
    use = Use(token=made["token"], name="x")
    with pytest.raises(Forbidden):
        call_links.use(centre.writer, use, centre.now + LINK_MS)


def test_the_store_knows_neither_link_nor_name_in_the_log(centre: Centre, on: str) -> None:
    made = _link(centre, on)
    call_links.use(centre.writer, Use(token=made["token"], name="王工"), centre.now)
    (row,) = centre.database.read(lambda c: list(c.execute(call_link.select()).mappings()))
    assert made["token"] not in str(dict(row))
    said = str([one.body for one in centre.events()])
    assert "王工" not in said
    assert "厂里" not in said
    notes = centre.database.read(lambda c: list(c.execute(private_note.select()).mappings()))
    assert {one["value"] for one in notes} == {"王工", "厂里"}
    kept = centre.database.read(
        lambda c: str(list(c.exec_driver_sql("SELECT answer_json, request_hash FROM idem")))
    )
    assert made["token"] not in kept


def test_a_guest_who_is_shown_out_or_whose_call_is_over_is_nobody(centre: Centre, on: str) -> None:
    made = _link(centre, on)
    token, _ = call_links.use(centre.writer, Use(token=made["token"], name="x"), centre.now)
    call_links.act(centre.writer, token, "hand", centre.now, up=True)
    assert _party(centre, on, made["party"])["hand_at"]
    call_links.act(centre.writer, token, "leave", centre.now)
    call_links.act(centre.writer, token, "join", centre.now)
    centre.does("officer", "call.remove", call=on, party=made["party"])
    assert call_links.who(centre.database, token, centre.now) is None
    with pytest.raises(Refused):
        call_links.act(centre.writer, token, "join", centre.now)


def test_only_the_desk_makes_links(centre: Centre, on: str) -> None:
    for who in (crew(UNIT), "wall", "officer-w"):
        with pytest.raises(Forbidden):
            _link(centre, on, who)


def test_a_recording_stands_in_the_log_once(centre: Centre, on: str) -> None:
    one = _manifest(on)
    for _ in range(2):
        _run(centre, lambda work: recordings.store(work, [one]))
    (row,) = centre.rows(recording_table)
    assert row["sha256"] == one.sha256
    stored = [e for e in centre.events() if e.type == "RecordingStored"]
    assert [e.body["sha256"] for e in stored] == [one.sha256]
    assert stored[0].incident == centre.rows(call)[0]["incident"]


def test_a_recording_stays_as_long_as_its_incident_is_open(centre: Centre, on: str) -> None:
    _run(centre, lambda work: recordings.store(work, [_manifest(on)]))
    late = centre.now + 200 * recordings.DAY_MS
    overdue = lambda: centre.database.read(lambda c: recordings.overdue(c, late, "real"))  # noqa: E731
    assert overdue() == []
    centre.does("officer", "incident.end", incident=centre.rows(call)[0]["incident"], reason="x")
    (row,) = overdue()
    _run(centre, lambda work: recordings.forget(work, [row["id"]]))
    assert overdue() == []
    assert centre.told(row["id"]) == ["RecordingStored", "RecordingDeleted"]


def test_files_of_a_long_name_are_each_in_the_log_and_each_forgotten(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    hours = [
        _film(incident, "cam/" + "C" * 64, at) for at in (1_795_233_600_000, 1_795_237_200_000)
    ]
    for _ in range(2):
        done = _run(centre, lambda work: recordings.store(work, hours))
        assert done["stored"] == [one.file for one in hours]
    rows = centre.rows(recording_table)
    assert {row["file"]: row["sha256"] for row in rows} == {one.file: one.sha256 for one in hours}
    centre.does("officer", "incident.end", incident=incident, reason="x")
    late = hours[0].ended_at + 100 * recordings.DAY_MS
    over = centre.database.read(lambda c: recordings.overdue(c, late, "real"))
    assert {row["file"] for row in over} == {one.file for one in hours}
    ids = [row["id"] for row in over]
    assert _run(centre, lambda work: recordings.forget(work, ids))["deleted"] == ids


def test_a_file_that_an_older_release_stored_is_not_stored_again(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    first, second = (
        _film(incident, "cam/" + "C" * 64, at) for at in (1_795_233_600_000, 1_795_237_200_000)
    )
    _run(centre, lambda work: recordings.store(work, [first]))
    (row,) = centre.rows(recording_table)
    _run(centre, lambda work: _under_its_old_number(work, row))
    _run(centre, lambda work: recordings.store(work, [first, second]))
    stored = [(row["id"], row["file"]) for row in centre.rows(recording_table)]
    assert sorted(stored) == sorted(
        [(first.file[:64], first.file), (number(second.file), second.file)]
    )


def test_two_pictures_of_a_camera_with_a_long_name_are_two(centre: Centre) -> None:
    incident, _ = centre.incident(type="other")
    for at in (1_795_233_600_000, 1_795_233_601_000):
        file = f"{incident}/cam.{'C' * 64}@{at}.jpg"
        one = recordings.Still(file, "cam/" + "C" * 64, incident, at, 9, f"{at:064x}", None)
        _run(centre, lambda work, one=one: recordings.still(work, one, centre.actor("officer")))
    assert len({row["sha256"] for row in centre.rows(recording_table)}) == 2


def _film(incident: str, feed: str, at: int) -> Manifest:
    owner = feed.replace("/", ".")
    return Manifest.model_validate(
        {"file": f"{incident}/{owner}@{at}.mp4", "feed": feed, "incident": incident,
         "started_at": at, "ended_at": at + 9, "bytes": 5, "sha256": f"{at:064x}",
         "tracks": {"video": {"codec": "H264", "frames": 9}}}
    )  # fmt: skip


def _under_its_old_number(work: Work, row: Row) -> dict[str, object]:
    """As it stood when a name was cut to the length of a number."""
    work.end(recording_table, row["id"])
    facts = {name: value for name, value in row.items() if name not in STAMPS}
    work.put(recording_table, row["file"][:64], **facts)
    return {}


def _manifest(on: str) -> Manifest:
    track = {"codec": "opus", "frames": 9, "gaps": [[1, 2]]}
    return Manifest.model_validate(
        {"file": f"{on}/leader@1795233600000.webm", "call": on, "participant": "leader",
         "started_at": 1, "ended_at": 9, "bytes": 5, "sha256": "a" * 64,
         "tracks": {"audio": track}}
    )  # fmt: skip


def _link(centre: Centre, on: str, who: str = "officer") -> dict[str, str]:
    made = Make(call=on, label="厂里")
    key = f"k{len(centre.events())}"
    return call_links.make(centre.writer, centre.actor(who), made, key, centre.now)


def _who(centre: Centre, on: str) -> set[str]:
    return {str(row["account"]) for row in centre.rows(party, party.c.call == on)}


def _party(centre: Centre, on: str, name: str) -> dict[str, object]:
    (row,) = centre.rows(party, party.c.call == on, party.c.party == name)
    return row


def _observe(centre: Centre, present: dict[str, list[str]]) -> list[str]:
    done = _run(centre, lambda work: calls.observe(work, present, 10_000))
    return list(done["changed"])


def _run(centre: Centre, run: object) -> dict[str, object]:
    key = f"k{centre.now}{len(centre.events())}{id(run)}"
    return centre.writer.command(Request("calls", key, {}, run, centre.now)).body  # type: ignore[arg-type]
