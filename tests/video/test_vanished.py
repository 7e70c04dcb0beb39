"""Who vanishes is sent nothing for long; a bad line is held."""

import asyncio
import inspect
from importlib.metadata import version
from typing import Any

import pytest
from aioice import ice, stun

from tests.calls.parties import until
from tests.video.test_leaving import Air, loopback
from video import private

__all__ = ["loopback"]
FASTER = 25


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits of the questions are shorter, each by as much."""
    monkeypatch.setattr(private, "ASK_S", private.ASK_S / FASTER)
    monkeypatch.setattr(stun, "RETRY_RTO", stun.RETRY_RTO / FASTER)


class FarEnd:
    """A viewer's end of the line: it may hear only one of so many packets, or none.

    asked: how many questions came to it.
    """

    def __init__(self, client: Any, of: int) -> None:
        self.of, self.asked = of, 0
        (dtls,) = {one.receiver.transport for one in client.getTransceivers()}
        for protocol in dtls.transport._connection._protocols:
            self._thin(protocol)

    def _thin(self, protocol: Any) -> None:
        heard = protocol.datagram_received

        def some(data: bytes, addr: Any) -> None:
            question = data[:2] == b"\0\x01"
            self.asked += question
            if self.of and not (question and self.asked % self.of):
                heard(data, addr)

        protocol.datagram_received = some


def test_a_viewer_who_vanishes_is_let_go_in_time(loopback: None, fast: None) -> None:
    async def test() -> None:
        air = Air()
        client = await air.look(0)
        await until(lambda: client.connectionState == "connected", "the viewer")
        far = FarEnd(client, of=0)
        began = asyncio.get_running_loop().time()
        await until(lambda: len(air.peers) == 0, "it is let go")
        took = (asyncio.get_running_loop().time() - began) * FASTER
        assert far.asked == private.UNANSWERED * (1 + private.AGAIN)
        assert took > 10.0
        await client.close()
        await air.feeds.close()

    asyncio.run(test())


def test_a_viewer_who_hears_one_question_in_six_is_held(loopback: None, fast: None) -> None:
    async def test() -> None:
        air = Air()
        client = await air.look(0)
        await until(lambda: client.connectionState == "connected", "the viewer")
        far = FarEnd(client, of=6)
        await until(lambda: far.asked > 60, "many questions")
        assert len(air.peers) == 1
        await client.close()
        await air.feeds.close()

    asyncio.run(test())


def test_what_is_believed_of_aioice() -> None:
    assert version("aioice") == "0.13.0"
    assert list(inspect.signature(ice.Connection.query_consent).parameters) == ["self"]
    asked = inspect.signature(ice.StunProtocol.request).parameters
    assert list(asked)[1:] == ["request", "addr", "integrity_key", "retransmissions"]
    made = ice.Connection(ice_controlling=True)
    assert made._nominated == {}
    assert made._query_consent_task is None


def test_the_longest_that_a_vanished_viewer_is_sent_to() -> None:
    answer = sum(stun.RETRY_RTO * 2**n for n in range(1 + private.AGAIN))
    assert answer * private.UNANSWERED + 1.2 * private.ASK_S <= 14.0
