"""Pictures by their paths: `cam/<camera id>`, `cam/<camera id>/sub`, `drone/<unit id>`."""

from typing import Annotated

from pydantic import Field

from dispatch.city import City
from dispatch.errors import Invalid
from dispatch.log import Work
from dispatch.models import camera
from dispatch.vocabulary import ForceType

CAMERA, DRONE = "cam", "drone"
Feed = Annotated[str, Field(pattern=r"^(cam|drone)/[A-Za-z0-9._-]{1,64}$")]


def district_of(work: Work, city: City, feed: str, field: str = "feed") -> str:
    """The district that a picture belongs to. Raises Invalid for one that is not registered."""
    kind, _, id = feed.partition("/")
    if kind == CAMERA:
        imported = work.find(camera, id)
        found = next((one.district for one in city.cameras if one.id == id), None)
        found = imported["district"] if imported else found
    else:
        found = next((one.district for one in city.units if one.id == id and _flies(one)), None)
    if found is None:
        raise Invalid("unknown_feed", field, f"no picture {feed}")
    return found


def _flies(unit: object) -> bool:
    return getattr(unit, "force_type", None) is ForceType.UAV
