"""How far a screen shows the log: from the pushes that it reports to have drawn."""

from flask import Flask
from sqlalchemy import select

from callbacks.services import Services
from dispatch import log
from dispatch.models import screen_seen
from tests.callbacks.live import Screen, eventually, running
from tests.callbacks.person import Person
from tests.callbacks.test_health import ALERT


def drawn(screen: Screen) -> dict[str, int]:
    """The last push of each room, as a browser keeps it."""
    shown: dict[str, int] = {}
    for event, data in list(screen.heard):
        for name, said in data["said"] if event == "cycle" else [(event, data)]:
            if name in ("snapshot", "push"):
                shown[said["room"]] = max(shown.get(said["room"], 0), said["to_seq"])
    return shown


def report(screen: Screen, rooms: dict[str, int]) -> None:
    said = {"screen_id": "s-1", "epoch": 0, "mode": "PEACETIME", "rooms": rooms}
    assert screen.says("report", said)["ok"]


def kept(services: Services) -> int:
    found = services.database.read(lambda c: c.execute(select(screen_seen.c.cursor)).scalar())
    return -1 if found is None else int(found)


def test_a_screen_shows_the_log_as_far_as_it_has_drawn(
    server: Flask, services: Services, person: Person
) -> None:
    token = person("officer").token
    gas = person.system("gas", "alerts:write")
    with running(server, services) as live:
        screen = live.screen(token)
        rooms = set(screen.joins("desk")["rooms"])
        assert eventually(lambda: drawn(screen).keys() == rooms)
        old = drawn(screen)
        assert gas.post("/api/v1/alerts", json=ALERT).status_code == 201
        head = services.database.read(log.head)
        queue = next(name for name in rooms if name.startswith("queue|"))
        assert eventually(lambda: drawn(screen)[queue] > old[queue])
        report(screen, old)
        assert eventually(lambda: kept(services) == head - 1)
        report(screen, {**drawn(screen), queue: old[queue]})
        assert eventually(lambda: kept(services) == head - 1)
        report(screen, drawn(screen))
        assert eventually(lambda: kept(services) == head)
        report(screen, {queue: drawn(screen)[queue]})  # it has not drawn its other rooms
        assert eventually(lambda: kept(services) == 0)
        screen.leaves()
