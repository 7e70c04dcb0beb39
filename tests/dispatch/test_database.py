"""How connections to the store are kept, and given up when the server has cut them."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from sqlalchemy import text

from dispatch import log
from dispatch.database import IDLE, Database
from tests.stack import ROOT

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
COUNT = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


def lines(url: str) -> int:
    """How many lines the server holds to this database, the one that asks left out."""
    with psycopg.connect(plain(url), autocommit=True) as other:
        row = other.execute(COUNT).fetchone()
    assert row is not None
    return int(row[0]) - 1


def settled(url: str, most: int) -> int:
    """The same, when it has come down to `most`: a line that is let go ends a moment later."""
    limit = time.monotonic() + 5
    while (found := lines(url)) > most and time.monotonic() < limit:
        time.sleep(0.05)
    return found


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_lines_that_the_server_cut_while_they_waited_disturb_nobody(postgres_url: str) -> None:
    store = Database(postgres_url)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: store.read(log.head), range(20))) == [0] * 20
    with psycopg.connect(plain(postgres_url), autocommit=True) as other:
        assert other.execute(OTHERS).rowcount >= 1
    assert [store.read(log.head) for _ in range(5)] == [0] * 5
    store.write(lambda connection: connection.execute(text("SELECT 1")))
    store.close()


def test_no_more_lines_are_kept_than_are_worth_it(store_url: str) -> None:
    store = Database(store_url)
    before = 0 if store.is_sqlite else lines(store_url)  # other tests' own
    with ThreadPoolExecutor(IDLE * 2) as threads:
        list(threads.map(lambda _: store.read(log.head), range(200)))
    assert 0 < len(store._idle) <= IDLE
    if not store.is_sqlite:
        assert settled(store_url, before + IDLE) <= before + IDLE
    store.close()
    assert not store._idle


TOGETHER = """
import gevent.monkey
gevent.monkey.patch_all()
import sys, gevent
from sqlalchemy import text
from dispatch.database import Database

sys.setswitchinterval(0.001)
answered = 0
for turn in range(5):
    store = Database(sys.argv[1], gevent.get_hub().threadpool.apply)
    asks = [gevent.spawn(store.read, lambda line: line.scalar(text("SELECT 1"))) for _ in range(8)]
    answered += sum(one.successful() for one in gevent.joinall(asks, timeout=5))
print(answered, flush=True)
"""


def test_threads_that_open_the_store_together_all_come_to_it(store_url: str) -> None:
    """A web process that started under many screens left some of its threads asleep for good."""
    ask = [sys.executable, "-c", TOGETHER, store_url]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "40"
