"""What a district's desk is not told of the others."""

from dataclasses import replace
from typing import Any

from dispatch.models import quarantine
from dispatch.vocabulary import Role
from streams.intake import Intake
from tests.dispatch.centre import Centre
from tests.streams.conftest import CITY_DESK, EAST_DESK, WEST_DESK, Take


def test_a_refused_message_is_shown_where_its_source_speaks(centre: Centre, picture: Take) -> None:
    intake = Intake(centre.database, centre.writer, centre.city, now=lambda: centre.now)
    for channel in ("alerts.gas", "alerts.iot", "alerts.stranger"):
        intake.on_message(channel, b'{"title":"a name"}')
    assert len(centre.rows(quarantine)) == 3

    def seen(view: Any) -> set[str]:
        return {row["channel"] for row in picture("quarantine", view)["items"]}

    assert seen(EAST_DESK) == {"alerts.gas"}
    assert seen(WEST_DESK) == set()
    assert seen(CITY_DESK) == {"alerts.gas", "alerts.iot", "alerts.stranger"}


def test_the_banner_of_a_neighbour_is_all_that_is_said_of_it(centre: Centre, picture: Take) -> None:
    incident, _ = centre.incident(grade=3, title="tank leaks")
    centre.war(incident, "e", level=4)
    (told,) = picture("activations", WEST_DESK)["neighbours"]
    assert set(told) == {
        *("id", "mode", "level", "state", "scope", "scope_names"),
        *("incident", "incident_title", "started_at"),
    }
    assert told["incident_title"] == "tank leaks"
    phone = picture("activations", replace(EAST_DESK, role=Role.RESPONDER))
    assert [set(one) for one in phone["active"]] == [{*told, "reason"}]
    assert phone["mode"] == "WARTIME"
    (own,) = picture("activations", EAST_DESK)["active"]
    assert own["signed"]
    assert picture("activations", EAST_DESK)["neighbours"] == []
