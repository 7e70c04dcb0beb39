"""What sounds is told in a chain; who was far behind is told what must still be heard."""

import pytest

from dispatch.log import Event, events_after, head
from dispatch.vocabulary import Role
from streams import teller
from streams.teller import Teller, missed
from tests.dispatch.centre import Centre

DESK = (Role.OFFICER, ("city",))
EAST = (Role.OFFICER, ("e",))
WEST = (Role.OFFICER, ("w",))


def events(centre: Centre, since: int = 0) -> list[Event]:
    return centre.database.read(lambda connection: events_after(connection, since))


def left(centre: Centre, since: int) -> list[Event]:
    """What is told to a process that was last at this number."""
    return centre.database.read(
        lambda connection: missed(connection, since, head(connection), centre.now)
    )


def test_each_message_names_the_one_before_it(centre: Centre) -> None:
    first, _, last = (centre.hears(lat=37.05 + n / 50)["alert"] for n in range(3))
    one = Teller()
    said = one.tell(events(centre), [DESK, WEST], centre.now)
    assert {room for _, _, room in said} == {"sound:officer:city"}, "they lie in the east"
    told = [message for _, message, _ in said]
    assert [told[0]["subject"], told[-1]["subject"]] == [first, last]
    assert [m["after"] for m in told] == [0, *(m["seq"] for m in told[:-1])]
    assert one.last(centre.now) == {"sound:officer:city": told[-1]["seq"]}
    assert one.last(centre.now + teller.FRESH_MS) == {}


def test_audiences_have_chains_of_their_own(centre: Centre) -> None:
    one = Teller()
    centre.hears()
    one.tell(events(centre), [DESK], centre.now)
    since = events(centre)[-1].seq
    centre.hears(lat=37.07)
    said = one.tell(events(centre, since), [DESK, EAST], centre.now)
    assert {room: message["after"] for _, message, room in said} == {
        "sound:officer:city": since,
        "sound:officer:e": 0,
    }


def test_of_a_long_storm_that_was_missed_the_grave_is_told(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller, "MANY", 12)
    grave = centre.hears(severity=1)["alert"]
    since = events(centre)[0].seq - 1
    for n in range(6):
        centre.hears(severity=4, lat=37.05 + n / 50)
    assert {one.type for one in left(centre, since)} >= {"AlertReceived"}
    for n in range(20):
        centre.hears(severity=4, lat=37.2 + n / 50)
    heard = left(centre, since)
    assert [one.subject for one in heard if one.type == "AlertReceived"] == [grave]
    centre.now += 31_000
    assert left(centre, since) == [], "it would not sound any more"


def test_that_the_mode_changed_is_told_however_long_ago(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller, "MANY", 5)
    incident, _ = centre.incident(grade=3)
    since = events(centre)[-1].seq
    centre.war(incident)
    for n in range(8):
        centre.hears(severity=4, lat=37.2 + n / 50)
    centre.now += 3_600_000
    assert [one.type for one in left(centre, since)] == ["ActivationStarted"]


def test_who_is_at_the_head_is_told_nothing(centre: Centre) -> None:
    centre.hears()
    assert left(centre, events(centre)[-1].seq) == []
