"""The demo basemap: a PMTiles file in the Protomaps schema, drawn once."""

import gzip
from pathlib import Path

import mapbox_vector_tile
import numpy as np
from pmtiles.reader import MmapSource, Reader

from demo import basemap
from demo.plane import at, to_world


def tile(yunbin: Path, z: int, sketch: tuple[float, float]) -> dict:
    x, y = to_world(np.array([at(*sketch)]))[0] * 2**z
    with (yunbin / basemap.NAME).open("rb") as file:
        data = Reader(MmapSource(file)).get(z, int(x), int(y))
    return mapbox_vector_tile.decode(gzip.decompress(data), default_options={"y_coord_down": True})


def kinds(layer: dict) -> set[str]:
    return {feature["properties"]["kind"] for feature in layer["features"]}


def test_every_layer_has_its_kinds_where_they_belong(yunbin: Path) -> None:
    centre = tile(yunbin, 14, (1010, 600))
    assert {"highway", "major_road", "minor_road"} & kinds(centre["roads"]) >= {"major_road"}
    assert "building" in kinds(centre["buildings"])
    park = tile(yunbin, 14, (1585, 325))
    details = {f["properties"].get("kind_detail") for f in park["buildings"]["features"]}
    assert "storage_tank" in details
    whole = tile(yunbin, 9, (1010, 600))
    assert kinds(whole["roads"]) >= {"highway", "rail"}
    assert "minor_road" not in kinds(whole["roads"])
    assert "ocean" in kinds(tile(yunbin, 12, (2200, 500))["water"])


def test_names_stand_in_both_languages(yunbin: Path) -> None:
    places = tile(yunbin, 9, (1010, 600))["places"]["features"]
    named = {f["properties"]["name"]: f["properties"]["name:en"] for f in places}
    assert named["港口区"] == "Gangkou"
    assert named["云滨市"] == "Yunbin"


def test_north_is_up_in_a_tile(yunbin: Path) -> None:
    places = tile(yunbin, 6, (1010, 600))
    assert set(places) >= {"earth", "water"}
    towns = tile(yunbin, 11, (1010, 615))
    spots = {
        f["properties"]["name"]: f["geometry"]["coordinates"]
        for f in tile(yunbin, 12, (1110, 600))["places"]["features"]
        if f["geometry"]["type"] == "Point"
    }
    assert spots["明湖街道"][1] < spots["春晖街道"][1], "Minghu lies north of Chunhui"
    assert towns


def test_all_levels_are_there_and_it_is_marked_a_sketch(yunbin: Path) -> None:
    with (yunbin / basemap.NAME).open("rb") as file:
        reader = Reader(MmapSource(file))
        header, metadata = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (6, 15)
    assert "示意" in metadata["attribution"]
    assert {layer["id"] for layer in metadata["vector_layers"]} >= {"earth", "roads", "places"}
    assert (yunbin / basemap.NAME).stat().st_size < 5_000_000


def test_it_is_drawn_again_only_when_the_drawing_changed(yunbin: Path) -> None:
    before = (yunbin / basemap.NAME).read_bytes()
    assert basemap.draw(yunbin, lambda _: None) is False
    (yunbin / f"{basemap.NAME}.stamp").write_text("older")
    assert basemap.draw(yunbin, lambda _: None) is True
    assert (yunbin / basemap.NAME).read_bytes() == before
