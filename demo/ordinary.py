"""The ordinary day: which alerts come when, and when their senders close them."""

import json
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from demo import cap
from demo.datum import to_gcj02
from demo.folder import Folder, Place
from demo.meters import CALLS, DAY_MS, LOCAL, by_hour

LIST = Path(__file__).parent / "yunbin" / "alerts.toml"
MINUTE_MS = 60_000
NIGHT = (22, 6)  # local hours


@dataclass(frozen=True)
class Report:
    """One alert of an ordinary day and how many minutes its sender needs to close it."""

    source: str
    body: dict[str, Any]
    life_min: float


class Day:
    """Rolls the alerts of an ordinary day; the same name gives the same day."""

    def __init__(self, folder: Folder, name: str, load: float = 1.0) -> None:
        self._folder = folder
        self._rng = random.Random(f"day-{name}")
        self._name = name
        self._count = 0
        lists = tomllib.loads(LIST.read_text(encoding="utf-8"))
        self.weather: dict[str, Any] = lists["weather"]
        self._sources = [one for one in lists["source"] if one["id"] in folder.sources]
        self._load = load

    def roll(self, at: int, span_ms: float) -> Iterator[Report]:
        """Yield what comes within a short span that begins at a time (ms UTC)."""
        for source in self._sources:
            mean = self.rate(source, at) * span_ms / DAY_MS * self._load
            if self._rng.random() < mean:
                yield self._report(source, at)

    def rate(self, source: dict[str, Any], at: int) -> float:
        """Give how many a day would come if every hour were like this one."""
        hour = datetime.fromtimestamp(at / 1000, LOCAL).hour
        night = hour >= NIGHT[0] or hour < NIGHT[1]
        hours = [h for h in range(24) if (h >= NIGHT[0] or h < NIGHT[1]) == night]
        share = source["night"] if night else 1 - source["night"]
        mean = sum(CALLS[h] for h in hours) / 24
        return float(source["day"] * share * by_hour(CALLS, at) / mean)

    def _report(self, source: dict[str, Any], at: int) -> Report:
        kinds = source["kind"]
        (kind,) = self._rng.choices(kinds, [one["share"] for one in kinds])
        place = self._place(kind["places"])
        self._count += 1
        life = self._rng.uniform(*kind["life"])
        body = {
            "source": source["id"],
            "ext_id": f"{source['id']}-{self._name}-{self._count:05d}",
            "kind": "alert",
            "title": kind["title"].format(place=place.name),
            "category": kind["category"],
            "type": kind["type"],
            "severity": kind["severity"],
            "place": place.name,
            "district": place.district,
            "occurred_at": at,
            "expires_at": at + int((life + 10) * MINUTE_MS),
            **self._where(source["id"], place),
        }
        if "confidence" in source:
            body["confidence"] = round(self._rng.uniform(*source["confidence"]), 2)
        return Report(source["id"], body, life)

    def _place(self, kinds: list[str]) -> Place:
        known = [kind for kind in kinds if self._folder.places.get(kind)]
        every = list(self._folder.spots.values())
        return self._rng.choice(self._folder.places[self._rng.choice(known)] if known else every)

    def _where(self, source: str, place: Place) -> dict[str, float]:
        """Give the spot near a place in the datum that the source speaks."""
        lat = place.lat + self._rng.gauss(0, 0.0012)
        lon = place.lon + self._rng.gauss(0, 0.0015)
        if self._folder.sources[source].datum == "GCJ02":
            lat, lon = to_gcj02(lat, lon)
        return {"lat": round(lat, 6), "lon": round(lon, 6)}


def closing(report: Report, at: int) -> dict[str, Any]:
    """Give the message with which a sender closes its alert."""
    kept = ("source", "ext_id", "title", "category", "type", "severity")
    body = {key: report.body[key] for key in kept}
    return {**body, "kind": "cancel", "occurred_at": at}


def warning_of_the_day(weather: dict[str, Any], folder: Path, now: int) -> str:
    """Give today's weather warning; asked again on the same day it is the same message."""
    today = datetime.fromtimestamp(now / 1000, LOCAL).replace(minute=0, second=0, microsecond=0)
    sent = today.replace(hour=0)
    onset, expires = (
        today.replace(hour=weather["from_hour"]),
        today.replace(hour=weather["to_hour"]),
    )
    name = f"YB-{today:%Y%m%d}-GALE-01"
    if expires.timestamp() * 1000 < now:  # late in the day: the warning for tomorrow
        sent, onset, expires = (m + timedelta(days=1) for m in (sent, onset, expires))
        name, sent = f"{name}-N", today.replace(hour=21)
    rings = _rings(folder, weather["areas"])
    return cap.message(weather, name, (sent, onset, expires), rings)


def _rings(folder: Path, codes: list[str]) -> list[tuple[str, list[tuple[float, float]]]]:
    """Give the outer ring of each district, thinned to what a warning needs."""
    features = json.loads((folder / "districts.geojson").read_text(encoding="utf-8"))["features"]
    rings = []
    for feature in features:
        if feature["properties"]["code"] in codes:
            shape = feature["geometry"]
            flat = shape["coordinates"] if shape["type"] == "Polygon" else shape["coordinates"][0]
            ring = [(lat, lon) for lon, lat in flat[0]]
            thin = ring[:: max(1, len(ring) // 60)]
            rings.append((feature["properties"]["name_zh"], [*thin, thin[0]]))
    return rings
