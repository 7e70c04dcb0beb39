"""The whole product under its supervisor: real processes, ended and killed for real."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest
import websocket
from redis.connection import parse_url

from tests.badinput.doors import signed_in
from tests.stack import ROOT, Stack, free_port, running

MEGABYTES = 3_000_000
PROCESSES = {"redis": "redis-server", "web": "app:web()", "worker": "worker", "media": "media"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, demo_city: Path) -> Iterator[Stack]:
    with _whole(tmp_path_factory.mktemp("var"), demo_city) as one:
        yield one


@pytest.fixture
def doomed(tmp_path: Path, demo_city: Path) -> Iterator[Stack]:
    """One that the test brings to its end."""
    with _whole(tmp_path / "var", demo_city) as one:
        yield one


@contextmanager
def _whole(var: Path, city: Path) -> Iterator[Stack]:
    with running(var, {"YIPING_CITY": str(city)}) as one:
        until(lambda: all(found(one, word) for word in PROCESSES.values()))
        yield one


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.05)


def found(stack: Stack, word: str) -> psutil.Process | None:
    try:
        return stack.child(word)
    except (LookupError, psutil.NoSuchProcess):
        return None


def family(stack: Stack) -> list[psutil.Process]:
    return psutil.Process(stack.process.pid).children(recursive=True)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def answers(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.url}/readyz", timeout=1).is_success
    except httpx.TransportError:
        return False


def test_one_link_a_role_is_printed_and_opens_that_roles_screen(stack: Stack) -> None:
    until(lambda: any("Ctrl-C" in line for line in stack.said))
    printed = [line.split() for line in stack.said if "/in#" in line]
    roles = [line[0] for line in printed]
    assert roles == ["wall", "leader", "shift_lead", "officer", "responder", "admin"]
    assert len({httpx.URL(line[1]).host for line in printed}) == len(roles)


def test_the_end_of_the_supervisor_is_the_end_of_every_process(doomed: Stack) -> None:
    children = family(doomed)
    assert len(children) >= 5  # gunicorn's worker is one more
    doomed.process.send_signal(signal.SIGINT)
    assert doomed.process.wait(15) == 0
    assert all(gone(child) for child in children)
    assert doomed.errors() == []


def test_a_killed_supervisor_leaves_nothing_behind(doomed: Stack) -> None:
    children = family(doomed)
    doomed.process.kill()
    assert children
    until(lambda: all(gone(child) for child in children))
    assert [child for child in children if not gone(child)] == []


def test_no_command_line_tells_the_password_of_redis(tmp_path: Path, demo_city: Path) -> None:
    settings = {"YIPING_CITY": str(demo_city), "YIPING_PLAYER": "on"}
    with running(tmp_path / "var", settings) as stack:
        until(lambda: found(stack, "demo.player"))
        known = json.loads((stack.var / "demo-keys.json").read_text())["redis"]
        password = parse_url(known)["password"]
        assert password
        told = [one.cmdline() for one in family(stack)]
        assert not [line for line in told if password in " ".join(line)]


def test_nothing_listens_beyond_this_machine(stack: Stack) -> None:
    listening = [
        connection.laddr.ip
        for process in family(stack)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}


def test_a_second_supervisor_on_the_same_folder_is_refused(stack: Stack) -> None:
    environment = {**stack.environment, "YIPING_PORT": str(free_port())}
    second = subprocess.run(
        [sys.executable, "-m", "app", "run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 2
    assert "running already" in second.stderr


def test_every_process_that_is_killed_comes_back(stack: Stack) -> None:
    killed = {}
    for word in PROCESSES.values():
        process = stack.child(word)
        killed[word] = process.pid
        process.kill()
        until(
            lambda word=word, pid=process.pid: (one := found(stack, word)) and one.pid != pid,
        )
    until(lambda: answers(stack))
    assert {word: stack.child(word).pid for word in killed}.items().isdisjoint(killed.items())


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path, demo_city: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = {"YIPING_PORT": str(other.getsockname()[1]), "YIPING_CITY": str(demo_city)}
        done = subprocess.run(
            [sys.executable, "-m", "app", "run"],
            cwd=ROOT,
            env={"YIPING_VAR": str(tmp_path / "var"), **settings},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    assert "set YIPING_PORT" in done.stderr


def test_on_the_local_network_it_speaks_https_and_shows_a_code_for_phones(
    tmp_path: Path, demo_city: Path
) -> None:
    var = tmp_path / "var"
    settings = {"YIPING_HOST": "127.0.0.1", "YIPING_CITY": str(demo_city)}
    with running(var, settings, command="run-lan") as stack:
        until(lambda: any("Ctrl-C" in line for line in stack.said))
        trust = ssl.create_default_context(cafile=str(var / "tls/cert.pem"))
        answer = httpx.get(f"https://127.0.0.1:{stack.port}/in", verify=trust)
        assert answer.is_success
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        assert sum("▄" in line for line in stack.said) > 15
        with socket.create_connection(("127.0.0.1", stack.port)) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")  # no handshake: not even a red line
            with suppress(ConnectionResetError):
                assert stranger.recv(100) == b""
        assert httpx.get(f"https://127.0.0.1:{stack.port}/in", verify=trust).is_success
        assert stack.errors() == []


def test_a_screen_that_reads_slowly_is_sent_every_message_whole(stack: Stack) -> None:
    """Megabytes wait for it: the kernel takes less of a frame than it is given."""
    line = slow_line(stack)
    answers, asked = 0, 60
    for n in range(asked):
        said = {"screen": "desk", "screen_id": "slow", "subject": {}}
        line.send(f'42{n}["join",{json.dumps(said)}]')
    time.sleep(2)
    heard = 0
    while answers < asked or heard <= MEGABYTES:
        frame = line.recv()
        heard += len(frame)
        if isinstance(frame, bytes):
            continue  # where units are
        if frame == "2":
            line.send("3")
        if frame.startswith("42"):
            json.loads(frame[2:])
        answers += frame.startswith("43")
    line.close()
    assert stack.errors() == []


def slow_line(stack: Stack) -> websocket.WebSocket:
    """A desk's line whose end takes little at a time."""
    line = websocket.create_connection(
        stack.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
        origin=stack.url,
        cookie=f"sid={signed_in(stack, 'xuwenbo')}",
        sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)],
        timeout=10,
    )
    assert str(line.recv()).startswith("0")
    line.send("40")
    assert str(line.recv()).startswith("40")
    return line
