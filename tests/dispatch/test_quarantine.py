"""What could not be understood is kept once, with the reason, until somebody has seen it."""

import pytest

from dispatch import quarantine
from dispatch.city import City
from dispatch.errors import Forbidden, Invalid
from dispatch.models import quarantine as kept
from tests.dispatch.centre import Centre

REASON = Invalid("missing", "lat", "half a place")


def put_aside(centre: Centre, payload: str = "{", key: str = "k", *scope: str) -> str:
    said = ("redis", "alerts.gas", payload, REASON, key, centre.now)
    answer = quarantine.keep(centre.writer, *said, scope=scope or ("city",))
    id: str = answer.body["quarantine"]
    return id


def test_a_refused_message_is_kept_once_with_its_reason(centre: Centre) -> None:
    first = put_aside(centre)
    centre.now += 5_000
    assert put_aside(centre) == first
    (row,) = centre.rows(kept)
    assert (row["field"], row["reason"], row["payload"]) == ("lat", "half a place", "{")
    assert row["seen_by"] is None


def test_a_very_long_message_is_cut(centre: Centre) -> None:
    put_aside(centre, "x\0" * 20_000)
    (row,) = centre.rows(kept)
    assert row["payload"] == "x" * quarantine.PAYLOAD_MAX


def test_somebody_has_seen_it(centre: Centre) -> None:
    id = put_aside(centre)
    for who in ("officer", "leader"):
        centre.does(who, "quarantine.seen", quarantine=id)
    (row,) = centre.rows(kept)
    assert row["seen_by"] == "officer"
    assert centre.told(id) == ["MessageQuarantined", "QuarantineSeen"]


def test_who_may_see_a_message_is_who_may_clear_it(centre: Centre) -> None:
    of_east, of_city = put_aside(centre, "{", "k", "e"), put_aside(centre, "[", "l")
    for who, id in (("officer-w", of_east), ("officer-e", of_city), ("officer-w", of_city)):
        with pytest.raises(Forbidden) as refused:
            centre.does(who, "quarantine.seen", quarantine=id)
        assert refused.value.code == "out_of_scope"
    centre.does("officer-e", "quarantine.seen", quarantine=of_east)
    centre.does("officer", "quarantine.seen", quarantine=of_city)
    assert [row["seen_by"] for row in centre.rows(kept)] == ["officer-e", "officer"]


def test_a_message_is_its_sources_districts_and_a_strangers_the_citys(city: City) -> None:
    assert quarantine.scope_of(city, "gas") == ("e",)
    assert quarantine.scope_of(city, "nobody") == ("city",)
