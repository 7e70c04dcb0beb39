"""Draws a sheet as PDF, with the letters that it needs embedded: no printer has to know any."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from fpdf import FPDF
from fpdf.enums import TableCellFillMode
from fpdf.fonts import FontFace

from layouts.paper import Part, Sheet, Table, of_json

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60.0
FONTS = "noto-sans-sc"
FACE = re.compile(r"url\(\./(files/[\w\-.]+)\)[^}]*?unicode-range:\s*([^;]+);", re.DOTALL)
REGULAR = {"wght": 400}
SIZE, SMALL, TITLE = 9.0, 7.5, 15.0  # points
MARGIN_MM, LINE_MM = 12, 5.0
SHADE = (228, 232, 235)


def draw(sheet: Sheet, vendor: Path) -> bytes:
    """The sheet as a PDF on A4, across. vendor: the folder with the fonts that set-up installed."""
    with TemporaryDirectory() as folder:
        pages = _Pages(sheet.foot)
        families = []
        for name, file in _fonts("".join(words(sheet)), vendor / FONTS, Path(folder)):
            pages.add_font(name, fname=file)
            families.append(name)
        pages.begin(families)
        _head(pages, sheet)
        for part in sheet.parts:
            _part(pages, part)
        return bytes(pages.output())


def draw_apart(sheet: Sheet, vendor: Path) -> bytes:
    """The same, drawn in a process of its own: cutting letters takes seconds of a core.

    Raises FileNotFoundError where the fonts are not installed.
    """
    if not (vendor / FONTS / "index.css").exists():
        raise FileNotFoundError(vendor / FONTS)
    words = json.dumps(asdict(sheet)).encode()
    command = [sys.executable, "-m", "layouts.pdf", str(vendor)]
    done = subprocess.run(
        command, cwd=ROOT, input=words, stdout=subprocess.PIPE, timeout=PATIENCE_S
    )
    done.check_returncode()
    return done.stdout


class _Pages(FPDF):
    """Pages with their number and where they come from at the foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._foot, self._family = foot, ""
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 4)
        self.set_title(foot)

    def begin(self, families: list[str]) -> None:
        self._family = families[0]
        self.set_font(self._family, size=SIZE)
        self.set_fallback_fonts(families[1:], exact_match=False)
        self.add_page()

    def say(self, text: str, size: float = SIZE) -> None:
        self.set_font(self._family, size=size)
        self.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-MARGIN_MM)
        self.set_font(self._family, size=SMALL)
        self.cell(0, 4, f"{self._foot} · {self.page_no()}/{{nb}}", align="C")
        self.set_font(self._family, size=SIZE)


def _head(pages: _Pages, sheet: Sheet) -> None:
    pages.say(sheet.title, TITLE)
    pages.say(sheet.under)


def _part(pages: _Pages, part: Part) -> None:
    pages.ln(2.5)
    if pages.will_page_break(20):
        pages.add_page()
    pages.say(part.title, 11.5)
    for line in part.lines:
        pages.say(line)
    if part.table is not None:
        pages.ln(1)
        _table(pages, part.table)


def _table(pages: _Pages, table: Table) -> None:
    pages.set_font(pages._family, size=SMALL)
    with pages.table(
        col_widths=table.widths,
        line_height=LINE_MM * 0.85,
        cell_fill_mode=TableCellFillMode.NONE,
        first_row_as_headings=False,
        num_heading_rows=0,
        text_align="LEFT",
        padding=0.6,
    ) as drawn:
        for n, cells in enumerate((table.head, *table.rows)):
            row = drawn.row()
            for cell in cells:
                row.cell(cell, style=_shaded() if n == 0 else None)


def _shaded() -> FontFace:
    return FontFace(fill_color=SHADE)


def words(sheet: Sheet) -> Iterator[str]:
    """Every text of the sheet."""
    yield from (sheet.title, sheet.under, sheet.foot, "0123456789/·?{nb}")
    for part in sheet.parts:
        yield part.title
        yield from part.lines
        if part.table is not None:
            for cells in (part.table.head, *part.table.rows):
                yield from cells


def _fonts(text: str, folder: Path, made: Path) -> Iterator[tuple[str, Path]]:
    """Small fonts that together have the letters of the text; a letter that no font has is left."""
    wanted = {ord(letter) for letter in text if letter.isprintable()}
    for file, ranges in _faces(folder):
        mine = {code for code in wanted if any(code in one for one in ranges)}
        if mine:
            wanted -= mine
            target = made / f"{file.stem}.ttf"
            target.write_bytes(_cut(file, mine))
            yield file.stem, target


def _faces(folder: Path) -> Iterator[tuple[Path, list[range]]]:
    """Each file of the font and the letters in it, as its style sheet lists them."""
    css = (folder / "index.css").read_text(encoding="utf-8")
    faces = [(folder / file, list(_ranges(listed))) for file, listed in FACE.findall(css)]
    yield from sorted(faces, key=lambda face: not any(ord("0") in one for one in face[1]))


def _ranges(listed: str) -> Iterable[range]:
    for part in listed.split(","):
        first, _, last = part.strip().removeprefix("U+").removeprefix("u+").partition("-")
        yield range(int(first, 16), int(last or first, 16) + 1)


def _cut(file: Path, codes: set[int]) -> bytes:
    """These letters of a variable font, at its ordinary weight, as a TrueType font."""
    font = TTFont(file)
    options = Options()
    options.layout_features = []
    cutter = Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    instantiateVariableFont(font, REGULAR, inplace=True)
    font.flavor = None
    stream = BytesIO()
    font.save(stream)
    return stream.getvalue()


if __name__ == "__main__":
    asked = of_json(json.load(sys.stdin))
    sys.stdout.buffer.write(draw(asked, Path(sys.argv[1])))
