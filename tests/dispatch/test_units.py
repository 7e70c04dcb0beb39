"""Units: which suits a need best, and why; how a status is set."""

from typing import Any

import pytest
from sqlalchemy import insert

from dispatch import units
from dispatch.city import City
from dispatch.city_records import Unit
from dispatch.errors import Conflict, Forbidden, Invalid
from dispatch.models import position
from dispatch.scoring import Candidate, Duty, Fix, Heard, Need, score
from dispatch.vocabulary import ForceType, UnitStatus
from tests.dispatch.centre import NOON, Centre, crew

HERE = Need(ForceType.FIR, 37.05, 118.05)
HAZMAT = Need(ForceType.FIR, 37.05, 118.05, ("hazmat",))


@pytest.fixture
def engine(city: City) -> Unit:
    return city.units[0]


def found(centre: Centre, need: Need = HERE) -> dict[str, Candidate]:
    listed = centre.database.read(lambda c: units.recommend(c, centre.city, need, centre.now))
    return {one.id: one for one in listed}


def report(centre: Centre, unit: str, age_s: float, **more: Any) -> None:
    row = {"realm": "real", "unit": unit, "at": centre.now - round(age_s * 1000)}
    row |= {"received_at": centre.now, "lat": 37.05, "lon": 118.05, "speed": 0.0, "source": "g"}
    centre.database.write(lambda c: c.execute(insert(position).values(**row | more)))


def test_only_the_force_that_is_asked_for_is_offered(centre: Centre) -> None:
    assert set(found(centre)) == {"FIR-E-01", "FIR-E-02", "FIR-W-01"}


def test_the_nearer_unit_comes_first(centre: Centre) -> None:
    listed = found(centre)
    assert list(listed) == ["FIR-E-01", "FIR-E-02", "FIR-W-01"]
    assert listed["FIR-E-01"].distance_m == 0
    assert listed["FIR-W-01"].distance_m == pytest.approx(8877, rel=0.01)


def test_capability_outweighs_distance(centre: Centre) -> None:
    listed = found(centre, HAZMAT)
    assert list(listed) == ["FIR-E-01", "FIR-W-01", "FIR-E-02"]
    assert listed["FIR-E-02"].missing == ("hazmat",)
    assert listed["FIR-W-01"].capabilities == ("hazmat",)


def test_the_parts_of_a_score_are_its_reasons(engine: Unit) -> None:
    best = score(engine, HAZMAT, Fix(37.05, 118.05, NOON), Duty(), NOON)
    assert best.parts == {"capability": 40.0, "arrival": 38.7, "readiness": 20.0}
    assert best.score == 98.7
    assert best.eta_s == 60
    worst = score(engine, Need(ForceType.FIR, 39.0, 118.05, ("x",)), None, Duty(load=9), NOON)
    assert worst.parts == {"capability": 0.0, "arrival": 0.0, "readiness": 1.0}


def test_an_order_lately_done_counts_as_load(engine: Unit) -> None:
    fix = Fix(37.05, 118.05, NOON)
    fresh, tired = (score(engine, HERE, fix, Duty(load=n), NOON).score for n in (0, 3))
    assert fresh > tired


def test_a_place_is_reckoned_from_the_last_report(centre: Centre) -> None:
    report(centre, "FIR-W-01", 30)
    report(centre, "FIR-W-01", 5, lat=37.051)
    listed = found(centre)
    assert listed["FIR-W-01"].distance_m == pytest.approx(111, abs=2)
    assert (listed["FIR-W-01"].heard, listed["FIR-W-01"].fresh_s) == (Heard.FRESH, 5)
    assert listed["FIR-E-01"].heard is Heard.BASE


@pytest.mark.parametrize(
    ("age_s", "speed", "status", "heard"),
    [
        (59, 10.0, "AVAILABLE", "fresh"),
        (61, 10.0, "AVAILABLE", "lost"),
        (61, 0.0, "AVAILABLE", "fresh"),
        (61, 0.0, "EN_ROUTE", "lost"),
        (599, 0.0, "AVAILABLE", "fresh"),
        (601, 0.0, "AVAILABLE", "lost"),
        (61, None, "AVAILABLE", "fresh"),
    ],
)
def test_a_unit_is_lost_when_it_is_not_heard_of(
    age_s: int, speed: float | None, status: str, heard: str
) -> None:
    fix = Fix(37.0, 118.0, NOON - age_s * 1000, speed)
    assert units.hear(fix, UnitStatus(status), NOON) == (Heard(heard), age_s)


def test_a_lost_unit_is_listed_but_not_offered(centre: Centre) -> None:
    report(centre, "FIR-E-01", 601)
    listed = found(centre)
    assert list(listed)[-1] == "FIR-E-01"
    assert (listed["FIR-E-01"].heard, listed["FIR-E-01"].offered) == (Heard.LOST, False)


def test_a_held_unit_is_listed_with_its_order(centre: Centre) -> None:
    id = centre.order("FIR-E-01")
    listed = found(centre)
    assert (listed["FIR-E-01"].busy, listed["FIR-E-01"].offered) == (id, False)
    assert list(listed)[-1] == "FIR-E-01"
    centre.does(crew("FIR-E-01"), "order.advance", order=id, to="DONE")
    again = found(centre)["FIR-E-01"]
    assert (again.busy, again.offered) == (None, True)


def test_the_last_engine_of_a_district_is_marked(centre: Centre) -> None:
    listed = found(centre)
    assert [one.id for one in listed.values() if one.last_of_district] == ["FIR-W-01"]
    centre.order("FIR-E-02")
    assert found(centre)["FIR-E-01"].last_of_district


def test_a_recommendation_of_the_past_is_the_one_of_then(centre: Centre) -> None:
    before = len(centre.events())
    was = found(centre)
    centre.order("FIR-E-01")
    then = centre.database.read(
        lambda c: units.recommend(c, centre.city, HERE, centre.now, seq=before)
    )
    assert {one.id: one for one in then} == was
    assert found(centre) != was


def test_without_a_place_nobody_is_near(centre: Centre) -> None:
    for one in found(centre, Need(ForceType.FIR, None, None)).values():
        assert (one.eta_s, one.distance_m) == (None, None)


def test_a_candidate_is_plain_json(centre: Centre) -> None:
    from dispatch.canonical import dumps

    assert '"heard":"base"' in dumps(units.as_dict(found(centre)["FIR-E-01"]))


def test_a_crew_says_that_its_unit_is_out_of_service(centre: Centre) -> None:
    said = {"unit": "FIR-E-01", "status": "OUT_OF_SERVICE", "reason": "pump"}
    for _ in range(2):
        centre.does(crew("FIR-E-01"), "unit.set_status", **said)
    assert centre.told("FIR-E-01") == ["UnitStatusChanged"]
    assert not found(centre)["FIR-E-01"].offered


@pytest.mark.parametrize(
    ("who", "said", "kind"),
    [
        (crew("POL-E-01"), {"status": "OFF_DUTY"}, Forbidden),
        ("officer-w", {"status": "OFF_DUTY"}, Forbidden),
        ("officer", {"status": "EN_ROUTE"}, Invalid),
        ("officer", {"status": "OFF_DUTY", "unit": "X-1"}, Invalid),
        ("officer", {"status": "ASLEEP"}, Invalid),
    ],
)
def test_a_status_is_set_by_who_may_to_what_may_be(
    centre: Centre, who: str, said: dict[str, str], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        centre.does(who, "unit.set_status", **{"unit": "FIR-E-01", **said})


def test_a_held_unit_does_not_go_off_duty(centre: Centre) -> None:
    id = centre.order("FIR-E-01")
    with pytest.raises(Conflict) as refused:
        centre.does("officer", "unit.set_status", unit="FIR-E-01", status="OFF_DUTY")
    assert refused.value.about["order"] == id
