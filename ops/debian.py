"""Debian packages that tests and the cluster need: a browser, PostgreSQL, nginx, fonts.

`python -m ops.debian NAME...` installs those of the named ones that are absent.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from ops.trouble import Trouble


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _file(pattern: str) -> Callable[[], bool]:
    return lambda: any(Path("/usr").glob(pattern))


PACKAGES: dict[str, Callable[[], bool]] = {
    "chromium": _program("chromium"),
    "chromium-driver": _program("chromedriver"),
    "postgresql": _file("lib/postgresql/*/bin/initdb"),
    "nginx-light": _file("sbin/nginx"),
    "mosquitto": _file("sbin/mosquitto"),
    "coturn": _program("turnserver"),
    "fonts-noto-cjk": _file("share/fonts/opentype/noto/NotoSansCJK-*.ttc"),
}
"""Package -> whether what it brings is on this machine already, from Debian or elsewhere."""


def install(wanted: Iterable[str] | None = None) -> None:
    """Install what is absent with apt-get, as root or through sudo. Raises Trouble."""
    absent = [name for name in wanted or PACKAGES if not PACKAGES[name]()]
    if not absent:
        return
    names = " ".join(absent)
    prefix = _as_root(names)
    print(f"set-up: installing Debian packages: {names} (a few minutes)", flush=True)
    _apt([*prefix, "apt-get", "-qq", "update"], names)
    _apt([*prefix, "apt-get", "-qq", "install", "-y", "--no-install-recommends", *absent], names)
    if still := [name for name in absent if not PACKAGES[name]()]:
        raise Trouble(f"apt-get installed {' '.join(still)}, but what is needed is not there")


def _as_root(names: str) -> list[str]:
    if shutil.which("apt-get") is None:
        raise Trouble(f"needed are {names}; without apt-get here, install them by hand")
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo", "--preserve-env=DEBIAN_FRONTEND"]
    raise Trouble(f"needed are {names}: run `apt-get install {names}` as root, then try again")


def _apt(command: list[str], names: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode:
        raise Trouble(f"apt-get could not install {names}; its own words stand above")


def main(wanted: Iterable[str]) -> int:
    try:
        install(wanted)
    except Trouble as reason:
        print(f"set-up: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
