"""The product's own Redis, the real one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from ops import redis_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[redis_server.RedisServer]:
    prepared = redis_server.prepare(tmp_path / "redis", "a-secret-of-this-test")
    process = subprocess.Popen(prepared.command, stdout=subprocess.DEVNULL)
    assert redis_server.wait(prepared.socket)
    yield prepared
    process.terminate()
    process.wait()


def test_its_address_lets_clients_in(server: redis_server.RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        assert client.ping()


def test_it_asks_for_its_password(server: redis_server.RedisServer) -> None:
    with (
        redis.Redis(unix_socket_path=str(server.socket)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_it_opens_no_port_and_its_socket_is_private(server: redis_server.RedisServer) -> None:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("port") == {"port": "0"}
    assert server.socket.stat().st_mode & 0o077 == 0


def test_a_folder_too_deep_for_a_socket_gets_a_private_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    prepared = redis_server.prepare(deep, "word")
    assert len(str(prepared.socket)) < 100
    assert prepared.socket.parent.stat().st_mode & 0o077 == 0
    prepared.socket.parent.rmdir()


def test_a_letter_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    prepared = redis_server.prepare(tmp_path / "redis", "word")
    for n in range(2):
        process = subprocess.Popen(prepared.command, stdout=subprocess.DEVNULL)
        assert redis_server.wait(prepared.socket)
        with redis.Redis.from_url(prepared.url) as client:
            assert client.xlen("alerts:iot") == n
            client.xadd("alerts:iot", {"json": "{}"})
        process.kill()
        process.wait()
