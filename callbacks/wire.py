"""What screens may say over their socket: strict shapes, nothing more."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callbacks.views import SUBJECT
from dispatch.errors import Invalid
from dispatch.inputs import MaybeLine

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{1,64}$")]
Subject = Annotated[str, Field(pattern=SUBJECT)]
RoomName = Annotated[str, Field(min_length=1, max_length=400)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Parsed = TypeVar("Parsed", bound=BaseModel)


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Join(Said):
    """A screen comes: which one, what it is called, what it has open in which panel.

    since: number of the last event that it was told of, 0 if it was not here before.
    """

    screen: Literal["wall", "desk", "phone"]
    screen_id: Name
    name: MaybeLine = ""
    lang: Literal["zh", "en"] = "zh"
    subject: Annotated[dict[Name, Subject | None], Field(max_length=60)] = {}
    since: Count = 0


class Open(Said):
    """A panel opens another subject, "" for none."""

    panel: Name
    subject: Subject | None = ""


class Resync(Said):
    room: RoomName


class Missed(Said):
    """A screen was not told what came after this number, though others were."""

    since: Count


class Leave(Said):
    """A panel that the screen does not show any more."""

    panel: Name


class Report(Said):
    """What a screen has applied: the mode's epoch, and the last push of each room."""

    screen_id: Name
    epoch: Count
    mode: Literal["PEACETIME", "STANDBY", "WARTIME"]
    visible: bool = True
    rooms: Annotated[dict[RoomName, Count], Field(max_length=60)] = {}


def parse(shape: type[Parsed], said: Any) -> Parsed:
    """What was said, in its shape. Raises Invalid."""
    try:
        return shape.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Invalid("invalid", ".".join(map(str, first["loc"])), first["msg"]) from error
