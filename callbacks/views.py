"""What a role may look at: the pictures of its screens, and of subjects only its own."""

from collections.abc import Iterable
from functools import cache

from callbacks.who import Who
from dispatch.access import RIGHTS
from dispatch.errors import Forbidden
from dispatch.vocabulary import Role
from layouts.panel import Panel
from layouts.screens import SCREENS, panels_of
from layouts.texts import LANGUAGES
from streams.view import View

SUBJECT = r"^[^|\s<>\"'&\x00-\x1f]{0,64}$"
UNIT = "unit"


def view(who: Who, panel: Panel | None, lang: str, subject: str) -> View:
    """The view of a person; a responder's unit is his own. Raises Forbidden."""
    actor = who.actor
    if actor.role is None:
        raise Forbidden("no_right", detail="a picture is for people")
    if actor.role is Role.RESPONDER and panel is not None and panel.subject == UNIT:
        subject = own_unit(who, subject)
    return View(actor.role, actor.scope, lang if lang in LANGUAGES else LANGUAGES[0], subject)


def own_unit(who: Who, asked: str) -> str:
    """A responder's own unit; asking for another's is refused."""
    own = who.actor.unit or ""
    if asked not in ("", own):
        raise Forbidden("not_your_unit", "subject", "another unit's phone")
    return own


def may_see(role: Role, picture: str) -> bool:
    """Whether one of the role's screens shows this picture."""
    return picture in _pictures(role)


@cache
def _pictures(role: Role) -> frozenset[str]:
    mine: Iterable[str] = (one for one in SCREENS if role in RIGHTS[f"screen.{one}"])
    return frozenset(name for one in mine for panel in panels_of(one) for name in panel.pictures)
