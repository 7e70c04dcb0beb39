"""What must be in order before the processes start: files, port, city, store."""

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ops import keep, vendor
from ops.links import Link, address
from ops.plan import PYTHON, Plan
from ops.trouble import Trouble

ROOT = Path(__file__).resolve().parents[1]
SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Store:
    """What the store said when it let the city in.

    simulated: whether the city is a made-up one; silent: whether no meter was read lately.
    """

    links: list[Link]
    keys: Mapping[str, Any]
    simulated: bool
    silent: bool


def say(text: str) -> None:
    print(f"yiping: {text}", flush=True)


def check(plan: Plan) -> None:
    """Raise Trouble unless the browser's files are there and the port is free."""
    if absent := vendor.missing(ROOT):
        names = ", ".join(absent[:3])
        raise Trouble(f"{len(absent)} browser files are missing ({names}): run `make setup-run`")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((plan.host, plan.port))
        except OSError as error:
            place = f"{plan.host}:{plan.port}"
            raise Trouble(f"cannot listen on {place} ({error.strerror}): set YIPING_PORT") from None


def demo_city(var: Path) -> Path:
    """The demo city's folder; made when absent or when its makers have changed."""
    folder = var / "city"
    if not folder.exists():
        say("making the demo city (half a minute)")
    maker = subprocess.Popen(
        [*PYTHON, "demo.city", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert maker.stdout is not None
    for line in maker.stdout:
        if "already" not in line:
            say(line.strip())
    if maker.wait():
        raise Trouble("the demo city could not be made; the reason stands above")
    return folder


def is_current(plan: Plan) -> bool:
    """Whether this version has brought this store up to date before: then nothing must wait."""
    marked, file = plan.var / "migrated", Path(plan.database_url.removeprefix(SQLITE))
    if plan.database_url.startswith(SQLITE) and not file.exists():
        return False
    return marked.exists() and marked.read_text(encoding="ascii") == _version(plan)


def prepare_store(plan: Plan, environment: Mapping[str, str], redis_url: str) -> Store:
    """Bring the store up to date and let the city in; keep what programs need of it."""
    command = [*PYTHON, "app", "prepare"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise Trouble("the store could not be prepared; the reason stands above")
    (plan.var / "migrated").write_text(_version(plan), encoding="ascii")
    said = json.loads(done.stdout)
    store = Store(
        [Link(**one) for one in said["links"]], said["keys"], said["simulated"], said["silent"]
    )
    _keep_for_programs(plan, store, redis_url)
    return store


def _keep_for_programs(plan: Plan, store: Store, redis_url: str) -> None:
    """What the player and tests read instead of the console."""
    if store.keys:
        keep.write(plan.var / "demo-keys.json", {**store.keys, "redis": redis_url})
    known = [{**asdict(link), "url": address(link, plan.base)} for link in store.links]
    keep.write(plan.var / "sign-in.json", known)


def _version(plan: Plan) -> str:
    """Changes with the store's address and with every migration."""
    digest = hashlib.sha256(plan.database_url.encode())
    for file in sorted((ROOT / "dispatch/migrations").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
