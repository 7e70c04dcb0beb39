"""Orders: issued to a unit that no other holds, answered in any order, followed up."""

import pytest

from dispatch.canonical import loads
from dispatch.errors import Conflict, Forbidden, Invalid, Refused
from tests.dispatch.centre import Centre, crew, elsewhere
from dispatch.vocabulary import Role

UNIT = "FIR-E-01"


def test_an_order_goes_from_the_desk_to_the_unit_and_back(centre: Centre) -> None:
    id = centre.order(UNIT)
    for name, said in (
        ("order.deliver", {}),
        ("order.read", {}),
        ("order.acknowledge", {}),
        ("order.advance", {"to": "EN_ROUTE"}),
        ("order.advance", {"to": "ON_SCENE"}),
        ("order.advance", {"to": "DONE", "note": "out"}),
    ):
        centre.now += 1000
        centre.does(crew(UNIT), name, order=id, **said)
    centre.does("officer", "order.verify", order=id)
    assert centre.row(id)["state"] == "VERIFIED"
    assert centre.told(id) == [
        "OrderDrafted",
        "OrderIssued",
        "OrderDelivered",
        "OrderRead",
        "OrderAcknowledged",
        "OrderEnRoute",
        "OrderOnScene",
        "OrderDone",
        "OrderVerified",
    ]
    assert list(loads(centre.row(id)["stamps_json"])) == sorted(
        "ISSUED DELIVERED READ ACKED EN_ROUTE ON_SCENE DONE VERIFIED".split()
    )
    assert centre.row(UNIT)["status"] == "AVAILABLE"
