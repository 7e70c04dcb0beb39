"""ICE as configured: the given addresses, the given UDP ports, and nothing else.

aioice binds every address of the machine at any port. The addresses are given to it by a function
of its module that we replace, the ports by the event loop.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from itertools import cycle
from typing import Any

from aioice import ice

from video.ports import Ports

MDNS = re.compile(r"(?m)^(a=candidate:\S+ \d+ \S+ \d+ )\S+\.local( \d+ )")


class MediaLoop(asyncio.SelectorEventLoop):
    """An event loop that opens UDP sockets of no particular port within a range."""

    def __init__(self, ports: Ports) -> None:
        super().__init__()
        self._count = ports.last - ports.first + 1
        self._ports = cycle(range(ports.first, ports.last + 1))

    async def create_datagram_endpoint(
        self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **facts: Any
    ) -> Any:
        open_one = super().create_datagram_endpoint
        if local_addr is None or local_addr[1] or remote_addr is not None:
            return await open_one(protocol_factory, local_addr, remote_addr, **facts)
        for _ in range(self._count):
            try:
                return await open_one(protocol_factory, (local_addr[0], next(self._ports)))
            except OSError as error:
                last = error
        raise last


def loop_factory(ports: Ports) -> Callable[[], MediaLoop]:
    return lambda: MediaLoop(ports)


def offer_only(addresses: Sequence[str]) -> None:
    """From now on only these addresses of this machine are offered."""
    known = [str(ip_address(one)) for one in addresses]

    def configured(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        families = [4] * use_ipv4 + [6] * use_ipv6
        return [one for one in known if ip_address(one).version in families]

    ice.get_host_addresses = configured


def main_address() -> str:
    """The address by which others of this network reach this machine; loopback if there is none.

    Nothing is sent.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def without_names(sdp: str, client: str) -> str:
    """The offer with its `.local` names as the address from which the offer came.

    Browsers hide addresses behind multicast names that need not be heard in another network.
    """
    return MDNS.sub(rf"\g<1>{client}\g<2>", sdp) if client else sdp
