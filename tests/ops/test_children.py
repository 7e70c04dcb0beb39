"""Processes under a supervisor: real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from ops.children import Child, end

ROOT = Path(__file__).resolve().parents[2]
SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
)


def _until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if true():
            return True
        time.sleep(0.02)
    return False


def _tended(child: Child, true: Callable[[], bool]) -> bool:
    def look() -> bool:
        child.tend()
        return true()

    return _until(look)


def test_a_process_that_is_killed_is_started_again() -> None:
    child = Child("sleeper", SLEEP)
    child.tend()
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    assert _tended(child, lambda: child.process is not None and child.process.pid != first)
    end([child])


def test_a_process_that_cannot_live_is_tried_ever_more_rarely() -> None:
    child = Child("broken", (sys.executable, "-c", "raise SystemExit(3)"))
    waits = []
    for _ in range(3):
        child.due_at = 0.0
        child.tend()
        assert _tended(child, lambda: child.process is None)
        waits.append(child.wait_s)
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= 5.0


def test_the_end_takes_what_a_process_started_with_it() -> None:
    nested = f"import subprocess, time; subprocess.Popen({list(SLEEP)!r}); time.sleep(60)"
    child = Child("parent", (sys.executable, "-c", nested))
    child.tend()
    assert child.process is not None
    parent = psutil.Process(child.process.pid)
    assert _until(lambda: len(parent.children()) == 1)
    grandchild = parent.children()[0]
    end([child])
    assert _until(lambda: not grandchild.is_running())


def test_a_process_that_ignores_the_request_is_killed(monkeypatch) -> None:
    monkeypatch.setattr("ops.children.GRACE_S", 0.3)
    child = Child("deaf", DEAF)
    child.tend()
    time.sleep(0.3)
    begun = time.monotonic()
    end([child])
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    assert time.monotonic() - begun < 3.0


def test_a_killed_supervisor_leaves_no_process_behind() -> None:
    script = (
        "import time; from ops.children import Child\n"
        f"child = Child('sleeper', {SLEEP!r}); child.tend()\n"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    child = psutil.Process(int(supervisor.stdout.readline()))
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    assert _until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
