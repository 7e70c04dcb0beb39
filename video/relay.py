"""The way from FFmpeg to a camera: it leads to one resolved address, and no camera leads it away.

FFmpeg follows what a camera answers with 3xx to wherever it points, past the list of addresses
where cameras may be. So it speaks to us, and we speak to the camera: each answer is read and held
to the form of RTSP until the pictures begin; from then on FFmpeg follows nothing, and bytes pass.
"""

import logging
import re
import selectors
import socket
import ssl
import threading

from video.addresses import Place

log = logging.getLogger(__name__)

BLOCK = 1 << 16
HEAD_MAX, BODY_MAX = 16 << 10, 64 << 10  # of one answer
STUCK_S = 10.0  # FFmpeg takes nothing for so long
HEAD = re.compile(rb"RTSP/1\.[01] ([1-9]\d\d)(?: [^\r\n\0]*)?\r\n")
LINE = re.compile(rb"[A-Za-z][^\r\n\0]*\r\n")  # FFmpeg reads a line's `$` as something else
LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,6})[ \t]*\r$")


class Astray(Exception):
    """The camera answers what would lead FFmpeg elsewhere, or what is no RTSP."""


class Gate:
    """Lets a camera's answers through while they are plain RTSP and lead nowhere else."""

    def __init__(self) -> None:
        self._held = b""

    def pass_on(self, data: bytes) -> bytes:
        """What of it is whole and may go on. Raises Astray."""
        self._held += data
        passed = b""
        while size := self._whole():
            passed, self._held = passed + self._held[:size], self._held[size:]
        return passed

    def rest(self) -> bytes:
        """What waits, from when nothing is held any more."""
        held, self._held = self._held, b""
        return held

    def _whole(self) -> int:
        """How long the first answer or frame is; 0 while it is not there."""
        if self._held[:1] == b"$":
            size = 4 + int.from_bytes(self._held[2:4], "big")
            return size if 4 <= size <= len(self._held) else 0
        end = self._held.find(b"\r\n\r\n") + 4
        if end < 4:
            if len(self._held) > HEAD_MAX:
                raise Astray("an answer without end")
            return 0
        size = end + _body_of(self._held[: end - 2])
        return size if size <= len(self._held) else 0


def _body_of(head: bytes) -> int:
    """How many bytes follow an answer's head. Raises Astray."""
    first, *lines = head.splitlines(keepends=True)
    found = HEAD.fullmatch(first)
    if found is None or not all(LINE.fullmatch(line) for line in lines):
        raise Astray("what came is no answer of RTSP")
    if found[1].startswith(b"3"):
        raise Astray("the camera sends us elsewhere")
    lengths = LENGTH.findall(head)
    said = head.lower().count(b"content-length")
    if said != len(lengths) or said > 1 or (said and int(lengths[0]) > BODY_MAX):
        raise Astray("an answer of no length")
    return int(lengths[0]) if lengths else 0


class Relay:
    """One connection of FFmpeg to one camera. port: where FFmpeg finds it, on this machine.

    astray: why it was ended, where the camera tried to lead us elsewhere; else "".
    """

    def __init__(self, place: Place, secure: bool, limit: float) -> None:
        """Connect to the camera; blocks up to `limit` seconds. Raises OSError."""
        self.astray = ""
        self._camera = _reach(place, secure, limit)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._door.settimeout(limit)
        self.port: int = self._door.getsockname()[1]
        self._gate: Gate | None = Gate()
        threading.Thread(target=self._run, name=f"relay {place.host}", daemon=True).start()

    def _run(self) -> None:
        try:
            with self._camera, self._door:
                player, _ = self._door.accept()
                with player:
                    self._door.close()
                    player.settimeout(STUCK_S)
                    self._pump(player)
        except OSError as error:
            log.debug("a relay ended: %r", error)

    def _pump(self, player: socket.socket) -> None:
        """Pass on what comes, both ways, until one of them ends. Raises OSError."""
        with selectors.DefaultSelector() as ready:
            ready.register(player, selectors.EVENT_READ, self._asked)
            ready.register(self._camera, selectors.EVENT_READ, self._answered)
            while all([key.data(player) for key, _ in ready.select()]):
                pass

    def _asked(self, player: socket.socket) -> bool:
        """FFmpeg speaks; once it asks for the pictures it follows nobody any more."""
        data = player.recv(BLOCK)
        if data.startswith(b"PLAY ") and self._gate is not None:
            held, self._gate = self._gate.rest(), None
            player.sendall(held)
        self._camera.sendall(data)
        return bool(data)

    def _answered(self, player: socket.socket) -> bool:
        while data := _there(self._camera):
            try:
                player.sendall(self._gate.pass_on(data) if self._gate else data)
            except Astray as astray:
                self.astray = str(astray)
                return False
            if not isinstance(self._camera, ssl.SSLSocket):
                break
        return data is None or bool(data)


def _there(line: socket.socket) -> bytes | None:
    """What has come; b"" at the end, None when it was TLS's own word and nothing of the camera's.

    What TLS has read already no selector sees: it is asked for until there is no more.
    """
    if not isinstance(line, ssl.SSLSocket):
        return line.recv(BLOCK)
    limit = line.gettimeout()
    line.settimeout(0)
    try:
        return line.recv(BLOCK)
    except ssl.SSLWantReadError:
        return None
    finally:
        line.settimeout(limit)


def _reach(place: Place, secure: bool, limit: float) -> socket.socket:
    line = socket.create_connection((place.address, place.port), timeout=limit)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not secure:
        return line
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # cameras sign themselves
    try:
        return context.wrap_socket(line)
    except BaseException:
        line.close()
        raise
