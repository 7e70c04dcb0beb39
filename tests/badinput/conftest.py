"""One running product for the whole table, with a broker and two screens."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.badinput.doors import Doors, mailbox, signed_in
from tests.callbacks.live import Screen
from tests.stack import running
from tests.streams.broker import NAME, PASSWORD, Broker

LIFTS = "lifts,电梯,Lifts,市监局,mqtt,WGS84,60,city,{address}\n"


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
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},address", *(f"{row}," for row in rows)]
    more = LIFTS.format(address=broker.address("lifts/+/alarm"))
    file.write_text("\n".join(lines) + "\n" + more, encoding="utf-8")
    return city


@pytest.fixture(scope="module")
def doors(lifts: Path, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("stack")
    logins = folder / "logins"
    logins.write_text(f"machine 127.0.0.1 login {NAME} password {PASSWORD}\n")
    logins.chmod(0o600)
    settings = {"YIPING_CITY": str(lifts), "YIPING_LOGINS": str(logins)}
    with running(folder / "var", settings) as stack:
        keys = json.loads((stack.var / "demo-keys.json").read_text())
        tokens = {
            "desk": signed_in(stack, "xuwenbo"),
            "wall": signed_in(stack, "wall-city"),
        }
        screens = {who: Screen(stack.url, token, stack.url) for who, token in tokens.items()}
        for who, screen in screens.items():
            assert screen.says("join", {"screen": who, "screen_id": f"bad-{who}"})["ok"]
        with mailbox(keys.pop("redis")) as line:
            yield Doors(stack, broker, line, keys["sources"], tokens, **screens)
        for screen in screens.values():
            screen.leaves()
