"""Settings are read once, and a wrong one is one clear sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import Settings
from ops.environment import read
from ops.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]
WRONG = [
    ({"YIPING_PORT": "high"}, "YIPING_PORT"),
    ({"YIPING_PORT": "70000"}, "YIPING_PORT"),
    ({"YIPING_CITY": "/no/such/folder"}, "YIPING_CITY"),
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
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
