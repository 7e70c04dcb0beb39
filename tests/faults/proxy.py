"""A TCP proxy that can be slow, deaf, forgetful or dead: the faults of a network, on demand."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.faults.frames import Mangler

CHUNK = 65_536
CONNECT_S = 2.0
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Target = Callable[[], Awaitable[Streams]]


def by_port(port: int) -> Target:
    return lambda: asyncio.open_connection("127.0.0.1", port)


def by_socket(path: str) -> Target:
    return lambda: asyncio.open_unix_connection(path)


@dataclass
class Faults:
    """What the proxy does to what passes; all off means that it only passes it on.

    hole: packets vanish, nobody is told; what was sent arrives when it ends.
    deaf: as `hole`, but connections of that time never come back (half-open).
    delay_s: each piece waits so long; rate: bytes a second towards the client, 0 for no limit.
    lost_answers: so many answers to POSTs are lost after the server gave them.
    refuse: nobody is let in.
    """

    hole: bool = False
    deaf: bool = False
    delay_s: float = 0.0
    rate: float = 0.0
    lost_answers: int = 0
    refuse: bool = False
    mangle: Mangler | None = None


@dataclass(eq=False)
class Line:
    """One connection through the proxy. posting: the client's last words were a POST."""

    up: Streams
    down: Streams
    posting: bool = False
    socket: bool = False
    dead: bool = False

    def abort(self) -> None:
        for _reader, writer in (self.up, self.down):
            writer.transport.abort()


@dataclass
class Proxy:
    """Listens on a port of its own; a connection goes to the next target that takes it."""

    targets: list[Target]
    faults: Faults = field(default_factory=Faults)
    port: int = 0
    lines: set[Line] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._turn = itertools.count()
        self._clear = asyncio.Event()
        self._clear.set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection at once."""
        for line in list(self.lines):
            line.abort()

    def hold(self) -> None:
        self._clear.clear()
        self.faults.hole = True

    def deafen(self) -> None:
        """Connections of now never carry anything again, and nobody is told."""
        for line in self.lines:
            line.dead = True
        self.faults.deaf = True

    def heal(self) -> None:
        """From now on it only passes on; what was half-open stays so until somebody gives up."""
        self.faults = Faults()
        self._clear.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.faults.refuse or (up := await self._connect()) is None:
            writer.transport.abort()
            return
        line = Line(up, (reader, writer), dead=self.faults.deaf)
        self.lines.add(line)
        try:
            await asyncio.gather(self._ask(line), self._answer(line))
        except (OSError, EOFError, asyncio.CancelledError):  # the last: the run is over
            pass
        finally:
            self.lines.discard(line)
            line.abort()

    async def _connect(self) -> Streams | None:
        """Each target in turn; the next one if it refuses."""
        start = next(self._turn)
        for n in range(len(self.targets)):
            target = self.targets[(start + n) % len(self.targets)]
            try:
                return await asyncio.wait_for(target(), CONNECT_S)
            except (OSError, TimeoutError):
                continue
        return None

    async def _ask(self, line: Line) -> None:
        """What the client says."""
        reader, writer = line.down[0], line.up[1]
        while data := await reader.read(CHUNK):
            line.posting = data.startswith(b"POST ") or (line.posting and data[:4] != b"GET ")
            line.socket |= data.startswith(b"GET /socket.io")
            await self._pass(line)
            writer.write(data)
            await writer.drain()
        raise EOFError

    async def _answer(self, line: Line) -> None:
        """What the server says."""
        reader, writer = line.up[0], line.down[1]
        while data := await reader.read(CHUNK):
            await self._pass(line)
            if line.posting and self.faults.lost_answers:
                self.faults.lost_answers -= 1
                raise EOFError
            if line.socket and self.faults.mangle:
                data = self.faults.mangle.take(line, data)
            writer.write(data)
            await writer.drain()
            if self.faults.rate:
                await asyncio.sleep(len(data) / self.faults.rate)
        raise EOFError

    async def _pass(self, line: Line) -> None:
        if self.faults.delay_s:
            await asyncio.sleep(self.faults.delay_s * random.uniform(0.5, 1.5))
        await self._clear.wait()
        if line.dead:
            await asyncio.Event().wait()
