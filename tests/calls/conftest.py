"""Calls on this machine alone: connections in the test's own process, by loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aioice import ice

from dispatch.city import City
from dispatch.database import Database
from tests.calls.parties import Party
from tests.dispatch.centre import Centre
from tests.dispatch.conftest import small_city
from video.calls import Calls
from video.peers import Peers

Run = Callable[[Callable[["Call"], Coroutine[Any, Any, None]]], None]


class Call:
    """A media engine, and people who come into its call `r`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.parties: list[Party] = []

    async def join(self, id: str, send: bool = True, receive: bool = True, **facts: Any) -> Party:
        party = Party(self.calls, "r", id, **facts)
        self.parties.append(party)
        if send:
            await party.send()
        if receive:
            await party.receive()
        return party

    async def want(self, *people: str, record: bool = False, **more: Any) -> dict[str, Any]:
        """What the desk wants of the call."""
        own = more.get("facts", {})
        found = [{"id": id, "name": id.upper(), **own.get(id, {})} for id in people]
        room = {"room": "r", "record": record, "people": found}
        return await self.calls.wanted({"rooms": [room], "stored": more.get("stored", [])})


@pytest.fixture(scope="module")
def city() -> City:
    return small_city()


@pytest.fixture
def centre(sqlite_url: str, city: City) -> Iterator[Centre]:
    database = Database(sqlite_url)
    opened = Centre(database, city)
    yield opened
    opened.writer.close()
    database.close()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


@pytest.fixture
def in_call(loopback: None, tmp_path: Path) -> Run:
    """Runs a test's coroutine with a call; everything is closed after it."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Call]:
        peers = Peers()
        call = Call(Calls(peers, tmp_path / "recordings"))
        try:
            yield call
        finally:
            for party in call.parties:
                await party.leave()
            await call.calls.close()
            await peers.close()

    def run(test: Callable[[Call], Coroutine[Any, Any, None]]) -> None:
        async def whole() -> None:
            async with opened() as call:
                await test(call)

        asyncio.run(whole())

    return run
