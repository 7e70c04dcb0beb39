"""Processes that live as long as their supervisor: started, restarted, ended together."""

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.2  # a process that dies is back before a screen counts as stale
LONGEST_WAIT_S = 5.0  # one that cannot start does not eat the machine
SETTLED_S = 10.0  # having lived this long, its next death counts as the first
GRACE_S = 4.0  # what a process has to finish its work when told to end
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """One process of the product.

    environment: what is added to the supervisor's own; output: where its words go, if not here.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    output: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    due_at: float = 0.0
    wait_s: float = FIRST_WAIT_S

    def start(self) -> None:
        with self.output.open("ab") if self.output else nullcontext() as words:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=words,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self.started_at = time.monotonic()

    def tend(self) -> None:
        """Start it when it is due; notice when it has died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self._died(code, now)

    def _died(self, code: int, now: float) -> None:
        if now - self.started_at > SETTLED_S:
            self.wait_s = FIRST_WAIT_S
        log.warning("%s ended with %s, again in %.1f s", self.name, code, self.wait_s)
        self.signal(signal.SIGKILL)  # what it had started itself
        self.process = None
        self.due_at = now + self.wait_s
        self.wait_s = min(self.wait_s * 2, LONGEST_WAIT_S)

    def signal(self, number: int) -> None:
        """Send a signal to the process and all that it started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def end(children: Sequence[Child]) -> None:
    """End every process, the last started first; what does not listen is killed."""
    for child in reversed(children):
        child.signal(signal.SIGTERM)
    limit = time.monotonic() + GRACE_S
    for child in reversed(children):
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.05, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in time and was killed", child.name)
        child.signal(signal.SIGKILL)
        child.process.wait()


def _end_with_parent() -> None:
    """Between fork and exec: have the kernel end this process when the supervisor is gone."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
