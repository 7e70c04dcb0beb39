"""Where cameras may be: an address from outside is resolved once and held against a list."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

Network = IPv4Network | IPv6Network
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443, "udp": 0, "rtmp": 1935}


class NotAllowed(Exception):
    """This address is not among those where cameras may be."""


@dataclass(frozen=True)
class Place:
    """A resolved address. url: with the number in the name's place, so nobody resolves it again."""

    url: str
    host: str
    address: str
    port: int


@dataclass(frozen=True)
class Allowed:
    """networks: whole networks; places: single (address, port) pairs, as of a server of one's own.

    Loopback, link-local and multicast addresses are only ever allowed as places.
    """

    networks: tuple[Network, ...] = tuple(ip_network(one) for one in PRIVATE)
    places: frozenset[tuple[str, int]] = field(default_factory=frozenset)

    @staticmethod
    def parse(words: Sequence[str]) -> "Allowed":
        """`10.8.0.0/16` is a network, `10.1.2.3:554` a place. Raises ValueError."""
        networks, places = [], set()
        for word in words:
            host, colon, port = word.rpartition(":")
            if colon and "/" not in word and port.isdigit():
                places.add((str(ip_address(host.strip("[]"))), int(port)))
            else:
                networks.append(ip_network(word))
        return Allowed(tuple(networks), frozenset(places)) if networks else Allowed(
            places=frozenset(places)
        )  # fmt: skip

    def holds(self, address: str, port: int) -> bool:
        one = ip_address(address)
        if (str(one), port) in self.places:
            return True
        if one.is_loopback or one.is_link_local or one.is_multicast or one.is_unspecified:
            return False
        return any(one in network for network in self.networks)

    def resolve(self, url: str) -> Place:
        """Where the address leads. Raises NotAllowed; blocks while the name is looked up."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme.removeprefix("whep+"), 0)
        except ValueError:
            raise NotAllowed("the address is none") from None
        if not parts.hostname:
            raise NotAllowed("the address has no host")
        try:
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotAllowed(f"{parts.hostname} is not known") from None
        addresses = [str(one[4][0]) for one in found]
        if not all(self.holds(one, port) for one in addresses):
            raise NotAllowed(f"{parts.hostname}:{port} is not where cameras may be")
        return Place(_pinned(parts, addresses[0], port), parts.hostname, addresses[0], port)


def _pinned(parts: SplitResult, address: str, port: int) -> str:
    host = f"[{address}]" if ":" in address else address
    user = parts.netloc.rpartition("@")[0]
    where = f"{user}@{host}" if user else host
    return urlunsplit(parts._replace(netloc=f"{where}:{port}" if port else where))


def with_credentials(url: str, user: str, password: str) -> str:
    """The address with a name and a password in it."""
    if not user:
        return url
    parts = urlsplit(url)
    secret = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{secret}@{parts.netloc.rpartition('@')[2]}"))


def shown(url: str) -> str:
    """The address without any secret, for logs."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
