"""The order sheet: from the store alone, readable, and only with numbers that may stand on it."""

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from layouts import order_sheet, paper, pdf
from layouts.texts import Texts
from ops.keeping import VENDOR, Keeping
from streams.look import Board
from tests.dispatch.centre import Centre, crew
from tests.streams.conftest import board, centre, city, picture

__all__ = ["board", "centre", "city", "picture"]
CALLER = "13900002222"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    return sqlite_url


def words(pdf: bytes) -> str:
    """The text of all pages, without the breaks of its lines."""
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def embedded(drawn: bytes) -> set[bool]:
    """Of each font of the file: whether its letters are in it."""
    fonts = set()
    for page in PdfReader(BytesIO(drawn)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index, union-attr]
            below = font.get_object()["/DescendantFonts"][0].get_object()
            fonts.add("/FontFile2" in below["/FontDescriptor"].get_object())
    return fonts


def sheet(centre: Centre, board: Board, *scope: str, lang: str = "zh") -> str:
    """What the sheet says, before it is drawn."""
    asked = scope or ("city",)
    found = centre.database.read(lambda c: order_sheet.read(c, board, centre.now, asked))
    return "\n".join(pdf.words(paper.sheet(*found, Texts(lang))))


def printed(centre: Centre, board: Board, *scope: str, lang: str = "zh") -> bytes:
    asked = scope or ("city",)
    found = centre.database.read(lambda c: order_sheet.read(c, board, centre.now, asked))
    return order_sheet.make(*found, lang, VENDOR)


def test_it_holds_the_open_incidents_with_their_orders(centre: Centre, board: Board) -> None:
    order = centre.order(text="立即关闭阀门，疏散下风向居民")
    centre.does(crew("FIR-E-01"), "order.acknowledge", order=order)
    waiting = centre.hears(title="燃气泄漏报警")["alert"]
    drawn = printed(centre, board)
    text = words(drawn)
    assert embedded(drawn) == {True}
    unit = board.units["FIR-E-01"]
    for said in (order, "立即关闭阀门，疏散下风向居民", unit.name_zh, "已签收", waiting):
        assert said.replace(" ", "") in text, said
    assert "燃气泄漏报警" in text
    head = centre.events()[-1].seq
    assert f"日志{head}号" in text


def test_duty_posts_are_on_it_by_telephone_and_callers_are_not(
    centre: Centre, board: Board
) -> None:
    said = {"what": "漏气", "category": "accident", "severity": 3, "minutes_ago": 0}
    caller = {"place": "东门", "lat": 37.05, "lon": 118.05, "caller_phone": CALLER}
    centre.does("officer", "alert.report", **said, **caller, caller_name="钱七")
    text = sheet(centre, board)
    assert CALLER not in text
    assert "钱七" not in text
    posts = [one for one in board.city.people if one.role in order_sheet.POSTS and one.phone]
    for one in posts:
        assert one.phone in text


def test_a_district_prints_its_own(centre: Centre, board: Board) -> None:
    order = centre.order()
    assert order in sheet(centre, board, "e")
    assert order not in sheet(centre, board, "w")


def test_it_prints_in_english(centre: Centre, board: Board) -> None:
    order = centre.order(text="Close the valve")
    text = sheet(centre, board, lang="en")
    assert "Close the valve" in text
    assert order in text


def test_a_door_has_it_drawn_in_a_process_of_its_own(centre: Centre, board: Board) -> None:
    order = centre.order()
    found = centre.database.read(lambda c: order_sheet.read(c, board, centre.now))
    made = paper.sheet(*found, Texts("zh"))
    assert paper.of_json(json.loads(json.dumps(asdict(made)))) == made
    assert order in words(pdf.draw_apart(made, VENDOR))


def test_an_empty_centre_has_a_sheet_too(centre: Centre, board: Board) -> None:
    assert "无处置中的事件" in sheet(centre, board)


def test_the_console_prints_with_the_store_alone(
    centre: Centre, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = centre.order()
    file = tmp_path / "orders.pdf"
    assert Keeping(centre.database, lambda: centre.city, tmp_path).run("print", str(file), "") == 0
    assert order in words(file.read_bytes())
