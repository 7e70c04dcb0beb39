"""Which feeds are written down, and for which incident."""

import json

from streams import evidence
from tests.dispatch.centre import Centre
from tests.eyes.test_commands import CREW

HERE = {"lat": 37.05, "lon": 118.05}


def kept(centre: Centre) -> dict[str, str]:
    return centre.database.read(lambda c: evidence.kept(c, centre.city, centre.now))


def test_what_a_wall_at_war_shows_is_kept_until_peace(centre: Centre) -> None:
    event, _ = centre.incident(type="other", **HERE)
    assert kept(centre) == {}
    war = centre.war(event, "e")
    with_address = {f"cam/{one.id}" for one in centre.city.cameras if one.url}
    assert kept(centre)
    assert set(kept(centre)) <= with_address
    assert set(kept(centre).values()) == {event}
    assert len(kept(centre)) <= evidence.SHOWN
    items = len(json.loads(centre.row(war)["checklist_json"]))
    handover = {str(n): "next shift" for n in range(items)}
    centre.does("leader", "activation.end", activation=war, reason="over", handover=handover)
    assert kept(centre) == {}


def test_what_is_watched_for_an_incident_is_kept_and_so_is_a_phone(centre: Centre) -> None:
    order = centre.order("FIR-E-01")
    event = centre.row(order)["incident"]
    centre.does("officer", "viewing.start", feed="cam/C2", incident=event)
    centre.does("officer", "viewing.start", feed="cam/C3", reason="no incident")
    assert kept(centre) == {"cam/C2": event}
    centre.does(CREW, "order.send_picture", order=order, on=True)
    assert kept(centre) == {"cam/C2": event, "phone/FIR-E-01": event}
