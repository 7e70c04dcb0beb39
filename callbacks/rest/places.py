"""Searching the city by name: what the report by telephone and the finder ask."""

from dataclasses import asdict
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from callbacks.rest.registry import Api, answer, query
from callbacks.services import Services


class Searched(BaseModel):
    """q: part of a name or an id; kind: of this kind alone; most: how many at most."""

    model_config = ConfigDict(extra="forbid")
    q: Annotated[str, Field(max_length=80)]
    kind: Literal["", "unit", "camera", "district"] = ""
    most: Annotated[int, Field(ge=1, le=50)] = 10


class Place(BaseModel):
    """Something of the city with a name and a point (WGS-84 degrees)."""

    kind: str
    id: str
    name_zh: str
    name_en: str
    district: str
    lat: float
    lon: float


class Places(BaseModel):
    """The best fitting first."""

    places: list[Place]


def mount(api: Api, services: Services) -> None:
    @api.get("/api/v1/places", rights=("alert.report",), query=Searched, answer=Places)
    def places() -> Response:
        """Find places, districts, units and cameras by part of a name or id."""
        asked = query(Searched)
        found = services.city.search(asked.q, asked.most, asked.kind)
        return answer({"places": [asdict(hit) for hit in found]})
