"""A day with very many changes of mode: the picture of them stays as small as on any other."""

from typing import Any

from sqlalchemy import event

from streams.pictures.activations import ENDED
from tests.dispatch.centre import Centre
from tests.streams.conftest import EAST_DESK, Take


def war_and_peace(centre: Centre, *scope: str) -> str:
    """An incident for which one was started and ended again."""
    incident, _ = centre.incident(type="other")
    made = centre.war(incident, *scope)
    owners = {str(n): "officer" for n in range(5)}
    centre.does("leader", "activation.end", activation=made, reason="over", handover=owners)
    centre.does("officer", "incident.end", incident=incident, reason="over")
    centre.now += 1_000
    return made


def asked(centre: Centre, picture: Take) -> int:
    """How many questions to the store the picture takes."""
    count: list[Any] = []

    def note(*given: Any) -> None:
        count.append(given[2])

    event.listen(centre.database.engine, "before_cursor_execute", note)
    picture("activations")
    event.remove(centre.database.engine, "before_cursor_execute", note)
    return len(count)


def test_the_last_that_ended_stay_in_sight_and_many_cost_no_more_than_few(
    centre: Centre, picture: Take
) -> None:
    first = war_and_peace(centre, "e")
    (told,) = picture("activations")["ended_recent"]
    assert (told["id"], told["incident_title"]) == (first, "leak")
    few = asked(centre, picture)
    made = [war_and_peace(centre, "w") for _ in range(ENDED + 3)]
    assert [one["id"] for one in picture("activations")["ended_recent"]] == made[-ENDED:]
    assert [one["id"] for one in picture("activations", EAST_DESK)["ended_recent"]] == [first]
    assert asked(centre, picture) <= few
