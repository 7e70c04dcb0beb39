"""Set-up, as far as a test may go without installing anything."""

import re
import subprocess
import sys
import time
from pathlib import Path

from ops import vendor

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^[a-z0-9.-]+==[^ ]+$")


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(PIN.match(pin) for pin in pins)
    return dict(pin.split("==", 1) for pin in pins)


def test_the_tests_run_on_what_production_runs_on() -> None:
    run, test = _pins("run.txt"), _pins("test.txt")
    differing = {name for name in run if test.get(name) != run[name]}
    assert differing == {"urllib3"}  # dash[testing] pins an old selenium, and that an old urllib3


def test_what_breaks_gunicorns_sockets_is_in_neither_environment() -> None:
    assert "gevent-websocket" not in _pins("run.txt") | _pins("test.txt")


def test_no_file_names_where_packages_are_fetched() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    hosts = re.compile(r"registry\.npmjs|pypi\.org|pythonhosted|deb\.debian|--(extra-)?index-url")
    here = Path(__file__).relative_to(ROOT)
    files = [Path(name) for name in listed.stdout.splitlines() if Path(name) != here]
    naming = [
        str(file)
        for file in files
        if (ROOT / file).is_file() and hosts.search((ROOT / file).read_text(errors="replace"))
    ]
    assert naming == []


def test_every_browser_file_is_installed() -> None:
    assert vendor.missing(ROOT) == []


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    for name in vendor.FILES:
        file = tmp_path / vendor.FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("src: url(./files/one.woff2)", encoding="utf-8")
    assert "assets/vendor/inter/files/one.woff2" in vendor.missing(tmp_path)


def test_a_second_set_up_installs_nothing_and_takes_a_moment() -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ops.setup", "test"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout == ""
    assert time.monotonic() - begun < 2.0
