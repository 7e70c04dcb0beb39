"""Fixed things of the demo city: cameras, named places, meters and detectors."""

import math
from collections.abc import Iterator
from typing import Any

from shapely import Point as Dot
from shapely import contains_xy, get_parts

from demo.forces import Cells
from demo.land import Land, in_park, spot_of
from demo.network import Network
from demo.plane import Point, dice, lon_lat

CAMERAS = {"dc": 28, "xc": 26, "gk": 30, "bh": 16, "nh": 20}
FIRST_CAMERA = {"gk": 25}  # the port's numbers begin here, so that 028 to 052 are among them
TANK_CAMERAS: dict[str, tuple[float, float]] = {
    "CAM-GK-028": (-640, 60),
    "CAM-GK-031": (-430, -420),
    "CAM-GK-044": (40, -200),
    "CAM-GK-047": (-120, 140),
    "CAM-GK-052": (-700, -300),
}  # metres in the park; they look at tank V-1203


def camera_rows(land: Land, network: Network) -> Iterator[Cells]:
    """Give the rows of cameras.csv: at places with a name, then at crossings."""
    spots = list(_camera_spots(land, network))
    tank = _tank(land)
    for code, count in CAMERAS.items():
        first = FIRST_CAMERA.get(code, 1)
        own = [one for one in spots if one[0] == code]
        for n in range(count):
            name = f"CAM-{code.upper()}-{first + n:03d}"
            if name in TANK_CAMERAS:
                yield _tank_camera(name, code, tank)
            else:
                _, zh, en, spot = own[n % len(own)]
                yield _camera(name, zh, en, code, spot, dice(name).randrange(0, 360, 15))


def drone_rows(land: Land) -> Iterator[Cells]:
    """Give the rows of drones.csv: one flies round the tank farm of the park."""
    yield {"id": "UAV-GK-1", **_degrees(_tank(land)), "url": "UAV-GK-1", "flight_log": ""}


def _tank_camera(name: str, code: str, tank: Point) -> Cells:
    spot = in_park(*TANK_CAMERAS[name])
    heading = math.degrees(math.atan2(tank[0] - spot[0], tank[1] - spot[1])) % 360
    zh, en = f"云港化工储罐区 {name[-3:]}", f"Yungang Chemical tank farm {name[-3:]}"
    return _camera(name, zh, en, code, spot, round(heading))


def _camera(name: str, zh: str, en: str, code: str, spot: Point, heading: int) -> Cells:
    serial = f"{list(CAMERAS).index(code) + 1:02d}{int(name[-3:]):04d}"
    return {
        "id": name,
        "name_zh": zh,
        "name_en": en,
        "district": code,
        **_degrees(spot),
        "heading": heading,
        "fov": 60,
        "owner": "云港化工" if name in TANK_CAMERAS else "市公安局",
        "gb28181_id": f"99000000001310{serial}",  # 99: no real region has this code
        "url": f"cam/{name}",
        "sub_url": f"cam/{name}/sub",
        "pinned": int(name in TANK_CAMERAS),
    }


def _camera_spots(land: Land, network: Network) -> Iterator[tuple[str, str, str, Point]]:
    """Yield spots worth watching, those with a name of their own first."""
    for poi in land.names["poi"]:
        yield from _if_inside(land, poi["name_zh"], poi["name_en"], spot_of(poi))
    for zh, en, code, spot in _crossings(land, network):
        if dice(zh).random() < 0.4:
            yield code, zh, en, spot
    for row in (row for rows in land.names["town"].values() for row in rows):
        spot = spot_of({"at": row[2:4]})
        yield from _if_inside(land, f"{row[0]}中心", f"{row[1]} centre", spot)
    for v in network.villages:
        yield from _if_inside(land, f"{v.name_zh}村口", f"{v.name_en} gate", v.spot)


def _if_inside(land: Land, zh: str, en: str, spot: Point) -> Iterator[tuple[str, str, str, Point]]:
    code = _district(land, spot)
    if code:
        yield code, zh, en, spot


def place_rows(land: Land, network: Network) -> Iterator[Cells]:
    """Give the rows of places.csv."""
    for poi in land.names["poi"]:
        spot = spot_of(poi)
        code = _district(land, spot)
        if code:
            yield _place(poi["id"], poi["name_zh"], poi["name_en"], poi["kind"], code, spot)
    for kind in ("street", "town"):
        listed = ((code, row) for code, rows in land.names[kind].items() for row in rows)
        for n, (code, row) in enumerate(listed, 1):
            spot = spot_of({"at": row[2:4]})
            yield _place(f"PL-{kind.upper()}-{n:02d}", row[0], row[1], kind, code, spot)
    for n, village in enumerate(network.villages, 1):
        code = _district(land, village.spot)
        if code:
            names = (village.name_zh, village.name_en)
            yield _place(f"PL-VILLAGE-{n:03d}", *names, "village", code, village.spot)
    for n, (zh, en, code, spot) in enumerate(_crossings(land, network), 1):
        yield _place(f"PL-CROSS-{n:03d}", zh, en, "junction", code, spot)


def _place(name: str, zh: str, en: str, kind: str, code: str, spot: Point) -> Cells:
    named = {"id": name, "name_zh": zh, "name_en": en, "kind": kind, "district": code}
    return {**named, **_degrees(spot)}


def _crossings(land: Land, network: Network) -> Iterator[tuple[str, str, str, Point]]:
    """Yield each crossing of two named city streets once."""
    named = land.names["city_streets"]
    north, east = ({row[0] for row in named[key]} for key in ("north", "east"))
    seen: set[tuple[str, str]] = set()
    for a in (road for road in network.roads if road.name_zh in north):
        for b in (road for road in network.roads if road.name_zh in east):
            pair = (b.name_zh, a.name_zh)
            met = get_parts(a.line.intersection(b.line)) if pair not in seen else []
            for dot in (dot for dot in met if isinstance(dot, Dot)):
                code = _district(land, (dot.x, dot.y))
                if code and pair not in seen:
                    seen.add(pair)
                    en = f"{b.name_en} / {a.name_en}"
                    yield f"{b.name_zh}{a.name_zh}路口", en, code, (dot.x, dot.y)


def sensor_rows(land: Land) -> Iterator[Cells]:
    """Give the rows of readings.csv."""
    hall = next(spot_of(p) for p in land.names["poi"] if p["id"] == "PL-H7")
    yield _sensor(
        "m.120.dispatch", "120 出车次数", "Ambulance dispatches", "dispatch_120", "次",
        "city", hall, "120", (0, 4), None,
    )  # fmt: skip
    yield from _heartbeats(land)
    for d in land.names["district"]:
        yield from _district_sensors(d)
    yield from _park_sensors(land)
    yield from _weather_sensors(land)


REPORTERS = ("110", "119", "12345", "grid", "iot", "video")


def _heartbeats(land: Land) -> Iterator[Cells]:
    """Give sources that may be quiet for hours a sign that they are there."""
    spot = next(spot_of(p) for p in land.names["poi"] if p["id"] == "PL-HALL")
    for source in REPORTERS:
        yield _sensor(
            f"link.{source}", f"{source} 接口心跳", f"{source} heartbeat", "link_up", "",
            "city", spot, source, (0, 1), None,
        )  # fmt: skip


POWER_MW = {"dc": 560, "xc": 470, "gk": 640, "bh": 210, "nh": 300}


def _district_sensors(d: dict[str, Any]) -> Iterator[Cells]:
    code, zh, en = d["code"], d["name_zh"], d["name_en"]
    spot, load = spot_of({"at": d["label"]}), POWER_MW[code]
    band = (round(load * 0.6), round(load * 1.25))
    yield _sensor(
        f"m.power.{code}", f"{zh}供电负荷", f"{en} power load", "power_load", "MW",
        code, spot, "power", band, round(load * 1.45),
    )  # fmt: skip
    for n, shift in ((1, (900, 600)), (2, (-1100, -700))):
        place = (spot[0] + shift[0], spot[1] + shift[1])
        yield _sensor(
            f"m.water.{code}.{n}", f"{zh}管网压力 {n} 点", f"{en} water pressure {n}",
            "water_pressure", "MPa", code, place, "water", (0.28, 0.4), 0.2,
        )  # fmt: skip
    yield _sensor(
        f"m.traffic.{code}", f"{zh}拥堵指数", f"{en} congestion index", "traffic_index", "",
        code, spot, "traffic", (1.0, 1.8), 2.2,
    )  # fmt: skip


def _park_sensors(land: Land) -> Iterator[Cells]:
    x, y = _tank(land)
    for n in range(1, 13):
        turn = n / 12 * math.tau
        reach = 70 if n in (6, 7, 8) else 520
        spot = (x + reach * math.sin(turn), y + reach * math.cos(turn))
        yield _sensor(
            f"GT-2{n:02d}", f"氨气探测器 GT-2{n:02d}", f"Ammonia detector GT-2{n:02d}",
            "nh3_ppm", "ppm", "gk", spot, "park", (0, 10), 50,
        )  # fmt: skip
    yield _sensor(
        "PT-1203", "V-1203 储罐压力", "Tank V-1203 pressure", "tank_pressure", "MPa",
        "gk", (x, y), "park", (0.75, 0.95), 0.6,
    )  # fmt: skip


def _weather_sensors(land: Land) -> Iterator[Cells]:
    spot = spot_of({"at": (1450, 440)})
    for name, zh, en, unit, band in (
        ("wx.wind_speed", "港口站风速", "Port wind speed", "m/s", (0, 10.8)),
        ("wx.wind_dir", "港口站风向", "Port wind direction", "°", (0, 360)),
        ("wx.temperature", "港口站气温", "Port air temperature", "℃", (-8, 36)),
    ):
        metric = name.split(".")[1]
        yield _sensor(name, zh, en, metric, unit, "gk", spot, "weather", band, None)
    for n, (x, y) in enumerate(((480, 740), (970, 652), (1480, 630)), 1):
        place = spot_of({"at": (x, y)})
        code = _district(land, place) or "nh"
        yield _sensor(
            f"m.level.{n}", f"云河 {n} 号水位", f"Yun River gauge {n}", "river_level", "m",
            code, place, "water", (1.2, 3.4), 4.1,
        )  # fmt: skip
    for n, name in enumerate(("PL-UNDER1", "PL-UNDER2"), 1):
        poi = next(p for p in land.names["poi"] if p["id"] == name)
        yield _sensor(
            f"m.depth.{n}", f"{poi['name_zh']}积水", f"{poi['name_en']} water depth",
            "flood_depth", "cm", "xc", spot_of(poi), "iot", (0, 5), 15,
        )  # fmt: skip


def _sensor(
    name: str, zh: str, en: str, metric: str, unit: str, code: str, spot: Point, source: str,
    band: tuple[float, float], alarm: float | None,
) -> Cells:  # fmt: skip
    low, high = band
    return {
        "id": name,
        "name_zh": zh,
        "name_en": en,
        "metric": metric,
        "unit": unit,
        "district": code,
        **_degrees(spot),
        "source": source,
        "normal_low": low,
        "normal_high": high,
        "alarm": "" if alarm is None else alarm,
    }


def _tank(land: Land) -> Point:
    return next(spot_of(p) for p in land.names["poi"] if p["id"] == "PL-TANK-V1203")


def _district(land: Land, spot: Point) -> str | None:
    for code, area in land.districts.items():
        if contains_xy(area, *spot):
            return code
    return None


def _degrees(spot: Point) -> dict[str, str]:
    lon, lat = lon_lat(spot)
    return {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"}
