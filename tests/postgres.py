"""A real PostgreSQL for the tests: its own folder and socket, run by an ordinary user."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALLED = Path("/usr/lib/postgresql")
PORT = 54329  # only the name of the socket: the server listens on no address
SETTINGS = "-c listen_addresses='' -c fsync=on -c synchronous_commit=on -c max_connections=60"


@contextmanager
def server() -> Iterator[str]:
    """Start a server, give the URL of its empty database `postgres`, stop it at the end."""
    home = Path(tempfile.mkdtemp(prefix="yiping-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data = home / "data"
    try:
        _run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C")
        options = f"{SETTINGS} -c unix_socket_directories={home} -p {PORT}"
        _run("pg_ctl", "-D", data, "-o", options, "-l", home / "log", "-w", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={home}&port={PORT}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(program: str, *arguments: object) -> None:
    versions = sorted(INSTALLED.iterdir(), key=lambda one: int(one.name))
    words = [str(versions[-1] / "bin" / program), *map(str, arguments)]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/tmp",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stdout or 'see its log'}")
