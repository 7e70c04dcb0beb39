"""Who is in charge: the nearest one whose jurisdiction contains the place."""

from dispatch.city import City
from dispatch.duty import roster


def names(city: City, *scope: str) -> tuple[str | None, str | None, list[str]]:
    found = roster(city, scope)
    leader = found.leader.id if found.leader else None
    lead = found.shift_lead.id if found.shift_lead else None
    return leader, lead, [one.id for one in found.officers]


def test_a_district_has_its_own_lead_and_the_citys_leader(city: City) -> None:
    assert names(city, "e") == ("leader", "lead-e", ["officer", "officer-e"])


def test_a_district_without_a_lead_is_led_by_the_city(city: City) -> None:
    assert names(city, "w") == ("leader", "lead", ["officer", "officer-w"])


def test_the_city_is_led_by_those_who_hold_all_of_it(city: City) -> None:
    assert names(city, "city")[:2] == ("leader", "lead")
