"""What could not be understood is kept once, with the reason, until somebody has seen it."""

from dispatch import quarantine
from dispatch.errors import Invalid
from dispatch.models import quarantine as kept
from tests.dispatch.centre import Centre

REASON = Invalid("missing", "lat", "half a place")


def put_aside(centre: Centre, payload: str = "{", key: str = "k") -> str:
    answer = quarantine.keep(centre.writer, "redis", "alerts.gas", payload, REASON, key, centre.now)
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
