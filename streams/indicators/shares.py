"""Which part of a city's band belongs to a part of the city."""

from dispatch.access import meets
from streams.indicators.facts import Facts
from streams.indicators.metric import Scope, Share


def by_people(facts: Facts, scope: Scope) -> float:
    """As many as live there, of all."""
    districts = facts.look.city.districts
    mine = sum(one.population for one in districts if meets(scope, (one.code,)))
    return mine / (sum(one.population for one in districts) or 1)


def by_sensors(metric: str) -> Share:
    """As much as its sensors normally read at most, of all."""

    def share(facts: Facts, scope: Scope) -> float:
        whole = facts.sensors(metric, ("city",))
        mine = facts.sensors(metric, scope)
        total = sum(one.normal_high or 0 for one in whole)
        return sum(one.normal_high or 0 for one in mine) / total if total else 1.0

    return share
