"""What I10 counts as a process's own: not the lines of others who are still there."""

import asyncio
import socket

import psutil

from tests.faults.calm import guests


def test_a_line_counts_as_a_guest_until_its_other_end_goes() -> None:
    async def story() -> tuple[int, int]:
        kept: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(lambda _, there: kept.append(there), "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        callers = [socket.create_connection(address) for _ in range(3)]
        while len(kept) < 3:
            await asyncio.sleep(0.01)
        here = psutil.Process()
        before = guests(here)
        callers[0].close()
        after = guests(here)
        for one in callers[1:]:
            one.close()
        server.close()
        return before, after

    assert asyncio.run(story()) == (3, 2)
