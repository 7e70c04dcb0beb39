"""Starts the whole product as a person would, with a store and a Redis of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
UP = "yiping: up after"
PATIENCE_S = 120.0
TOLD = 60  # lines of a logged error that a failing test shows
SETTINGS = ("YIPING_", "DATABASE_URL", "REDIS_URL")  # the person's own do not count in a test


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """The running product: where it listens, its processes, and what it said."""

    process: "subprocess.Popen[str]"
    port: int
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    secure: bool = False
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def var(self) -> Path:
        return Path(self.environment["YIPING_VAR"])

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def scheme(self) -> str:
        return "https" if self.secure else "http"

    def link(self, account: str) -> str:
        """The sign-in link of an account, at a host of its own: cookies stay apart."""
        return f"{self.scheme}://{account}.localhost:{self.port}/in#{self.tokens[account]}"

    def key(self, source: str) -> str:
        """The API key of a source, made at the first call."""
        if source not in self.keys:
            self.keys[source] = self.console("key", source).strip()
        return self.keys[source]

    def api(self, source: str) -> httpx.Client:
        """A client that speaks for an outside source."""
        headers = {"Authorization": f"Bearer {self.key(source)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=10, verify=False)

    def console(self, *arguments: str) -> str:
        """What a command of the administrator's console prints."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def child(self, word: str) -> psutil.Process:
        """The product's process whose command line contains `word`."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.Error):  # it has just died
                if any(word in part for part in process.cmdline()):
                    return process
        raise LookupError(word)

    def wait_until_up(self, patience: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience
        while not any(line.startswith(UP) for line in self.said):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the product did not come up:\n" + "".join(self.said[-40:]))
            time.sleep(0.1)

    def admit(self) -> None:
        """Everybody's sign-in links, as the start wrote them down."""
        links = json.loads((self.var / "sign-in.json").read_text())
        self.tokens = {one["account"]: one["token"] for one in links}

    def errors(self) -> list[str]:
        """What the product logged as wrong, each with what followed it."""
        said = list(self.said)
        wrong = [n for n, line in enumerate(said) if " ERROR " in line]
        return ["".join(said[n : n + TOLD]) for n in wrong]


@contextmanager
def running(
    var: Path, settings: Mapping[str, str] | None = None, command: str = "run"
) -> Iterator[Stack]:
    """The product on a free port, with `var` as its folder; ended with all its processes."""
    port = free_port()
    own = {"YIPING_VAR": str(var), "YIPING_PORT": str(port), "YIPING_PLAYER": "off"}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
    environment = {**inherited, **own, **(settings or {})}
    process = subprocess.Popen(
        [sys.executable, "-m", "app", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    stack = Stack(process, port, environment, secure=command != "run")
    threading.Thread(target=lambda: _hear(stack), daemon=True).start()
    try:
        stack.wait_until_up()
        stack.admit()
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _hear(stack: Stack) -> None:
    assert stack.process.stdout is not None
    for line in stack.process.stdout:
        stack.said.append(line)
