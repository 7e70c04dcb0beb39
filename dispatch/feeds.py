"""Pictures by their paths: `cam/<camera id>[/sub]`, `drone/<unit id>`, `phone/<unit id>`."""

from typing import Annotated

from pydantic import Field

from dispatch.city import City
from dispatch.errors import Invalid
from dispatch.log import Work
from dispatch.models import camera
from dispatch.sendings import running
from dispatch.vocabulary import ForceType

CAMERA, DRONE, PHONE = "cam", "drone", "phone"
Feed = Annotated[str, Field(pattern=r"^(cam|drone|phone)/[A-Za-z0-9._-]{1,64}$")]


def district_of(work: Work, city: City, feed: str, field: str = "feed") -> str:
    """The district that a picture belongs to. Raises Invalid for one that is not registered."""
    kind, _, id = feed.partition("/")
    if kind == CAMERA:
        imported = work.find(camera, id)
        found = next((one.district for one in city.cameras if one.id == id), None)
        found = imported["district"] if imported else found
    elif kind == PHONE:
        found = _of_phone(work, id)
    else:
        found = next((one.district for one in city.units if one.id == id and _flies(one)), None)
    if found is None:
        raise Invalid("unknown_feed", field, f"no picture {feed}")
    return found


def _of_phone(work: Work, unit: str) -> str | None:
    """The first district of what the unit works on while it sends."""
    found = (one for one in running(work.connection, work.realm) if one.unit == unit)
    return next((one.scope[0] for one in found), None)


def _flies(unit: object) -> bool:
    return getattr(unit, "force_type", None) is ForceType.UAV
