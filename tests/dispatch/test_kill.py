"""A writer that is killed at any moment loses nothing that it said was done."""

import multiprocessing
import time

from sqlalchemy import select

from dispatch import audit
from dispatch.database import Database
from dispatch.log import events_after
from dispatch.models import alert, idem
from tests.dispatch.kill_me import write_until_killed

ROUNDS = 20
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([write_until_killed.__module__])


def run_and_kill(url: str, round_: int) -> list[str]:
    """Let a process write until it is killed; gives the alerts that it said were accepted."""
    here, there = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=write_until_killed, args=(url, round_, there))
    process.start()
    there.close()
    accepted = [here.recv()]
    time.sleep(0.02 + 0.01 * (round_ % 7))
    process.kill()
    process.join()
    try:
        while True:
            accepted.append(here.recv())
    except (EOFError, OSError):  # the last word may be cut in the middle
        return accepted


def test_twenty_kills_lose_no_accepted_alert(store_url: str) -> None:
    accepted = [one for n in range(ROUNDS) for one in run_and_kill(store_url, n)]
    assert len(accepted) > ROUNDS
    store = Database(store_url)
    known = store.read(lambda c: set(c.execute(select(alert.c.id)).scalars()))
    answered = store.read(lambda c: len(c.execute(select(idem.c.key)).all()))
    events = store.read(lambda c: events_after(c, 0, 1_000_000))
    report = store.read(audit.verify)
    store.close()
    assert set(accepted) <= known
    assert len(accepted) == len(set(accepted))
    assert len(known) == answered == len(events)
    assert report == audit.Report(True, len(events))
