"""What a screen loads beside its page: words, installed scripts, the map, the city's outlines."""

from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, request, send_file, send_from_directory
from werkzeug.exceptions import NotFound

from callbacks import codec
from dispatch.areas import District
from dispatch.city import City
from layouts.texts import LANGUAGES, words

DAY_S = 86_400


def install(server: Flask, city: City, assets: Path) -> None:
    """Serve the files that are the same for every screen."""
    outlines = codec.write(districts(city))

    @server.get("/texts/<lang>.json")
    def texts(lang: str) -> Response:
        if lang not in LANGUAGES:
            raise NotFound(f"there are no texts in {lang}")
        return _tagged(codec.write(words(lang)), "application/json")

    @server.get("/city/districts.geojson")
    def outline() -> Response:
        return _tagged(outlines, "application/geo+json")

    @server.get("/city/map.json")
    def note() -> Response:
        return _tagged(codec.write(map_note(city)), "application/json")

    @server.get("/basemap/city.pmtiles")
    def basemap() -> Response:
        """Answers a Range with a 206, as PMTiles is read piece by piece."""
        return send_file(city.basemap, "application/vnd.pmtiles", conditional=True, max_age=DAY_S)

    @server.get("/vendor/<path:name>")
    def vendor(name: str) -> Response:
        """A script, style or font that set-up installed; its version is pinned."""
        return send_from_directory(assets / "vendor", name, max_age=DAY_S)

    @server.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(assets, name, max_age=0)


def map_note(city: City) -> dict[str, Any]:
    """What the map's corner must say, and where the map opens."""
    own = city.settings.map
    return {
        "note": {"zh": own.note_zh, "en": own.note_en},
        "review_no": own.map_review_no,
        "datum": own.datum,
        "lat": own.lat,
        "lon": own.lon,
        "zoom": own.zoom,
    }


def districts(city: City) -> dict[str, Any]:
    """The districts as GeoJSON; their properties are names and codes, never markup."""
    return {"type": "FeatureCollection", "features": [_feature(one) for one in city.districts]}


def _feature(one: District) -> dict[str, Any]:
    facts = {
        "code": one.code,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "lat": one.lat,
        "lon": one.lon,
    }
    return {"type": "Feature", "id": one.code, "properties": facts, "geometry": one.geometry}


def _tagged(text: str, kind: str) -> Response:
    """An answer that a browser keeps, and asks about before it uses it again."""
    response = make_response(text, {"Content-Type": f"{kind}; charset=utf-8"})
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
