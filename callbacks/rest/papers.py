"""What a desk prints: the order sheet, for the hour in which the screens are gone."""

from pathlib import Path
from typing import Annotated

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from callbacks.rest.registry import Api, query
from callbacks.services import Services
from callbacks.who import current
from dispatch.errors import NotFound
from layouts import order_sheet, paper, pdf
from layouts.texts import LANGUAGES, Texts

PDF = "application/pdf"
ANSWERS = {404: "the letters that a sheet is drawn with are not installed"}


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lang: Annotated[str, Field(pattern="^(zh|en)$")] = LANGUAGES[0]


def mount(api: Api, services: Services) -> None:
    @api.get("/api/v1/papers/orders", rights=("screen.desk",), query=Asked, answers=ANSWERS)
    def order_sheet_pdf() -> Response:
        """The open incidents of the jurisdiction with their orders, as a PDF to print."""
        asked, scope = query(Asked), current().actor.scope
        database, vendor = services.database, services.settings.assets / "vendor"
        found = database.read(lambda c: order_sheet.read(c, services.board, services.now(), scope))
        made = _drawn(paper.sheet(*found, Texts(asked.lang)), vendor)
        response = Response(made, mimetype=PDF)
        response.headers["Content-Disposition"] = 'inline; filename="orders.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response


def _drawn(sheet: paper.Sheet, vendor: Path) -> bytes:
    """The paper. Raises NotFound where set-up has not installed the letters."""
    try:
        return pdf.draw_apart(sheet, vendor)
    except FileNotFoundError as error:
        raise NotFound("no_fonts", detail="the browser's fonts are not installed") from error
