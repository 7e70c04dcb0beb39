"""What the doors need of media: where its process is, tokens, rights, the cameras' vault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from cryptography.fernet import Fernet
from sqlalchemy import Connection

from callbacks.media_rights import MediaRights
from dispatch import sendings, viewings
from dispatch.access import Actor
from dispatch.cameras import Registered, registry
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.vocabulary import REAL
from streams.background import Task, every
from streams.feeds import POLL_S, Feeds, MediaLink, absolute, kind_of, with_credentials
from video.tokens import Tokens, key

PROBE_S = 15.0
WHIP = "whip"


@dataclass(frozen=True)
class MediaValues:
    """address: of the media process; secret: shared with it; base: of relative camera addresses."""

    address: str
    secret: str
    vault: Fernet
    base: str = ""
    ice_servers: tuple[str, ...] = ()
    turn_secret: str = ""
    drone_base: str = ""


@dataclass(frozen=True)
class Media:
    values: MediaValues
    tokens: Tokens
    rights: MediaRights
    link: MediaLink

    @property
    def vault(self) -> Fernet:
        return self.values.vault

    @property
    def ice_servers(self) -> tuple[str, ...]:
        return self.values.ice_servers

    @property
    def turn_secret(self) -> str:
        return self.values.turn_secret

    def probe(self, one: Registered) -> str:
        """Why a camera's pictures cannot be shown; "" if they can. Asks the media process."""
        return probe(self.values, one)


def tasks(media: Media | None) -> list[Task]:
    """What must run beside the doors; nothing where no media process is set up."""
    return [every(POLL_S, media.link.poll, "asking the media process")] if media else []


def make(
    values: MediaValues | None, database: Database, city: City, feeds: Feeds,
    now: Callable[[], int] = now_ms, realm: str = REAL,
) -> Media | None:  # fmt: skip
    """The parts of a web process; None where no media process is set up."""
    if values is None:
        return None

    def read() -> list[Registered]:
        def once(connection: Connection) -> list[Registered]:
            return registry(connection, city, values.vault, realm)

        return database.read(once)

    def watching(actor: Actor, feed: str) -> bool:
        return database.read(lambda c: viewings.runs(c, actor, feed, now(), realm))

    def senders() -> Sequence[sendings.Sending]:
        return database.read(lambda c: sendings.running(c, realm))

    def more() -> list[dict[str, Any]]:
        return drone_sources(city, values.drone_base) + phone_sources(senders())

    word = control_key(values.secret)
    link = MediaLink(feeds, read, values.address, word, values.base, more)
    rights = MediaRights(city, feeds, now, watching, senders)
    return Media(values, Tokens(values.secret), rights, link)


def drone_sources(city: City, base: str) -> list[dict[str, Any]]:
    """The drones that send their pictures, as the media process wants to be told; kept open.

    One whose address is `whip` sends by itself, with a token of its unit's account.
    """
    found = [(one.id, urljoin(base, one.url)) for one in city.drones if one.url not in ("", WHIP)]
    fetched = [
        {"path": f"drone/{id}", "url": url, "kind": "mpegts", "pinned": True}
        for id, url in found
        if urlsplit(url).scheme in ("http", "udp")
    ]
    return fetched + [_sent(f"drone/{one.id}") for one in city.drones if one.url == WHIP]


def phone_sources(senders: Sequence[sendings.Sending]) -> list[dict[str, Any]]:
    """The phones that may send their pictures now; who is not among them is cut off."""
    return [_sent(f"phone/{one.unit}") for one in senders]


def _sent(path: str) -> dict[str, Any]:
    return {"path": path, "url": "", "kind": WHIP, "pinned": False}


def control_key(secret: str) -> str:
    """What the media process wants to hear at its control door."""
    return key(secret, "media control").hex()


def probe(values: MediaValues, one: Registered) -> str:
    url = absolute(one.camera.url, values.base)
    if not url:
        return "a relative address needs YIPING_CAMERA_BASE"
    body = {"url": with_credentials(url, one), "kind": kind_of(url)}
    headers = {"Authorization": f"Bearer {control_key(values.secret)}"}
    address = f"{values.address}/control/probe"
    try:
        answer = httpx.post(address, json=body, headers=headers, timeout=PROBE_S)
        told = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return "the media process does not answer"
    return "" if told["playable"] else str(told["reason"])
