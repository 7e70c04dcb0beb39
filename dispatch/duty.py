"""Who answers for a place: from the city's people, by role and jurisdiction."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.access import covers, meets
from dispatch.city import City
from dispatch.city_records import Person
from dispatch.vocabulary import Role


@dataclass(frozen=True)
class Roster:
    """The leader and the shift lead on duty for a place, and the officers at its desks."""

    leader: Person | None
    shift_lead: Person | None
    officers: tuple[Person, ...]


def roster(city: City, scope: Sequence[str]) -> Roster:
    """Who is in charge of a scope: the nearest one whose jurisdiction contains it."""
    at_desks = [one for one in city.people if one.role is Role.OFFICER]
    return Roster(
        leader=_nearest(city, Role.LEADER, scope),
        shift_lead=_nearest(city, Role.SHIFT_LEAD, scope),
        officers=tuple(one for one in at_desks if meets(scope, one.districts)),
    )


def _nearest(city: City, role: Role, scope: Sequence[str]) -> Person | None:
    fitting = [p for p in city.people if p.role is role and covers(p.districts, scope)]
    own = [p for p in fitting if set(p.districts) == set(scope)]
    return next(iter(own or fitting), None)
