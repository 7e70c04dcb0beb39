"""The city's units by the numbers that frames of positions use."""

from flask import Response
from pydantic import BaseModel

from callbacks.rest.registry import Api, answer
from callbacks.services import Services


class UnitRow(BaseModel):
    """A unit; `i` is its number in the frames of positions."""

    i: int
    id: str
    name: dict[str, str]
    force_type: str
    district: str


class Units(BaseModel):
    units: list[UnitRow]


def mount(api: Api, services: Services) -> None:
    city = services.city
    ordered = sorted(city.units, key=lambda one: one.id)
    table = {
        "units": [
            {
                "i": n,
                "id": one.id,
                "name": {"zh": one.name_zh, "en": one.name_en},
                "force_type": one.force_type,
                "district": one.district,
            }
            for n, one in enumerate(ordered)
        ]
    }

    @api.get("/api/v1/units/table", rights=("picture.read",), answer=Units)
    def units() -> Response:
        """Every unit with its number, as frames of positions name it."""
        return answer(table)
