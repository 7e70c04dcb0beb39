"""The product as several real processes whose deaths and pauses are ours to choose."""

import asyncio
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import redis.asyncio as redis

from ops import plan as plans
from ops import postgres_server, redis_server
from ops.children import Child
from tests.faults.proxy import Proxy, by_port, by_socket
from tests.stack import ROOT, SETTINGS, free_port

WEBS = ("web-1", "web-2")
WORKERS = ("worker-1", "worker-2")
PATIENCE_S = 40.0
PREFIX = "yiping-f-"
PR_SET_PDEATHSIG = 1
STORE_MB = 96
CLOCK = Path(__file__).parent / "clock"  # what makes the wall clock of our processes wrong


@dataclass
class Product:
    """Redis, a store, two web processes and two workers; between them proxies that can fail.

    tree: the product's files, ours or a changed copy; city: a folder that is made already.
    store: "sqlite" or "postgres". clock: whether the clock of the processes can be set;
    clock_s: how wrong it is at first; more: settings beside the usual ones.
    """

    city: Path
    store: str = "sqlite"
    tree: Path = ROOT
    clock: bool = False
    clock_s: float = 0.0
    more: dict[str, str] = field(default_factory=dict)
    webs: tuple[str, ...] = WEBS
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix=PREFIX)))
    members: dict[str, Child] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    mounted: bool = False
    disk_mb: int = STORE_MB
    browsers: Callable[[], list[psutil.Process]] = list

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    @property
    def file(self) -> Path:
        return self.folder / "store" / "yiping.db"

    async def up(self) -> None:
        """Start everything; back when both web processes answer."""
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        _clear_away()
        (self.folder / "pid").write_text(str(os.getpid()), encoding="ascii")
        self.var = self.folder / "var"
        self.var.mkdir()
        self._mount()
        server = redis_server.prepare(self.var / "redis", "fault")
        self.redis_socket = server.socket
        self._own("redis", server.command)
        self.to_redis = Proxy([by_socket(str(server.socket))])
        await self.to_redis.open()
        self.redis_url = f"redis://:fault@127.0.0.1:{self.to_redis.port}"
        self.database_url = await self._store()
        self.environment = self._environment()
        await asyncio.to_thread(self._prepare)
        for name in self.webs:
            self._web(name)
        for name in WORKERS:
            command = (*plans.PYTHON, "app", "worker")
            self._own(name, command, self.environment)
        self.door = Proxy([by_port(self.ports[name]) for name in self.webs])
        await self.door.open()
        try:
            await asyncio.gather(*(self.answers(name) for name in self.webs))
        except TimeoutError:
            raise RuntimeError(f"the product did not come up\n{self.logs()}") from None

    async def down(self) -> None:
        for name in reversed(self.members):
            self.signal(name, signal.SIGCONT)
            self.kill(name)
        for proxy in ("door", "to_redis", "to_store"):
            if hasattr(self, proxy):
                await getattr(self, proxy).close()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.file.parent)], check=False)
        if self.store == "postgres":
            shutil.rmtree(postgres_server.folder_of(self.var), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str) -> None:
        child = self.members[name]
        if name == "redis":
            self.redis_socket.unlink(missing_ok=True)
        output = (self.folder / f"{name}.log").open("ab")
        child.process = subprocess.Popen(
            child.command,
            cwd=self.tree,
            env=dict(child.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_us,
        )
        output.close()

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)
        if (process := self.members[name].process) is not None:
            process.wait()

    def signal(self, name: str, number: int) -> None:
        """To the process and all that it started."""
        process = self.members[name].process
        if process is None or process.poll() is not None:
            return
        for one in self.family(name):
            try:
                one.send_signal(number)
            except psutil.NoSuchProcess:
                continue

    def family(self, name: str) -> list[psutil.Process]:
        process = self.members[name].process
        assert process is not None
        try:
            first = psutil.Process(process.pid)
            return [*first.children(recursive=True), first]
        except psutil.NoSuchProcess:
            return []

    def alive(self, name: str) -> bool:
        process = self.members[name].process
        return process is not None and process.poll() is None

    async def answers(self, name: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until this member answers: from then on it is healed."""
        if name in WEBS:
            await eventually(lambda: self._ready(self.ports[name]), patience_s, name)
        elif name == "redis":
            await eventually(self._redis_answers, patience_s, name)
        elif name == "postgres":
            await asyncio.to_thread(postgres_server.wait, self.postgres)

    async def to_redis_directly(self, *words: Any, password: str = "fault") -> Any:
        """A word to Redis past the proxy."""
        url = f"unix://{quote(str(self.redis_socket))}?password={password}"
        async with redis.from_url(url, socket_timeout=1) as connection:
            return await connection.execute_command(*words)

    def set_clock(self, seconds: float) -> None:
        """From now on the processes' wall clock is wrong by so much."""
        draft = self._clock_file.with_suffix(".new")
        draft.write_text(f"{seconds:+.3f}", encoding="ascii")
        draft.replace(self._clock_file)

    async def audit(self) -> str:
        """What the administrator's command says of the log."""
        command = (*plans.PYTHON, "app", "audit", "verify")
        done = await asyncio.create_subprocess_exec(
            *command, cwd=self.tree, env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await done.communicate()
        return said.decode()

    def logs(self, lines: int = 15) -> str:
        """The last words of every process."""
        found = []
        for file in sorted(self.folder.glob("*.log")):
            last = file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
            found.append("\n".join([f"--- {file.stem}", *last]))
        return "\n".join(found)

    @property
    def _clock_file(self) -> Path:
        return self.folder / "clock"

    def _own(self, name: str, command: tuple[str, ...], environment: Any = None) -> None:
        self.members[name] = Child(name, command, environment or dict(os.environ))
        self.start(name)

    def _web(self, name: str) -> None:
        port = self.ports[name] = free_port()
        wanted = plans.Plan(self.var, "127.0.0.1", port, self.database_url)
        own = {**self.environment, "YIPING_PORT": str(port)}
        self._own(name, plans.web(wanted), own)

    def _mount(self) -> None:
        """A small disk of its own for SQLite, where that is allowed: it can be filled."""
        self.file.parent.mkdir()
        if self.store != "sqlite" or os.geteuid():
            return
        words = [
            "mount",
            "-t",
            "tmpfs",
            "-o",
            f"size={self.disk_mb}m",
            "tmpfs",
            str(self.file.parent),
        ]
        self.mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0

    async def _store(self) -> str:
        if self.store == "sqlite":
            return f"sqlite:///{self.file}"
        self.postgres = await asyncio.to_thread(postgres_server.prepare, self.var)
        self._own("postgres", self.postgres.command)
        await self.answers("postgres")
        socket = self.postgres.folder / f".s.PGSQL.{postgres_server.PORT}"
        self.to_store = Proxy([by_socket(str(socket))])
        await self.to_store.open()
        port = self.to_store.port
        return f"postgresql+psycopg://yiping@127.0.0.1:{port}/yiping?sslmode=disable"

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
        given = {
            "YIPING_VAR": str(self.var),
            "YIPING_CITY": str(self.city),
            "YIPING_LOG": "warning",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "PYTHONPATH": str(self.tree),
        }
        return {**inherited, **given, **self.more, **(self._faked() if self.clock else {})}

    def _faked(self) -> dict[str, str]:
        self.set_clock(self.clock_s)
        path = os.pathsep.join([str(CLOCK), str(self.tree)])
        return {"TEST_CLOCK_FILE": str(self._clock_file), "PYTHONPATH": path}

    def _prepare(self) -> None:
        """Let the city in, with keys that answer orders in the units' place."""
        done = subprocess.run(
            [sys.executable, "-m", "app", "prepare"],
            cwd=self.tree,
            env={**self.environment, "YIPING_SIMULATED_RESPONDERS": "on"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        said = json.loads(done.stdout)
        self.tokens = {one["account"]: one["token"] for one in said["links"]}
        self.keys = said["keys"]["sources"]
        self.units = said["keys"]["responders"]

    async def _ready(self, port: int) -> bool:
        try:
            async with httpx.AsyncClient(timeout=1) as client:
                return (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success
        except httpx.TransportError:
            return False

    async def _redis_answers(self) -> bool:
        try:
            return bool(await self.to_redis_directly("PING"))
        except (OSError, redis.RedisError):
            return False


def _die_with_us() -> None:
    """Between fork and exec: what we started, stopped ones too, dies when we do."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _clear_away() -> None:
    """Remove what a run that was killed has left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder / "pid"
        if owner.exists() and not psutil.pid_exists(int(owner.read_text() or 0)):
            subprocess.run(
                ["umount", "-l", str(folder / "store")], capture_output=True, check=False
            )
            shutil.rmtree(folder, ignore_errors=True)


_libc = ctypes.CDLL(None, use_errno=True)


async def eventually(look: Callable[[], Any], patience_s: float, what: str) -> float:
    """Wait until it is so; the seconds that it took. Raises TimeoutError."""
    began = time.monotonic()
    while True:
        found = look()
        if await found if asyncio.iscoroutine(found) else found:
            return time.monotonic() - began
        if time.monotonic() - began > patience_s:
            raise TimeoutError(what)
        await asyncio.sleep(0.03)
