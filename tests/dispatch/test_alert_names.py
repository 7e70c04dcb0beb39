"""Messages about several earlier ones: an update stands for all of them, a cancellation ends all.

As CAP 1.2 means `references`; whose alert comes first says their order, never the store.
"""

from itertools import permutations
from typing import Any

import pytest

from dispatch.models import alert, timer
from tests.dispatch.centre import Centre

BOTH = [("a", "b"), ("b", "a")]


@pytest.fixture
def two(centre: Centre) -> dict[str, str]:
    """Two alerts of one source, by their own names."""
    return {name: centre.hears(ext_id=name, title=name, sent_at=1)["alert"] for name in "ab"}


def updates(centre: Centre, *names: str, **said: Any) -> dict[str, Any]:
    usual = {"ext_id": "u", "kind": "update", "title": "both", "sent_at": 2}
    return centre.hears(**{**usual, **said}, references=names)


def cancels(centre: Centre, *names: str, ext_id: str = "c") -> dict[str, Any]:
    return centre.hears(ext_id=ext_id, kind="cancel", references=names, sent_at=9)


@pytest.mark.parametrize("names", BOTH)
def test_a_cancellation_ends_every_alert_that_it_names(
    centre: Centre, two: dict[str, str], names: tuple[str, ...]
) -> None:
    answer = cancels(centre, *names)
    assert (answer["alert"], answer["state"]) == (two[names[0]], "CANCELLED")
    assert {row["state"] for row in centre.rows(alert)} == {"CANCELLED"}
    assert centre.rows(timer) == []
    assert centre.told().count("AlertCancelled") == 2
    assert cancels(centre, *names) == answer
    cancels(centre, *names, ext_id="c2")
    assert centre.told().count("AlertCancelled") == 2


@pytest.mark.parametrize("names", BOTH)
def test_an_update_stands_for_every_alert_that_it_names(
    centre: Centre, two: dict[str, str], names: tuple[str, ...]
) -> None:
    first, other = (two[name] for name in names)
    assert updates(centre, *names, severity=1)["alert"] == first
    assert (centre.row(first)["title"], centre.row(first)["severity"]) == ("both", 1)
    assert (centre.row(other)["state"], centre.row(other)["merged_into"]) == ("MERGED", first)
    assert {row["subject"] for row in centre.rows(timer)} == {first}
    assert centre.told(other) == ["AlertReceived", "AlertMerged"]
    incident = centre.does("officer", "incident.open", alert=first, grade=2, verified=True)
    assert set(centre.row(incident["incident"])["alerts_json"].split('"')) >= {first, other}


@pytest.mark.parametrize("names", BOTH)
def test_each_name_keeps_its_alert(
    centre: Centre, two: dict[str, str], names: tuple[str, ...]
) -> None:
    first, other = names
    updates(centre, *names)
    cancels(centre, other, ext_id="c1")
    assert centre.row(two[first])["state"] == "NEW"
    assert centre.told(two[other])[-1] == "AlertCancelled"
    cancels(centre, "u", ext_id="c2")
    assert centre.row(two[first])["state"] == "CANCELLED"


@pytest.mark.parametrize("names", BOTH)
def test_what_is_left_of_two_can_still_be_cancelled(
    centre: Centre, two: dict[str, str], names: tuple[str, ...]
) -> None:
    cancels(centre, "a", ext_id="c1")
    assert centre.row(two["b"])["state"] == "NEW"
    cancels(centre, *names, ext_id="c2")
    assert centre.row(two["b"])["state"] == "CANCELLED"
    assert centre.told(two["a"]).count("AlertCancelled") == 1


def test_an_alert_only_names_others_and_leaves_them_their_cancellation(
    centre: Centre, two: dict[str, str]
) -> None:
    updates(centre, "a", "b", kind="alert")
    assert centre.row(two["b"])["state"] == "NEW"
    cancels(centre, "b")
    assert (centre.row(two["a"])["state"], centre.row(two["b"])["state"]) == ("NEW", "CANCELLED")


@pytest.mark.parametrize("names", list(permutations(["a", "b", "u"])))
def test_a_further_update_goes_to_the_alert_that_stands(
    centre: Centre, two: dict[str, str], names: tuple[str, ...]
) -> None:
    updates(centre, "a", "b")
    done = updates(centre, *names, ext_id="v", title="further", sent_at=3)
    assert (done["alert"], centre.row(two["a"])["title"]) == (two["a"], "further")
    assert centre.row(two["b"])["state"] == "MERGED"
    assert centre.told().count("AlertMerged") == 1


def test_an_update_of_one_that_is_over_and_one_that_is_not(
    centre: Centre, two: dict[str, str]
) -> None:
    cancels(centre, "a")
    assert updates(centre, "a", "b")["alert"] == two["b"]
    assert (centre.row(two["a"])["state"], centre.row(two["b"])["title"]) == ("CANCELLED", "both")


def test_an_incident_keeps_its_alert_and_is_told(centre: Centre, two: dict[str, str]) -> None:
    made = centre.does("officer", "incident.open", alert=two["b"], grade=2, verified=True)
    updates(centre, "a", "b")
    assert centre.row(two["b"])["state"] == "LINKED"
    last = centre.events()[-1]
    assert (last.type, last.incident, last.body["into"]) == (
        *("AlertMerged", made["incident"]),
        two["a"],
    )


def test_an_older_update_takes_nothing_from_what_was_said_since(
    centre: Centre, two: dict[str, str]
) -> None:
    centre.hears(ext_id="b", title="newer", sent_at=5)
    updates(centre, "a", "b", sent_at=2)
    assert (centre.row(two["b"])["state"], centre.row(two["b"])["title"]) == ("NEW", "newer")


def test_what_was_cancelled_before_it_came_comes_as_cancelled_and_as_itself(
    centre: Centre,
) -> None:
    known = centre.hears(ext_id="a", sent_at=1)["alert"]
    cancels(centre, "a", "late")
    made = centre.hears(ext_id="late", sent_at=1)
    assert made["alert"] != known
    assert made["state"] == centre.row(made["alert"])["state"] == "CANCELLED"
    assert centre.rows(timer) == []
