"""Settings are read once, and a wrong one is one clear sentence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app import Settings
from ops import lan
from ops.environment import read
from ops.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]
WRONG = [
    ({"YIPING_PORT": "high"}, "YIPING_PORT"),
    ({"YIPING_PORT": "70000"}, "YIPING_PORT"),
    ({"YIPING_CITY": "/no/such/folder"}, "YIPING_CITY"),
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgresql://me:hunter2@host:port/x"}, "DATABASE_URL"),
    ({"REDIS_URL": "http://x"}, "REDIS_URL"),
    ({"YIPING_LOG": "loud"}, "YIPING_LOG"),
    ({"YIPING_PLAYER": "Perhaps!"}, "YIPING_PLAYER"),
    ({"YIPING_PROT": "8050"}, "YIPING_PORT"),
    ({"YIPING_KEEP_POSITIONS": "1"}, "YIPING_KEEP_POSITIONS"),
    ({"YIPING_KEEP_READINGS": "3661"}, "YIPING_KEEP_READINGS"),
    ({"YIPING_KEEP_VALUES": "ever"}, "YIPING_KEEP_VALUES"),
    ({"YIPING_MEDIA": "https://elsewhere"}, "YIPING_MEDIA"),
    ({"YIPING_MEDIA_PORTS": "5"}, "YIPING_MEDIA_PORTS"),
    ({"YIPING_MEDIA_ADDRESSES": "here"}, "YIPING_MEDIA_ADDRESSES"),
    ({"YIPING_CAMERA_NETWORKS": "everywhere"}, "YIPING_CAMERA_NETWORKS"),
    ({"YIPING_CAMERA_BASE": "rtsp://a:b@c/"}, "YIPING_CAMERA_BASE"),
    ({"YIPING_ICE_SERVERS": "http://x"}, "YIPING_ICE_SERVERS"),
    ({"YIPING_HOST": "0.0.0.0"}, "run-lan"),
]


@pytest.mark.parametrize(("environment", "named"), WRONG)
def test_a_wrong_setting_is_named_in_one_sentence(environment: dict[str, str], named: str) -> None:
    with pytest.raises(Trouble, match=named) as refused:
        read(Settings, environment)
    assert "\n" not in str(refused.value)


def ended(command: str, **settings: str) -> str:
    """What the program says of such settings; it ends with code 2 and one line."""
    done = subprocess.run(
        [sys.executable, "-m", "app", command],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("yiping: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("yiping: ")


@pytest.mark.parametrize("missing", ["cert.pem", "key.pem"])
def test_a_certificate_without_its_file_is_named(tmp_path: Path, missing: str) -> None:
    lan.certificate(tmp_path, "localhost")
    assert read(Settings, {"YIPING_TLS": str(tmp_path)}).tls == tmp_path
    (tmp_path / missing).unlink()
    said = ended("run", YIPING_TLS=str(tmp_path))
    assert said == f"YIPING_TLS: there is no {missing} in it (it is {tmp_path})\n"


def test_a_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other"
    for folder in (tmp_path, other):
        lan.certificate(folder, "localhost")
    (other / "key.pem").replace(tmp_path / "key.pem")
    with pytest.raises(Trouble, match=r"^YIPING_TLS: .* no pair") as refused:
        read(Settings, {"YIPING_TLS": str(tmp_path)})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("command", ["run", "run-lan", "run-cluster", "worker", "prepare"])
def test_a_folder_that_is_a_file_is_named(tmp_path: Path, command: str) -> None:
    file = tmp_path / "file"
    file.touch()
    for place in (file, file / "below"):
        said = ended(command, YIPING_VAR=str(place), YIPING_HOST="127.0.0.1")
        assert said == f"YIPING_VAR: {place} is, or lies in, a file and no folder\n"


def test_a_folder_that_cannot_be_written_to_is_named() -> None:
    said = ended("run", YIPING_VAR="/proc/yiping")
    assert said.startswith("YIPING_VAR: /proc/yiping cannot be written to (")


@pytest.mark.parametrize("command", ["run", "worker", "migrate"])
def test_a_store_out_of_reach_is_named(command: str, tmp_path: Path) -> None:
    with socket.socket() as nobody:  # bound and not listening: refused at once
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://me:hunter2@127.0.0.1:{nobody.getsockname()[1]}/yiping"
        said = ended(command, DATABASE_URL=url, YIPING_VAR=str(tmp_path))
    assert said.startswith("DATABASE_URL: the store cannot be opened: ")
    assert "hunter2" not in said


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes and no store " * 50)
    said = ended("migrate", DATABASE_URL=f"sqlite:///{tmp_path / 'notes.db'}")
    assert said == "DATABASE_URL: the store cannot be opened: file is not a database\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
@pytest.mark.parametrize("command", ["run-lan", "run-cluster"])
def test_every_address_is_none_that_a_link_could_lead_to(
    tmp_path: Path, command: str, host: str
) -> None:
    said = ended(command, YIPING_HOST=host, YIPING_VAR=str(tmp_path / "var"))
    assert said.startswith(f"YIPING_HOST: {host} stands for every address")
    assert not (tmp_path / "var").exists()


def test_a_database_password_is_never_shown() -> None:
    with pytest.raises(Trouble) as refused:
        read(Settings, {"DATABASE_URL": "mysql://me:hunter2@host/db"})
    assert "hunter2" not in str(refused.value)


def test_a_secret_is_never_shown() -> None:
    with pytest.raises(Trouble) as refused:
        read(Settings, {"YIPING_MEDIA_SECRET": "too-short"})
    assert "too-short" not in str(refused.value)


def test_with_nothing_set_it_listens_on_this_machine_alone() -> None:
    assert read(Settings, {}).host == "127.0.0.1"


def test_a_wrong_setting_ends_the_program_with_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "run"],
        cwd=ROOT,
        env={**os.environ, "YIPING_PORT": "high"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("yiping: YIPING_PORT")
    assert done.stderr.count("\n") == 1
