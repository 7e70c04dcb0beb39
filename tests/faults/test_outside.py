"""Nothing outside answers (F43): no screen waits for it, and the product asks nobody else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.outside import BROKER, DEVICE, ENGINE, PICTURES
from tests.stack import ROOT

pytestmark = pytest.mark.path
ORDERS_MS, PICTURE_S = 500.0, 6.0
SLOWEST_MS = 2_000.0  # of some ten orders; one that waited for an answer would take 20 s


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path(DEVICE).exists() or shutil.which("unshare") is None,
    reason="only root can make a network of its own",
)
def test_what_is_outside_and_silent_holds_up_nothing(demo_city: Path, tmp_path: Path) -> None:
    command = ("unshare", "--net", sys.executable, "-m", "tests.faults.outside")
    done = subprocess.run(
        [*command, str(demo_city), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"outside: {found}")
    assert found["broken"] == []
    assert found["intents"] > 10
    assert found["order_p50_ms"] <= ORDERS_MS
    assert found["slowest_order_ms"] <= SLOWEST_MS
    assert found["pictures"] == {"503": PICTURES}
    assert found["slowest_picture_s"] <= PICTURE_S
    assert set(found["asked"]) == {BROKER, ENGINE}, "somebody else was asked"
