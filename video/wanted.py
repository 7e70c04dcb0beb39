"""What the desk wants of the calls, as its keeper says it once a second."""

import logging
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

log = logging.getLogger(__name__)


def first(most: int) -> BeforeValidator:
    """Take so many of a list: one too many must not keep a mute or a kick from being heard."""

    def taken(given: Any) -> Any:
        if isinstance(given, list) and len(given) > most:
            log.warning("of %s that are wanted %s are taken", len(given), most)
            return given[:most]
        return given

    return BeforeValidator(taken)


class WantedPerson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str = Field(max_length=64)
    name: str = Field("", max_length=200)
    muted: bool = False
    hand: bool = False


class WantedRoom(BaseModel):
    """A call that is on: who may be in it, and whether it is recorded."""

    model_config = ConfigDict(extra="ignore")
    room: str = Field(max_length=64)
    record: bool = False
    people: list[WantedPerson] = Field(max_length=200)


class Wanted(BaseModel):
    """All calls that are on; `stored`: recordings that the log has.

    feeds: each a path and an incident that it is kept for; one path may stand for several.
    """

    model_config = ConfigDict(extra="ignore")
    rooms: list[WantedRoom] = Field(max_length=500)
    stored: Annotated[list[str], first(5_000)] = []
    feeds: Annotated[list[tuple[str, str]], first(2_000)] = []
