"""A small city, and people of every role in it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from callbacks import web
from callbacks.port import Port
from callbacks.services import DoorSettings, Services
from dispatch import accounts
from dispatch import city as cities
from dispatch.city import City
from dispatch.clock import now_ms
from dispatch.database import Database
from dispatch.log import Event
from dispatch.writer import Writer
from layouts.screens import all_panels
from layouts.texts import LANGUAGES, Texts
from streams.doorbell import Doorbell
from streams.hub import Hub
from streams.intake import Intake
from streams.look import Board
from streams.positions import Positions
from tests.callbacks.person import Person

WEST = [[[118.0, 37.0], [118.1, 37.0], [118.1, 37.1], [118.0, 37.1], [118.0, 37.0]]]
EAST = [[[118.1, 37.0], [118.2, 37.0], [118.2, 37.1], [118.1, 37.1], [118.1, 37.0]]]
TOML = """
name_zh = "小城"
name_en = "Smalltown"
centre_zh = "小城运行管理中心"
centre_en = "Smalltown Operations Centre"
population = 1000
simulated = true
timezone = "Asia/Shanghai"
[map]
lat = 37.05
lon = 118.1
zoom = 12
basemap = "base.pmtiles"
note_zh = "示意"
note_en = "Schematic"
[counts]
streets = 2
"""
TABLES = {
    "city.toml": TOML,
    "units.csv": "id,name_zh,name_en,force_type,district,lat,lon,members,vehicles,capabilities\n"
    "FIR-1,一号消防车,Engine 1,FIR,w,37.05,118.05,6,1,hazmat;pump\n"
    "MED-1,一号救护车,Ambulance 1,MED,e,37.05,118.15,3,1,\n",
    "cameras.csv": "id,name_zh,name_en,district,lat,lon,heading,fov\n"
    "CAM-1,东门,East gate,w,37.05,118.06,90,60\n",
    "sources.csv": "id,name_zh,name_en,org,kind,datum,period_s,districts\n"
    "110,110 接警,110 calls,公安局,json,WGS84,60,city\n"
    "gas,燃气报警,Gas alarms,燃气集团,json,GCJ02,60,w\n"
    "met,气象预警,Weather warnings,气象局,cap,WGS84,3600,city\n"
    "gps,车辆定位,Vehicle positions,消防支队,positions,WGS84,1,city\n"
    "power,供电,Power,供电公司,readings,WGS84,60,city\n",
    "people.csv": "id,name_zh,name_en,role,seat_zh,seat_en,districts,unit,phone\n"
    "wall,大屏,Wall,wall,大屏,Wall,city,,\n"
    "lead,李,Li,leader,领导席,Leader seat,city,,\n"
    "shift,张,Zhang,shift_lead,值班长席,Shift lead seat,city,,\n"
    "officer,赵,Zhao,officer,一号席,Seat 1,city,,\n"
    "west,周,Zhou,officer,西区席,West seat,w,,\n"
    "fir1,王,Wang,responder,,,w,FIR-1,100\n"
    "med1,何,He,responder,,,e,MED-1,101\n"
    "root,管理员,Admin,admin,,,city,,\n",
    "places.csv": "id,name_zh,name_en,kind,district,lat,lon\n"
    "p1,东门医院,East Gate Hospital,hospital,e,37.05,118.15\n"
    "p2,<img src=x onerror=alert(1)>,East <b>Mall</b>,mall,e,37.06,118.16\n",
    "readings.csv": "id,name_zh,name_en,metric,unit,district,lat,lon,source,"
    "normal_low,normal_high,alarm\n"
    "m1,负荷,Load,power_load,MW,w,37.05,118.05,power,1,2,\n",
}
ACTION = {
    "seq": 1,
    "phase": "initial",
    "kind": "dispatch",
    "text_zh": "堵漏",
    "text_en": "Stop the leak",
    "force_type": "FIR",
    "capability": "hazmat",
    "offset_min": 0,
    "deadline_min": 10,
    "priority": 1,
}
PLAN = {
    "id": "leak",
    "name_zh": "泄漏",
    "name_en": "Leak",
    "category": "accident",
    "types": ["hazmat_leak"],
    "triggers": [],
    "levels": [],
    "end_conditions": [{"zh": "已控制", "en": "Under control"}],
    "actions": [ACTION],
}


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("city")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "districts.geojson").write_text(json.dumps(_districts()))
    (folder / "plans.json").write_text(json.dumps([PLAN]))
    (folder / "base.pmtiles").write_bytes(b"PMTiles\x03" + bytes(range(120)))
    return cities.load(folder)


def _districts() -> dict[str, object]:
    return {"type": "FeatureCollection", "features": [_feature("w", WEST), _feature("e", EAST)]}


def _feature(code: str, rings: object) -> dict[str, object]:
    names = {"code": code, "name_zh": code, "name_en": code, "population": 5}
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": names, "geometry": geometry}


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder of assets with the files that set-up would install."""
    vendor = tmp_path / "assets/vendor"
    (vendor / "inter").mkdir(parents=True)
    (vendor / "socket.io.min.js").write_text("/* socket */")
    (vendor / "protomaps-leaflet.js").write_text("/* map */")
    (vendor / "inter/index.css").write_text("/* font */")
    (tmp_path / "assets/1-tokens.css").write_text(":root{}")
    (tmp_path / "assets/live.js").write_text("/* live */" + " " * 5000)
    (tmp_path / "assets/sign-in.js").write_text("/* door */")
    return tmp_path / "assets"


@pytest.fixture
def services(city: City, assets: Path, sqlite_url: str) -> Iterator[Services]:
    """A store of this test's own, with the city's people in it, and all that works on it."""
    database = Database(sqlite_url)
    accounts.sync(database, city, now_ms())
    rung: list[Callable[[list[Event]], None]] = []
    writer = Writer(database, lambda events: [ring(events) for ring in rung] and None)
    board = Board(city, lambda key: {lang: Texts(lang)(key) for lang in LANGUAGES})
    port = Port()
    hub = Hub(database, board, all_panels(), Texts, port)
    rung.append(hub.rang)
    positions = Positions(city)
    intake = Intake(database, writer, city, positions)
    parts = (board, hub, port, intake, positions, Doorbell(""))
    yield Services(database, writer, city, *parts, DoorSettings(assets))
    writer.close()
    database.close()


@pytest.fixture
def server(services: Services) -> Flask:
    return web.create(services)


@pytest.fixture
def person(server: Flask, services: Services) -> Person:
    """`person("officer")` is a browser in which that person has signed in."""
    return Person(server, services)
