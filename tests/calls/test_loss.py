"""A call whose lines lose a tenth of their packets and are 300 ms long goes on."""

import asyncio
import random
import re
from dataclasses import replace
from typing import Any

from tests.calls.conftest import Call, Run
from tests.calls.parties import Party, until

LOSS, ONE_WAY_S = 0.1, 0.15
PACKETS = 1_200  # on all lines together, some five seconds
HERTZ = {"anna": 500, "ben": 1500}
PORT = re.compile(r"(a=candidate:\S+ \d udp \d+ 127\.0\.0\.1 )(\d+)( typ host)", re.I)


class BadLine(asyncio.DatagramProtocol):
    """Stands between a participant and the media process; `hard`: it loses and delays."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self._far, self._chance, self.hard = ("127.0.0.1", port), chance, False
        self._near: Any = None
        self.lost = self.passed = 0

    def connection_made(self, transport: Any) -> None:
        self._line = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if addr != self._far:
            self._near = addr
        to = self._near if addr == self._far else self._far
        if not self.hard:
            self._line.sendto(data, to)
        elif self._chance.random() < LOSS:
            self.lost += 1
        else:
            self.passed += 1
            asyncio.get_running_loop().call_later(ONE_WAY_S, self._line.sendto, data, to)


class Far(Party):
    """A participant at the end of bad lines."""

    lines: list[BadLine]

    async def _meet(self, peer: Any, door: Any, action: str) -> None:
        async def through(claims: Any, offer: Any) -> Any:
            session = await door(claims, offer)
            found = PORT.search(session.answer)
            assert found, session.answer
            _, line = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: BadLine(int(found[2]), random.Random(len(self.lines))),
                local_addr=("127.0.0.1", 0),
            )
            self.lines.append(line)
            answer = PORT.sub(rf"\g<1>{line.port}\g<3>", session.answer)
            return replace(session, answer=answer)

        await super()._meet(peer, through, action)


def test_a_call_goes_on_when_a_tenth_of_its_packets_is_lost(in_call: Run) -> None:
    async def talk(call: Call) -> None:
        await call.want(*HERTZ)
        people = {id: Far(call.calls, "r", id, hertz=hertz) for id, hertz in HERTZ.items()}
        for one in people.values():
            one.lines = []
            call.parties.append(one)
            await one.send()
            await one.receive()
        pairs = ((people["anna"], "ben"), (people["ben"], "anna"))
        for me, other in pairs:
            await until(lambda me=me, other=other: _hears(me, other), "before the loss")
        lines = [line for one in people.values() for line in one.lines]
        for line in lines:
            line.hard = True
        await until(lambda: sum(one.lost + one.passed for one in lines) > PACKETS, "packets", 30)
        lost, passed = sum(one.lost for one in lines), sum(one.passed for one in lines)
        assert 0.05 < lost / (lost + passed) < 0.2
        for me, other in pairs:
            assert [one.connectionState for one in me.peers] == ["connected", "connected"]
            assert me.told_of(other)["here"]
            me.heard.clear()
            await until(lambda me=me, other=other: _hears(me, other), "under the loss")

    in_call(talk)


def _hears(me: Party, other: str) -> bool:
    slot = me.slot_of("audio", other)
    return slot is not None and me.strength(slot, HERTZ[other]) > 0.5
