"""One running product for the whole table, with a broker and two screens."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.badinput.doors import Doors, mailbox, signed_in
from tests.callbacks.live import Screen
from tests.stack import running
from tests.streams.broker import NAME, PASSWORD, Broker
from tests.streams.waiting import wait_for

LIFTS = {
    **{"id": "lifts", "name_zh": "电梯", "name_en": "Lifts", "org": "市监局", "kind": "mqtt"},
    **{"datum": "WGS84", "period_s": "60", "districts": "city"},
}


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    made = Broker()
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def lifts(demo_city: Path, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city with one source more, which speaks by MQTT."""
    city = tmp_path_factory.mktemp("badinput") / "city"
    shutil.copytree(demo_city, city)
    file = city / "sources.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    lift = {**LIFTS, "address": broker.address("lifts/+/alarm")}
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, [*LIFTS, "address"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows([*rows, lift])
    return city


@pytest.fixture(scope="module")
def doors(lifts: Path, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("stack")
    logins = folder / "logins"
    logins.write_text(f"machine 127.0.0.1 login {NAME} password {PASSWORD}\n")
    logins.chmod(0o600)
    settings = {"YIPING_CITY": str(lifts), "YIPING_LOGINS": str(logins)}
    with running(folder / "var", settings) as stack:
        wait_for(lambda: any("hearing broker" in line for line in stack.said), 20)
        keys = json.loads((stack.var / "demo-keys.json").read_text())
        people = {"desk": "xuwenbo", "wall": "wall-city", "phone": responder(lifts)}
        tokens = {who: signed_in(stack, account) for who, account in people.items()}
        screens = {who: Screen(stack.url, tokens[who], stack.url) for who in ("desk", "wall")}
        for who, screen in screens.items():
            assert screen.says("join", {"screen": who, "screen_id": f"bad-{who}"})["ok"]
        with mailbox(keys.pop("redis")) as line:
            made = Doors(stack, broker, line, keys["sources"], tokens, **screens)
            yield made
            made.close()
        for screen in screens.values():
            screen.leaves()


def responder(city: Path) -> str:
    """Somebody who answers for a unit."""
    with (city / "people.csv").open(encoding="utf-8", newline="") as lines:
        return next(row["id"] for row in csv.DictReader(lines) if row["role"] == "responder")
