"""The cluster's own PostgreSQL: Debian's server, reached through a private socket only."""

import hashlib
import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from ops.trouble import Trouble

INSTALLED = Path("/usr/lib/postgresql")
KEPT = Path("/var/tmp")  # where a folder outlives a restart of the machine
LONGEST_FOLDER = 80  # bytes; with the socket's name it must fit the kernel's 107
PORT = 5432  # only part of the socket's name: the server listens on no address
NAME = "yiping"
SERVICE_USER = "postgres"  # as whom it runs when we are root, which it refuses to be
PATIENCE_S = 15.0
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "logging_collector": "off",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class PostgresServer:
    """How to start it, and where clients find it."""

    command: tuple[str, ...]
    url: str
    folder: Path


def folder_of(var: Path) -> Path:
    """Where the data of this installation lies.

    In `var`; for root, or where that path is too long for a socket, in a private folder of
    /var/tmp, because the server runs as another user then, who may not enter `var`.
    """
    plain = var / "postgres"
    if os.geteuid() and len(os.fsencode(plain)) <= LONGEST_FOLDER:
        return plain
    mark = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return KEPT / f"yiping-{os.getuid()}-{mark}"


def url(var: Path) -> str:
    return f"postgresql+psycopg://{NAME}@/{NAME}?host={quote(str(folder_of(var)))}&port={PORT}"


def prepare(var: Path) -> PostgresServer:
    """Make the data folder at the first start. Raises Trouble."""
    folder = folder_of(var)
    _own_folder(folder)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        _initialise(data)
    options = [
        *("-D", str(data), "-c", f"unix_socket_directories={folder}"),
        *(word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")),
    ]
    return PostgresServer((*_as_service(), _program("postgres"), *options), url(var), folder)


def wait(server: PostgresServer) -> None:
    """Wait until it answers, and have our database in it. Raises Trouble."""
    limit = time.monotonic() + PATIENCE_S
    address = f"host={server.folder} port={PORT} user={NAME} dbname=postgres"
    while True:
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if known.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {NAME}".encode())
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > limit:
                raise Trouble(f"PostgreSQL does not answer: {error}") from None
            time.sleep(0.05)


def _own_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam(SERVICE_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
    elif folder.stat().st_uid != os.getuid():
        raise Trouble(f"{folder} belongs to another user")


def _initialise(data: Path) -> None:
    words = ["-D", str(data), "-U", NAME, "-A", "trust", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [*_as_service(), _program("initdb"), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    if done.returncode:
        raise Trouble(f"PostgreSQL's folder could not be made: {done.stderr.strip()}")


def _program(name: str) -> str:
    """The newest of Debian's versions. Raises Trouble."""
    if INSTALLED.is_dir():
        for version in sorted(INSTALLED.iterdir(), key=_number, reverse=True):
            if (program := version / "bin" / name).exists():
                return str(program)
    raise Trouble("no PostgreSQL on this machine: set DATABASE_URL, or install postgresql")


def _number(version: Path) -> float:
    try:
        return float(version.name)
    except ValueError:
        return 0.0


def _as_service() -> tuple[str, ...]:
    """Root starts it as the user that Debian's package made; it still ends with its parent."""
    if os.geteuid():
        return ()
    user = f"--reuid={SERVICE_USER}", f"--regid={SERVICE_USER}", "--init-groups"
    return ("setpriv", *user, "--pdeathsig=TERM", "--")
