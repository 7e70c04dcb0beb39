"""Cut drawings into vector tiles, level by level, and write one PMTiles file."""

import gzip
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
MARGIN = 0.06  # of a tile: lines go on beyond the edge, so that none ends at it
POINTS, LINES, AREAS = 0, 1, 2  # what shapely.get_dimensions gives


@dataclass(frozen=True)
class Shape:
    """One thing to draw, in web-mercator coordinates 0..1; `low` is its first level."""

    layer: str
    outline: BaseGeometry
    facts: dict[str, Any]
    low: int = 0


@dataclass
class Piece:
    """What of some shapes lies in one tile: parallel lists."""

    outlines: Any
    shapes: list[Shape]


@dataclass
class Cutter:
    """Goes down the pyramid; each level cuts only what its parent kept."""

    low: int
    high: int
    tiles: dict[int, bytes] = field(default_factory=dict)
    plain: dict[Any, bytes] = field(default_factory=dict)
    tell: Callable[[str], None] = print

    def cut(self, shapes: list[Shape], box: tuple[float, float, float, float]) -> None:
        """Cut all tiles that meet the box (west, north, east, south in 0..1)."""
        outlines = np.array([shape.outline for shape in shapes], dtype=object)
        size = 1 / 2**self.low
        west, north, east, south = (int(v / size) for v in box)
        for x in range(west, east + 1):
            for y in range(north, south + 1):
                self._descend(self.low, x, y, Piece(outlines, shapes))

    def _descend(self, z: int, x: int, y: int, parent: Piece) -> None:
        piece = _clip(parent, z, x, y)
        if len(piece.outlines) == 0:
            return
        blank = _is_blank(piece, z)
        if blank:
            self._fill(z, x, y, blank, piece)
            return
        self.tiles[zxy_to_tileid(z, x, y)] = _encode(piece, z, x, y)
        if z < self.high:
            for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                self._descend(z + 1, 2 * x + dx, 2 * y + dy, piece)

    def _fill(self, z: int, x: int, y: int, key: Any, piece: Piece) -> None:
        """Repeat a tile of one colour down to the last level."""
        data = self.plain.get(key)
        if data is None:
            data = self.plain[key] = _encode(piece, z, x, y)
        for level in range(z, self.high + 1):
            n = 2 ** (level - z)
            for i in range(n):
                for j in range(n):
                    self.tiles[zxy_to_tileid(level, x * n + i, y * n + j)] = data


def write(file: io.BufferedIOBase, tiles: dict[int, bytes], header: dict[str, Any]) -> None:
    """Write the tiles in the order that readers like; `header` carries bounds and metadata."""
    writer = Writer(file)
    packed: dict[bytes, bytes] = {}
    for tile, data in sorted(tiles.items()):
        if data not in packed:
            packed[data] = gzip.compress(data, 6, mtime=0)
        writer.write_tile(tile, packed[data])
    metadata = header.pop("metadata")
    kinds = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP}
    writer.finalize({**header, **kinds}, metadata)


def _clip(parent: Piece, z: int, x: int, y: int) -> Piece:
    size, pad = 1 / 2**z, MARGIN / 2**z
    west, north, east, south = x * size - pad, y * size - pad, (x + 1) * size, (y + 1) * size
    cut = _cut(parent.outlines, (west, north, east + pad, south + pad))
    kept = np.flatnonzero(~shapely.is_empty(cut))
    return Piece(cut[kept], [parent.shapes[i] for i in kept])


def _cut(outlines: Any, box: tuple[float, float, float, float]) -> Any:
    try:
        return shapely.clip_by_rect(outlines, *box)
    except shapely.GEOSException:  # a sliver at the edge: the slower way bears it
        return shapely.intersection(outlines, shapely.box(*box))


def _is_blank(piece: Piece, z: int) -> Any:
    """Give a key for a tile that areas fill wholly and nothing crosses, else None."""
    size = (1 + 2 * MARGIN) / 2**z
    if (shapely.get_dimensions(piece.outlines) != AREAS).any():
        return None
    if (shapely.area(piece.outlines) < size * size * 0.999999).any():
        return None
    return tuple((shape.layer, json.dumps(shape.facts)) for shape in piece.shapes)


def _encode(piece: Piece, z: int, x: int, y: int) -> bytes:
    seen = [i for i, shape in enumerate(piece.shapes) if shape.low <= z]
    scale = EXTENT * 2**z
    shift = np.array([x, y]) * EXTENT
    local = shapely.transform(piece.outlines[seen], lambda p: p * scale - shift)
    groups: dict[tuple[str, str, int], list[Any]] = {}
    facts: dict[str, dict[str, Any]] = {}
    for i, outline in zip(seen, _simplify(local), strict=True):
        shape = piece.shapes[i]
        key = json.dumps(shape.facts, ensure_ascii=False, sort_keys=True)
        facts[key] = shape.facts
        groups.setdefault((shape.layer, key, shapely.get_dimensions(outline)), []).append(outline)
    layers: dict[str, list[dict[str, Any]]] = {}
    for (layer, key, dimension), outlines in groups.items():
        for merged in _merge(outlines, dimension):
            layers.setdefault(layer, []).append({"geometry": merged, "properties": facts[key]})
    packed = [{"name": name, "features": features} for name, features in layers.items()]
    options = {"extents": EXTENT, "y_coord_down": True}
    return bytes(mapbox_vector_tile.encode(packed, default_options=options))


def _simplify(local: Any) -> Any:
    simple = shapely.simplify(local, 7.0, preserve_topology=False)
    return np.where(shapely.is_empty(simple), local, simple)


def _merge(outlines: list[Any], dimension: int) -> Iterable[BaseGeometry]:
    """Join what looks alike into few features; areas stay apart when they are outlines."""
    parts = [part for part in shapely.get_parts(outlines) if not part.is_empty]
    parts = [part for part in parts if shapely.get_dimensions(part) == dimension]
    if dimension == POINTS:
        return parts
    if dimension == LINES:
        return [shapely.line_merge(shapely.multilinestrings(parts))] if parts else []
    big = [part for part in parts if part.area > 12]
    return [shapely.multipolygons(big)] if big else []
