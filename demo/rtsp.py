"""A small RTSP server: plays clips round and round over RTSP/TCP, as a camera would.

Every viewer of a clip gets the very same bytes at the same time, so a viewer costs one write.
"""

import asyncio
import base64
import contextlib
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av

MTU = 1_400
CLOCK = 90_000
PAYLOAD_TYPE = 96
FU_A = 28
BEHIND_MAX = 1 << 20  # bytes; a viewer that cannot take more is cut off


@dataclass(frozen=True)
class Frame:
    """One picture: its NAL units; ticks: how long it lasts, 1/90000 s."""

    nals: tuple[bytes, ...]
    ticks: int
    keyframe: bool


@dataclass(frozen=True)
class Clip:
    """Pictures that are played round and round; the first is a keyframe."""

    frames: tuple[Frame, ...]

    @property
    def parameters(self) -> tuple[bytes, ...]:
        return tuple(one for one in self.frames[0].nals if one[0] & 0x1F in (7, 8))


def read_clip(path: Path) -> Clip:
    """Read a clip of H.264 from a file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        filter = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        packets = [out for one in container.demux(stream) for out in filter.filter(one)]
        rate = float(stream.average_rate or 25)
    frames = [Frame(tuple(split(bytes(p))), int(CLOCK / rate), p.is_keyframe) for p in packets]
    return Clip(tuple(one for one in frames if one.nals))


def split(unit: bytes) -> Iterator[bytes]:
    """The NAL units of an access unit in Annex B."""
    for part in unit.split(b"\x00\x00\x01")[1:]:
        nal = part.rstrip(b"\x00")
        if nal and nal[0] & 0x1F != 9:
            yield nal


class Broadcast:
    """One clip on the air while somebody watches."""

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.viewers: set[asyncio.StreamWriter] = set()
        self.silent = False  # for tests: connected, but nothing comes
        self.still = False  # for tests: always the same picture
        self._sequence, self._ticks = 1, 1
        self._task: asyncio.Task[None] | None = None

    def add(self, viewer: asyncio.StreamWriter) -> None:
        self.viewers.add(viewer)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._play())

    def close(self) -> None:
        if self._task:
            self._task.cancel()

    async def _play(self) -> None:
        due = time.monotonic()
        while self.viewers:
            for frame in self.clip.frames:
                if not self.silent:
                    self._send(frame if not self.still else self._standing(frame))
                due += frame.ticks / CLOCK
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not self.viewers:
                    return

    def _standing(self, frame: Frame) -> Frame:
        first = self.clip.frames[0]
        return Frame(first.nals, frame.ticks, True)

    def _send(self, frame: Frame) -> None:
        sent = b"".join(self._packets(frame))
        self._ticks = (self._ticks + frame.ticks) & 0xFFFFFFFF
        for viewer in tuple(self.viewers):
            if viewer.is_closing() or viewer.transport.get_write_buffer_size() > BEHIND_MAX:
                self.viewers.discard(viewer)
                viewer.close()
            else:
                viewer.write(sent)

    def _packets(self, frame: Frame) -> Iterator[bytes]:
        payloads = [one for nal in frame.nals for one in payloads_of(nal)]
        for n, payload in enumerate(payloads):
            last = 0x80 if n == len(payloads) - 1 else 0
            head = struct.pack(
                "!BBHII", 0x80, PAYLOAD_TYPE | last, self._sequence, self._ticks, 0x59495049
            )
            self._sequence = (self._sequence + 1) & 0xFFFF
            yield struct.pack("!cBH", b"$", 0, len(head) + len(payload)) + head + payload


def payloads_of(nal: bytes) -> Iterator[bytes]:
    """A NAL unit as RTP payloads (RFC 6184): whole, or in fragments."""
    if len(nal) <= MTU:
        yield nal
        return
    indicator, kind = nal[0] & 0xE0 | FU_A, nal[0] & 0x1F
    parts = [nal[at : at + MTU - 2] for at in range(1, len(nal), MTU - 2)]
    for n, part in enumerate(parts):
        mark = (0x80 if n == 0 else 0) | (0x40 if n == len(parts) - 1 else 0)
        yield bytes((indicator, mark | kind)) + part


@dataclass
class RtspServer:
    """find: the broadcast of an address's path, None for no such camera.

    password: (name, password) that viewers must give, if any.
    """

    find: Callable[[str], Broadcast | None]
    password: tuple[str, str] | None = None
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, which is a free one for 0."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and cut everybody off."""
        if self._server:
            self._server.close()
        for one in tuple(self._open):
            one.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        watched: Broadcast | None = None
        try:
            while request := await _request(reader):
                method, path, headers = request
                answer, watched = self._answer(method, path, headers, watched)
                writer.write(_reply(headers, answer))
                if method == "PLAY" and watched:
                    watched.add(writer)
                if method == "TEARDOWN":
                    break
        except (
            ConnectionError,
            asyncio.IncompleteReadError,
            ValueError,
            asyncio.LimitOverrunError,
        ):
            pass
        finally:
            self._open.discard(writer)
            if watched:
                watched.viewers.discard(writer)
            with contextlib.suppress(ConnectionError):
                writer.close()

    def _answer(
        self, method: str, path: str, headers: dict[str, str], watched: Broadcast | None
    ) -> tuple[str, Broadcast | None]:
        """The status line, headers and body after CSeq; and what is watched from now on."""
        if method == "OPTIONS":
            return (
                "200 OK\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER",
                watched,
            )
        if not self._admits(headers):
            return '401 Unauthorized\r\nWWW-Authenticate: Basic realm="demo"', watched
        found = self.find(path.removesuffix("/").removesuffix("/track"))
        if found is None:
            return "404 Not Found", watched
        if method == "DESCRIBE":
            return _description(found.clip), found
        if method == "SETUP" and "interleaved" not in headers.get("transport", ""):
            return "461 Unsupported Transport", found
        if method == "SETUP":
            return "200 OK\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1", found
        return "200 OK\r\nSession: 1", found

    def _admits(self, headers: dict[str, str]) -> bool:
        if self.password is None:
            return True
        word = base64.b64encode(":".join(self.password).encode()).decode()
        return headers.get("authorization") == f"Basic {word}"


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
    """The next request; what a viewer says about reception is read over. None at the end."""
    while (first := await reader.read(1)) == b"$":
        _, length = struct.unpack("!BH", await reader.readexactly(3))
        await reader.readexactly(length)
    if not first:
        return None
    text = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = text.strip().split("\r\n")
    method, url, _ = line.split(" ", 2)
    pairs = (one.split(":", 1) for one in rest if ":" in one)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return method, url.split("/", 3)[3] if url.count("/") > 2 else "", headers


def _reply(headers: dict[str, str], answer: str) -> bytes:
    status, _, more = answer.partition("\r\n")
    rest = f"{more}\r\n" if more and "\r\n\r\n" not in more else more
    end = "" if "\r\n\r\n" in more else "\r\n"
    return f"RTSP/1.0 {status}\r\nCSeq: {headers.get('cseq', '0')}\r\n{rest}{end}".encode()


def _description(clip: Clip) -> str:
    sets = clip.parameters
    sprop = ",".join(base64.b64encode(one).decode() for one in sets)
    profile = sets[0][1:4].hex() if sets else "42e01f"
    body = (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\n"
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}\r\na=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK}\r\n"
        f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};"
        f"sprop-parameter-sets={sprop}\r\na=control:track\r\n"
    )
    head = f"Content-Type: application/sdp\r\nContent-Length: {len(body)}"
    return f"200 OK\r\n{head}\r\n\r\n{body}"
