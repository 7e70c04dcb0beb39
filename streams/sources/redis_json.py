"""Alerts by Redis pub/sub: a channel for each source, best effort."""

CHANNEL = "alerts.*"


def source(channel: str) -> str:
    """The source that speaks on `alerts.<source>`."""
    return channel.partition(".")[2]
