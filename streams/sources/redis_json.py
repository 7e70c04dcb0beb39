"""Alerts by Redis pub/sub: JSON on a channel of the source's own, best effort."""

from collections.abc import Mapping
from typing import Any

from dispatch import canonical
from dispatch.city import City
from dispatch.errors import Invalid
from dispatch.incoming import Incoming
from streams.sources import json_alert

CHANNEL = "alerts.*"
PAYLOAD_MAX = 65_536  # bytes


def source(channel: str) -> str:
    """The source that speaks on `alerts.<source>`."""
    return channel.partition(".")[2]


def read(channel: str, payload: bytes, city: City, now: int) -> tuple[Incoming, int | None]:
    """Understand one message; the channel says whose it is. Raises Invalid.

    Also gives the sender's own count, if it counts.
    """
    content = _content(payload)
    said = content.get("source", source(channel))
    if said != source(channel):
        raise Invalid("not_your_source", "source", f"{channel} is not the channel of {said}")
    parsed = json_alert.read({**content, "source": said}, city, now)
    return parsed, content.get("seq")


def _content(payload: bytes) -> Mapping[str, Any]:
    if len(payload) > PAYLOAD_MAX:
        raise Invalid("too_long", "", f"more than {PAYLOAD_MAX} bytes")
    try:
        return json_alert.object_of(canonical.loads(payload))
    except canonical.JsonError as error:
        raise Invalid("not_json", "", str(error)) from error
