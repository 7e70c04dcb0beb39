"""Writes alerts from four threads and says each that was accepted, until somebody kills it."""

import threading
from multiprocessing.connection import Connection

from dispatch.alerts import Incoming, receive
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.log import Request
from dispatch.writer import Writer
from tests.dispatch.conftest import small_city


def write_until_killed(url: str, round_: int, said: Connection) -> None:
    city = small_city()
    writer = Writer(Database(url), lambda events: None)
    one_at_a_time = threading.Lock()

    def write(name: str) -> None:
        n = 0
        while True:
            n += 1
            accepted = _accept(writer, city, f"{name}-{n}")
            with one_at_a_time:
                said.send(accepted)

    for n in range(4):
        threading.Thread(target=write, args=(f"{round_}-{n}",), daemon=True).start()
    threading.Event().wait()


def _accept(writer: Writer, city: City, name: str) -> str:
    parsed = Incoming(source="gas", ext_id=name)
    request = Request("gas", name, {}, lambda work: receive(work, city, parsed), now_ms())
    return str(writer.command(request).body["alert"])
