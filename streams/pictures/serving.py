"""Which incident each unit serves: the one whose order holds it, or to which it is lent."""

from collections.abc import Iterable

from dispatch.access import meets
from dispatch.city_records import Unit
from dispatch.models import incident, loan
from dispatch.vocabulary import LoanState
from streams.look import Look, Row
from streams.pictures.orders import held
from streams.view import View


def serves(look: Look) -> dict[str, Row]:
    """The incident of every unit that has an order or is lent; the order's before the loan's."""
    return look.once("units.serve", lambda: _serves(look))


def _serves(look: Look) -> dict[str, Row]:
    lent = look.rows(loan, loan.c.state == LoanState.LENT)
    found = ((row["unit"], look.find(incident, row["incident"])) for row in [*lent, *held(look)])
    return {unit: task for unit, task in found if unit and task}


def in_sight(look: Look, view: View) -> Iterable[Unit]:
    """The units of a jurisdiction, and those of others that serve an incident of it."""
    tasks = serves(look)
    for one in look.city.units:
        task = tasks.get(one.id)
        if meets(view.scope, [one.district]) or (task and meets(view.scope, task["scope"])):
            yield one
