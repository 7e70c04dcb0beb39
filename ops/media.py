"""Settings of cameras and calls, and what is made of them for each process."""

import base64
import hashlib
import os
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from ops import keep
from ops.trouble import Trouble

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

    from video.addresses import Allowed

ICE = r"^(stun|turn|turns):[A-Za-z0-9.\-]+(:\d+)?(\?transport=(udp|tcp))?$"
KEY_FILE = "media"


def _words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _ports(text: str) -> str:
    from video.ports import Ports

    Ports.parse(text)
    return text


def _networks(words: tuple[str, ...]) -> tuple[str, ...]:
    from video.addresses import Allowed

    Allowed.parse(words)
    return words


def _addresses(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(ip_address(one)) for one in words)


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Server = Annotated[str, Field(pattern=ICE)]


class MediaSettings(BaseModel):
    """The part of the settings that is about media."""

    media: str | None = Field(None, alias="YIPING_MEDIA", pattern=r"^http://[A-Za-z0-9.\-]+:\d+$")
    media_secret: str | None = Field(None, alias="YIPING_MEDIA_SECRET", min_length=32)
    media_addresses: Annotated[Words, AfterValidator(_addresses)] = Field(
        (), alias="YIPING_MEDIA_ADDRESSES"
    )
    media_ports: Annotated[str, AfterValidator(_ports)] = Field(
        "40000-40199", alias="YIPING_MEDIA_PORTS"
    )
    transcodes: int = Field(1, alias="YIPING_MEDIA_TRANSCODES", ge=0, le=32)
    camera_networks: Annotated[Words, AfterValidator(_networks)] = Field(
        (), alias="YIPING_CAMERA_NETWORKS"
    )
    camera_base: str = Field("", alias="YIPING_CAMERA_BASE", pattern=r"^(rtsp://[^@\s]+/)?$")
    drone_base: str = Field("", alias="YIPING_DRONE_BASE", pattern=r"^(http://[^@\s]+/)?$")
    ice_servers: Annotated[tuple[Server, ...], BeforeValidator(_words)] = Field(
        (), alias="YIPING_ICE_SERVERS"
    )
    turn_secret: str = Field("", alias="YIPING_TURN_SECRET")
    calls_direct: Literal["on", "off"] = Field("off", alias="YIPING_CALLS_DIRECT")

    @property
    def direct(self) -> bool:
        """Whether two who are alone in a call speak to each other."""
        return self.calls_direct == "on"


def of_process(own: MediaSettings, var: Path) -> Any:
    """What the media process is told. Raises Trouble when it has no address or no secret."""
    from video.ports import Ports
    from video.process import MediaSettings as Told

    if own.media is None or own.media_secret is None:
        raise Trouble("YIPING_MEDIA and YIPING_MEDIA_SECRET: the media process needs both")
    place = urlsplit(own.media)
    return Told(
        place.hostname or "127.0.0.1",
        place.port or 0,
        own.media_secret,
        own.media_addresses,
        Ports.parse(own.media_ports),
        own.transcodes,
        allowed(own),
        var,
        recordings(var),
        direct=own.direct,
    )


def allowed(own: MediaSettings) -> "Allowed":
    """Where cameras may be."""
    from video.addresses import Allowed

    played = [*_place_of(own.camera_base), *_place_of(own.drone_base)]
    return Allowed.parse([*own.camera_networks, *played])


def _place_of(base: str) -> list[str]:
    """The one place that the base of relative addresses names, if it names it by number."""
    parts = urlsplit(base)
    try:
        return [f"{ip_address(parts.hostname or '')}:{parts.port or 554}"]
    except ValueError:
        return []


def of_worker(own: MediaSettings) -> tuple[str, str] | None:
    """Where the worker asks the media process for its calls, and the word that it wants to hear."""
    from video.tokens import key

    if own.media is None or own.media_secret is None:
        return None
    return own.media, key(own.media_secret, "media control").hex()


def recordings(var: Path) -> Path:
    """Where calls and feeds are kept."""
    return var / "recordings"


def of_web(own: MediaSettings, var: Path) -> Any:
    """What the web process is told; None where no media process is set up."""
    from callbacks.media_parts import MediaValues

    if own.media is None or own.media_secret is None:
        return None
    servers = (own.ice_servers, own.turn_secret)
    bases = (own.camera_base, *servers, own.drone_base)
    return MediaValues(own.media, own.media_secret, vault(var), *bases)


def vault(var: Path) -> "Fernet":
    """Locks and unlocks the passwords of cameras; its key stands in `var`, not in the store."""
    from cryptography.fernet import Fernet

    raw = hashlib.sha256(keep.secret(var, "cameras").encode()).digest()
    return Fernet(base64.urlsafe_b64encode(raw))


def offered(var: Path, host: str, player: bool) -> dict[str, str]:
    """What the supervisor adds where nothing is set: a free port, secrets, the demo's cameras."""
    vault(var)  # so that the processes do not make the key at the same time
    given = {"YIPING_MEDIA": f"http://127.0.0.1:{_free_port()}", "YIPING_MEDIA_SECRET": secret(var)}
    if not (host == "localhost" or host.startswith("127.") or ":" in host):
        given["YIPING_MEDIA_ADDRESSES"] = host
    if player:
        given["YIPING_CAMERA_BASE"] = f"rtsp://127.0.0.1:{_free_port()}/"
        given["YIPING_DRONE_BASE"] = f"http://127.0.0.1:{_free_port()}/"
    return {name: value for name, value in given.items() if not os.environ.get(name)}


def demo_cameras(given: Mapping[str, str]) -> str:
    """`host:port` where the player plays the city's cameras, "" if cameras are elsewhere."""
    return urlsplit(given.get("YIPING_CAMERA_BASE", "")).netloc


def demo_drones(given: Mapping[str, str]) -> str:
    """`host:port` where the player plays the city's drones, "" if drones are elsewhere."""
    return urlsplit(given.get("YIPING_DRONE_BASE", "")).netloc


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def secret(var: Path) -> str:
    """This installation's own."""
    return keep.secret(var, KEY_FILE)
