"""Which feeds are written down, and for which incident."""

import json

from streams import evidence
from tests.dispatch.centre import Centre
from tests.eyes.test_commands import CREW

HERE = {"lat": 37.05, "lon": 118.05}


def kept(centre: Centre) -> list[tuple[str, str]]:
    return centre.database.read(lambda c: evidence.kept(c, centre.city, centre.now))


def test_what_a_wall_at_war_shows_is_kept_until_peace(centre: Centre) -> None:
    event, _ = centre.incident(type="other", **HERE)
    assert kept(centre) == []
    war = centre.war(event, "e")
    with_address = {f"cam/{one.id}" for one in centre.city.cameras if one.url}
    assert kept(centre)
    assert {feed for feed, _ in kept(centre)} <= with_address
    assert {incident for _, incident in kept(centre)} == {event}
    assert len(kept(centre)) <= evidence.SHOWN
    items = len(json.loads(centre.row(war)["checklist_json"]))
    handover = {str(n): "next shift" for n in range(items)}
    centre.does("leader", "activation.end", activation=war, reason="over", handover=handover)
    assert kept(centre) == []


def test_what_another_engine_has_takes_no_place_of_what_can_be_kept() -> None:
    assert evidence.comes_here("rtsp://10.0.0.1/a")
    assert evidence.comes_here("streams/a")
    assert not evidence.comes_here("whep+https://10.0.0.1/a/whep")
    assert not evidence.comes_here("")


def test_what_is_watched_for_an_incident_is_kept_and_so_is_a_phone(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    event = centre.row(order)["incident"]
    centre.does("officer", "viewing.start", feed="cam/C2", incident=event)
    centre.does("officer", "viewing.start", feed="cam/C3", reason="no incident")
    assert kept(centre) == [("cam/C2", event)]
    centre.does(CREW, "order.send_picture", order=order, on=True)
    assert kept(centre) == [("cam/C2", event), ("phone/FIR-E-01", event)]


def test_a_camera_that_two_incidents_watch_is_kept_for_both(centre: Centre) -> None:
    first, _ = centre.incident(type="other", **HERE)
    second, _ = centre.incident(type="other", lat=37.02, lon=118.02)
    for event in (first, second):
        centre.does("officer", "viewing.start", feed="cam/C2", incident=event)
    assert kept(centre) == sorted([("cam/C2", first), ("cam/C2", second)])


def test_the_cameras_of_two_incidents_at_war_are_kept_for_both(centre: Centre) -> None:
    first, _ = centre.incident(type="other", **HERE)
    second, _ = centre.incident(type="other", lat=HERE["lat"] + 0.001, lon=HERE["lon"])
    centre.war(first, "e")
    alone = {feed for feed, _ in kept(centre)}
    centre.war(second, "e", level=3)
    shared = {feed for feed, incident in kept(centre) if incident == first}
    assert shared == alone
    assert {feed for feed, incident in kept(centre) if incident == second} & alone


def test_what_is_watched_for_one_and_shown_at_war_of_another_is_kept_for_both(
    centre: Centre,
) -> None:
    fire, _ = centre.incident(type="other", **HERE)
    other, _ = centre.incident(type="other", lat=37.02, lon=118.02)
    centre.war(fire, "e")
    feed = kept(centre)[0][0]
    centre.does("officer", "viewing.start", feed=feed, incident=other)
    assert {incident for path, incident in kept(centre) if path == feed} == {fire, other}
