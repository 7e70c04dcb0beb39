"""Path (d): the store takes nothing for a while; every screen says so, and says when it is over."""

import errno
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.paths.handling import leak
from tests.paths.people import Person, sign_in
from tests.stack import Stack, running

pytestmark = pytest.mark.path
PROMISED_MS = 3_000
BELL_MS = 6_000  # Redis has three seconds to answer; then two beats in a row must miss it
DISK_MB = 24


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of the store's own, which can be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own can be mounted, which only root may")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def stack(tmp_path: Path, disk: Path, demo_city: Path) -> Iterator[Stack]:
    settings = {"YIPING_CITY": str(demo_city), "DATABASE_URL": f"sqlite:///{disk}/yiping.db"}
    with running(tmp_path / "var", settings) as one:
        yield one


def test_a_store_that_takes_nothing_is_told_on_every_screen_and_so_is_its_return(
    browser: Browser, stack: Stack, disk: Path
) -> None:
    leak(stack)
    people = [
        sign_in(browser, stack, screen, who)
        for screen, who in (("desk", "xuwenbo"), ("wall", "wall-city"), ("phone", "zhouhaifeng"))
    ]
    desk = people[0]
    desk.press("ArrowDown")
    expect(desk.page.locator("#detail-acts [data-act='alert.acknowledge']")).to_be_enabled()
    file = disk / "yiping.db"
    with full(disk, file):
        said(people, "unwritable")
        desk.press("a")
        expect(banner(desk, "unsent")).to_be_visible()
        for person in people:
            person.expect_live()
            expect(banner(person, "unwritable")).to_be_visible()
        assert not [one for one in desk.api("/api/v1/pictures/alerts")["picture"]["alerts"]
                    if one["state"] != "NEW"]  # fmt: skip
    silent(people, "unwritable")
    expect(banner(desk, "unsent")).to_be_hidden()
    acknowledged = desk.page.locator("#queue-grid [data-select]:not([data-new])")
    expect(acknowledged).to_have_count(1)

    with held(file):
        said(people, "unwritable")
    silent(people, "unwritable")

    redis = stack.child("redis-server")
    redis.suspend()
    said(people, "bell", BELL_MS)
    redis.resume()
    silent(people, "bell")
    for person in people:
        person.context.close()


def banner(person: Person, name: str) -> Locator:
    return person.page.locator(f"[data-banner={name}]")


def said(people: list[Person], name: str, within_ms: float = PROMISED_MS) -> None:
    """From now on so long may it take until every screen says it, in words."""
    until = time.monotonic() + within_ms / 1000
    for person in people:
        expect(banner(person, name)).to_be_visible(timeout=_left(until))
        expect(banner(person, name)).not_to_be_empty()


def silent(people: list[Person], name: str) -> None:
    until = time.monotonic() + PROMISED_MS / 1000
    for person in people:
        expect(banner(person, name)).to_be_hidden(timeout=_left(until))


def _left(until: float) -> float:
    return max(1.0, (until - time.monotonic()) * 1000)


@contextmanager
def full(disk: Path, file: Path) -> Iterator[None]:
    """Not a byte is left; the journal is made short first, as it has room of its own."""
    with sqlite3.connect(file, timeout=5) as store:
        busy = 1
        while busy:
            busy, _, _ = store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    balloon = disk / "balloon"
    with balloon.open("wb", buffering=0) as space:
        for size in (1 << 20, 1 << 12):
            _fill(space.fileno(), b"\0" * size)
    yield
    balloon.unlink()


def _fill(space: int, block: bytes) -> None:
    try:
        while True:
            os.write(space, block)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another program holds the store's write lock."""
    other = sqlite3.connect(file, isolation_level=None, timeout=5)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()
