"""Set-up, as far as a test may go without installing anything."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops import debian, setup, vendor
from ops.trouble import Trouble

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


def test_without_root_and_sudo_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "PACKAGES", {"chromium": lambda: False})
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        debian.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None
    )
    with pytest.raises(Trouble, match="apt-get install chromium"):
        debian.install()


def test_a_failing_step_shows_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Trouble, match="failed with 3"):
        setup._run([sys.executable, "-c", "print('the disk is full'); raise SystemExit(3)"])
    assert "the disk is full" in capsys.readouterr().err


def test_an_environment_of_another_python_is_made_anew(tmp_path: Path) -> None:
    assert not setup._works(tmp_path / "absent")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").write_text("#!/bin/sh\necho 3.9\n")
    (tmp_path / "bin/python").chmod(0o755)
    assert not setup._works(tmp_path)
