"""A unit's open orders over REST: for its own device, and for the desk."""

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from callbacks.rest.registry import Api, answer, query
from callbacks.services import Services
from callbacks.who import current
from dispatch import log
from dispatch.access import Actor, meets
from dispatch.errors import Forbidden, NotFound
from dispatch.vocabulary import Role
from streams.pictures import take
from streams.view import Moment, View


class Whose(BaseModel):
    """unit: a device's own may be left out."""

    model_config = ConfigDict(extra="forbid")
    unit: Annotated[str, Field(max_length=64)] = ""


class Orders(BaseModel):
    """The unit's open orders, the newest first, with the number of the log that they show."""

    unit: str
    seq: int
    orders: list[dict[str, object]]


def mount(api: Api, services: Services) -> None:
    districts = {one.id: one.district for one in services.city.units}

    @api.get(
        "/api/v1/orders",
        rights=("orders:answer", "picture.read"),
        query=Whose,
        answer=Orders,
        answers={200: "the orders", 404: "no such unit"},
    )
    def orders() -> Response:
        """The open orders of one unit."""
        unit = _unit(current().actor, query(Whose).unit, districts)

        def read(connection: Connection) -> tuple[int, dict[str, Any]]:
            seq = log.head(connection)
            look = services.board.look(connection, Moment(seq, services.now(), services.realm))
            return seq, take(look, "phone", View(Role.RESPONDER, (districts[unit],), "zh", unit))

        seq, picture = services.database.read(read)
        return answer({"unit": unit, "seq": seq, "orders": picture["orders"]})


def _unit(actor: Actor, asked: str, districts: dict[str, str]) -> str:
    """The unit whose orders this actor may see. Raises Forbidden, NotFound."""
    own = actor.role in (None, Role.RESPONDER)
    unit = asked or (actor.unit or "") if own else asked
    if own and unit != actor.unit:
        raise Forbidden("not_your_unit", "unit", "another unit's orders")
    if unit not in districts:
        raise NotFound("not_found", "unit", "there is no such unit")
    if not meets(actor.scope, (districts[unit],)):
        raise Forbidden("out_of_scope", "unit", "outside your jurisdiction")
    return unit
