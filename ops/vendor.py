"""The browser's third-party files: installed at set-up from npm, never committed."""

import re
from pathlib import Path

FOLDER = Path("assets/vendor")
FILES = {
    "socket.io.min.js": "socket.io-client/dist/socket.io.min.js",
    "protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
    "inter/index.css": "@fontsource-variable/inter/index.css",
    "noto-sans-sc/index.css": "@fontsource-variable/noto-sans-sc/index.css",
}
"""File under assets/vendor -> the file of an npm package that it is copied from."""

LINKED = re.compile(r"url\(\./([^)]+)\)")


def wanted(source: Path) -> dict[Path, Path]:
    """Every file to copy, target -> source, fonts that a style sheet names included.

    source: a node_modules folder.
    """
    pairs: dict[Path, Path] = {}
    for name, origin in FILES.items():
        pairs[Path(name)] = source / origin
        for linked in _linked(source / origin):
            pairs[Path(name).parent / linked] = (source / origin).parent / linked
    return pairs


def missing(root: Path) -> list[str]:
    """What set-up should have installed under `root` and is not there."""
    folder = root / FOLDER
    absent: list[str] = []
    for name in FILES:
        sheet = folder / name
        files = [sheet, *(sheet.parent / linked for linked in _linked(sheet))]
        absent += [str(file.relative_to(root)) for file in files if not file.is_file()]
    return absent


def _linked(sheet: Path) -> list[str]:
    if sheet.suffix != ".css" or not sheet.is_file():
        return []
    return sorted(set(LINKED.findall(sheet.read_text(encoding="utf-8"))))
