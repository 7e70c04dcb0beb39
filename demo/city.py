"""Make the demo city Yunbin (云滨市) as a city folder; everything in it is invented.

Call: python -m demo.city FOLDER
"""

import csv
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import shapely

from demo import basemap, forces, sites, streets
from demo.forces import Cells, Unit
from demo.land import HERE, Land, survey
from demo.plane import to_degrees

Tell = Callable[[str], None]
COPIED = ("city.toml", "sources.csv", "plans.json")
MARK = ".stamp"


def make(folder: Path, tell: Tell = print) -> bool:
    """Write the folder unless it is there already; say whether anything was made."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = basemap.draw(folder, tell)
    stamp = _fingerprint()
    mark = folder / MARK
    if mark.exists() and mark.read_text() == stamp:
        tell("city: already made")
        return drawn
    tell("city: districts and streets")
    land = survey()
    network = streets.build(land)
    for name in COPIED:
        shutil.copyfile(HERE / name, folder / name)
    _write_districts(folder / "districts.geojson", land)
    tell("city: units, cameras, places, sensors, people")
    responders = _read(HERE / "responders.csv")
    leaders = {row["unit"]: row["name_zh"] for row in responders}
    units = forces.muster(land, network, leaders)
    _write(folder / "units.csv", forces.rows(units))
    _write(folder / "cameras.csv", sites.camera_rows(land, network))
    _write(folder / "drones.csv", sites.drone_rows(land))
    _write(folder / "places.csv", sites.place_rows(land, network))
    _write(folder / "readings.csv", sites.sensor_rows(land))
    _write(folder / "people.csv", _people(units, responders))
    mark.write_text(stamp)
    tell(f"city: {len(units)} units; {folder} is ready")
    return True


def _fingerprint() -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256(basemap.fingerprint().encode())
    made_by = [here / name for name in ("city.py", "forces.py", "sites.py")]
    for path in (*made_by, *sorted(HERE.iterdir())):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _write_districts(path: Path, land: Land) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {k: d[k] for k in ("code", "name_zh", "name_en", "population")},
            "geometry": json.loads(shapely.to_geojson(_outline(land, d["code"]))),
        }
        for d in land.names["district"]
    ]
    whole = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")


def _outline(land: Land, code: str) -> shapely.Geometry:
    degrees = shapely.transform(land.districts[code], to_degrees)
    return shapely.set_precision(degrees, 1e-6)


WITH_PHONE = ("FIR", "POL", "MED", "EMT", "CGT", "UTL")
MORE_PHONES = 24


def _people(units: list[Unit], responders: list[dict[str, str]]) -> Iterator[Cells]:
    """Give the staff of the centre, the people of the drill, and more phones in all districts."""
    known = {unit.id: unit for unit in units}
    yield from _read(HERE / "people.csv")
    for row in responders:
        unit = known[row["unit"]]
        yield _responder(row["id"], row["name_zh"], row["name_en"], unit)
    taken = {row["unit"] for row in responders}
    others = [u for u in units if u.force_type in WITH_PHONE and u.id not in taken]
    first = [u for u in others if u.id.rsplit("-", 1)[-1] in ("01", "03")]
    for unit in first[:MORE_PHONES]:
        yield _responder(unit.id.lower(), unit.leader, f"{unit.name_en} leader", unit)


def _responder(name: str, zh: str, en: str, unit: Unit) -> Cells:
    return {
        "id": name,
        "name_zh": zh,
        "name_en": en,
        "role": "responder",
        "seat_zh": unit.name_zh,
        "seat_en": unit.name_en,
        "districts": unit.district,
        "unit": unit.id,
        "phone": unit.phone,
    }


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Iterable[Cells]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    make(Path(sys.argv[1]), lambda text: print(text, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
