"""Debian's coturn with credentials that end by themselves, as README tells to set it up."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack import free_port

SECRET = "a secret of coturn and the web process"


@contextmanager
def coturn(folder: Path, address: str) -> Iterator[str]:
    """A TURN server at this address; its URL."""
    port = free_port()
    command = [
        *("turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--fingerprint"),
        *("--listening-ip", address, "--relay-ip", address, "--listening-port", str(port)),
        *("--min-port", "42000", "--max-port", "42099", "--realm", "yiping"),
        *("--use-auth-secret", "--static-auth-secret", SECRET),
        *("--pidfile", str(folder / "turn.pid"), "--simple-log"),
        *("--log-file", str(folder / "turn.log")),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        time.sleep(0.5)
        assert process.poll() is None, (folder / "turn.log").read_text()
        yield f"turn:{address}:{port}?transport=udp"
    finally:
        process.terminate()
        process.wait(5)
