"""Open a source by its kind: with time limits, few protocols, and only where it may be."""

import base64
import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

import av
from av.container import InputContainer

from video.addresses import Allowed, NotAllowed, Place
from video.relay import Relay

Kind = Literal["rtsp", "mpegts", "file", "whep", "whip"]
OPEN_S, READ_S = 5.0, 3.0
QUICK = {"fflags": "nobuffer", "analyzeduration": "300000", "probesize": "200000"}
RTSP = {"rtsp_transport": "tcp", "timeout": "3000000", "max_delay": "0"}
PROTOCOLS = {"rtsp": "rtsp,rtp,tcp", "udp": "udp"}


@dataclass(frozen=True)
class Source:
    """One wanted source. url holds its credentials and is never shown."""

    path: str
    url: str
    kind: Kind
    pinned: bool = False


def open_source(source: Source, allowed: Allowed, folder: Path | None = None) -> InputContainer:
    """Open it; blocks up to OPEN_S. Raises NotAllowed, OSError or av.FFmpegError.

    folder: where files may be; None allows none.
    """
    if source.kind == "file":
        return _open_file(source.url, folder)
    scheme = urlsplit(source.url).scheme
    if scheme == "udp":
        return _open_udp(source.url, allowed)
    place = allowed.resolve(source.url)
    if scheme == "http":
        return _open_http(place)
    if scheme not in ("rtsp", "rtsps"):
        raise NotAllowed(f"{scheme or 'this'} is no scheme of a camera")
    return _open_rtsp(place, scheme == "rtsps")


def _open(url: str, options: Mapping[str, str], format: str | None) -> InputContainer:
    return av.open(url, format=format, options={**QUICK, **options}, timeout=(OPEN_S, READ_S))


def _open_rtsp(place: Place, secure: bool) -> InputContainer:
    """Open a camera through a relay of ours, which leads nowhere else."""
    relay = Relay(place, secure, OPEN_S)
    parts = urlsplit(place.url)
    user = parts.netloc.rpartition("@")[0]
    here = f"{user}@127.0.0.1:{relay.port}" if user else f"127.0.0.1:{relay.port}"
    url = urlunsplit(parts._replace(scheme="rtsp", netloc=here))
    try:
        return _open(url, {**RTSP, "protocol_whitelist": PROTOCOLS["rtsp"]}, "rtsp")
    except (OSError, av.FFmpegError):
        if relay.astray:
            raise NotAllowed(relay.astray) from None
        raise


def _open_file(url: str, folder: Path | None) -> InputContainer:
    file = Path(url).resolve()
    if folder is None or not file.is_relative_to(folder.resolve()):
        raise NotAllowed("files are not read from here")
    return _open(str(file), {"protocol_whitelist": "file"}, None)


def _open_udp(url: str, allowed: Allowed) -> InputContainer:
    """Listen for a transport stream at an address of this machine: `udp://10.0.0.5:5004`."""
    parts = urlsplit(url)
    if (parts.hostname or "", parts.port or 0) not in allowed.places:
        raise NotAllowed("the UDP address is not named in YIPING_CAMERA_NETWORKS")
    listening = f"udp://{parts.hostname}:{parts.port}?timeout=3000000&fifo_size=4096"
    return _open(listening, {"protocol_whitelist": PROTOCOLS["udp"]}, "mpegts")


class Body:
    """The body of an HTTP answer as it comes: what is there is given, nothing is waited for."""

    def __init__(self, line: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> None:
        self._line, self._answer = line, answer
        self._opened_by: float | None = time.monotonic() + OPEN_S

    def opened(self) -> None:
        """From now on it may take as long as it likes."""
        self._opened_by = None

    def read(self, size: int) -> bytes:
        """Raises OSError: also for an answer that breaks off or is none."""
        if self._opened_by is not None and time.monotonic() > self._opened_by:
            raise TimeoutError
        try:
            return self._answer.read1(size)
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None

    def close(self) -> None:
        self._answer.close()
        self._line.close()


def _open_http(place: Place) -> InputContainer:
    body = _read_http(place)
    try:
        container = av.open(body, mode="r", format="mpegts", options=QUICK)
    except BaseException:
        body.close()
        raise
    body.opened()
    return container


def _read_http(place: Place) -> Body:
    """The body of an HTTP stream, read from the resolved address; redirects are not followed."""
    parts = urlsplit(place.url)
    line = http.client.HTTPConnection(place.address, place.port, timeout=READ_S)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    told = {"Host": f"{place.host}:{place.port}", "Connection": "close", **_basic(place.url)}
    try:
        line.request("GET", target, headers=told)
        answer = line.getresponse()
    except http.client.HTTPException as error:
        line.close()
        raise ConnectionError(type(error).__name__) from None
    except BaseException:
        line.close()
        raise
    if answer.status != 200:
        answer.close()
        line.close()
        raise PermissionError() if answer.status in (401, 403) else ConnectionRefusedError()
    return Body(line, answer)


def _basic(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if not parts.username:
        return {}
    word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(word.encode()).decode()}


def reason_of(error: Exception) -> str:
    """One word for why a source is dead."""
    if isinstance(error, NotAllowed):
        return "not_allowed"
    words = (
        (av.error.HTTPUnauthorizedError, "unauthorized"),
        (av.error.HTTPForbiddenError, "unauthorized"),
        (PermissionError, "unauthorized"),
        (ConnectionRefusedError, "refused"),
        (av.error.HTTPNotFoundError, "refused"),
        (av.error.ExitError, "timeout"),
        (TimeoutError, "timeout"),
        (EOFError, "ended"),
        (ConnectionError, "ended"),
    )
    return next((word for kind, word in words if isinstance(error, kind)), "failed")
