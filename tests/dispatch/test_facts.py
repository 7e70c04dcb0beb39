"""What is known of an incident: every number with its time and its source."""

import json
from typing import Any

import pytest

from dispatch.errors import Conflict, Invalid
from tests.dispatch.centre import Centre


def facts(centre: Centre, incident: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(centre.row(incident)["facts_json"])
    return found


def test_numbers_are_kept_with_source_time_and_whether_they_were_checked(centre: Centre) -> None:
    incident, _ = centre.incident()
    then = centre.now - 60_000
    centre.does("officer", "incident.facts", incident=incident, source="hospital", dead=0,
                serious=2, as_of=then)  # fmt: skip
    centre.does("officer", "incident.facts", incident=incident, source="board", serious=3,
                verified=True)  # fmt: skip
    known = facts(centre, incident)
    assert known["dead"] == {
        "value": 0, "as_of": then, "source": "hospital", "verified": False, "by": "officer",
    }  # fmt: skip
    assert known["serious"]["value"] == 3
    assert known["serious"]["verified"] is True
    assert "missing" not in known


def test_an_older_word_does_not_replace_a_newer_one(centre: Centre) -> None:
    incident, _ = centre.incident()
    centre.does("officer", "incident.facts", incident=incident, source="b", minor=5)
    kept = centre.does("officer", "incident.facts", incident=incident, source="a", minor=1,
                       as_of=centre.now - 1)  # fmt: skip
    assert kept["kept"] == []
    assert facts(centre, incident)["minor"]["value"] == 5


def test_needs_are_kept_as_a_whole(centre: Centre) -> None:
    incident, _ = centre.incident()
    needs = [{"what": "tankers", "need": 3, "have": 2}]
    centre.does("officer", "incident.facts", incident=incident, source="scene", needs=needs)
    assert facts(centre, incident)["needs"]["value"] == needs


@pytest.mark.parametrize(
    "said",
    [{}, {"dead": -1}, {"dead": 1.5}, {"needs": [{"what": "x", "need": 1}]}, {"dead": 10**7}],
)
def test_what_says_nothing_or_nonsense_is_refused(centre: Centre, said: dict[str, Any]) -> None:
    incident, _ = centre.incident()
    with pytest.raises(Invalid):
        centre.does("officer", "incident.facts", incident=incident, source="a", **said)


def test_no_fact_is_of_a_time_to_come_nor_of_an_incident_that_is_over(centre: Centre) -> None:
    incident, _ = centre.incident()
    with pytest.raises(Invalid):
        centre.does("officer", "incident.facts", incident=incident, source="a", dead=0,
                    as_of=centre.now + 60_000)  # fmt: skip
    centre.does("officer", "incident.end", incident=incident, reason="over")
    with pytest.raises(Conflict):
        centre.does("officer", "incident.facts", incident=incident, source="a", dead=0)
