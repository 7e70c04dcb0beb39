"""Pictures over REST: what a screen shows, now or as it was at an earlier number of the log."""

import hashlib
from typing import Annotated, Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, func, select

from callbacks import codec
from callbacks.rest.registry import Api, answer, query
from callbacks.services import Services
from callbacks.views import SUBJECT, may_see, own_unit, view
from callbacks.who import Who, current
from dispatch import log
from dispatch.errors import Forbidden, Invalid, NotFound
from dispatch.models import event
from dispatch.vocabulary import Role
from layouts.texts import LANGUAGES
from streams.pictures import PICTURES, take
from streams.view import Moment, View

ANSWERS = {200: "the picture", 304: "as it was, by its ETag", 404: "there is no such picture"}
Seq = Annotated[int, Field(ge=0, le=2**53)]


class Asked(BaseModel):
    """subject: the incident, alert or unit that is open; seq: a number of the log; t: ms UTC."""

    model_config = ConfigDict(extra="forbid")
    subject: Annotated[str, Field(pattern=SUBJECT)] = ""
    lang: Annotated[str, Field(pattern="^(zh|en)$")] = LANGUAGES[0]
    seq: Seq | None = None
    t: Seq | None = None


class Shown(BaseModel):
    """A picture, the number of the log that it shows, and the time (ms, UTC) it is taken for."""

    name: str
    seq: int
    at: int
    subject: str
    picture: dict[str, object]


def mount(api: Api, services: Services) -> None:
    @api.get(
        "/api/v1/pictures/<name>",
        rights=("picture.read",),
        query=Asked,
        answer=Shown,
        answers=ANSWERS,
    )
    def picture(name: str) -> Response:
        """One picture as the asker may see it, at `seq` or `t` if given.

        With If-None-Match the answer is 304 while nothing has changed.
        """
        asked, who = query(Asked), current()
        seen = _view(who, name, asked)

        def read(connection: Connection) -> tuple[Moment, dict[str, Any]]:
            moment = _moment(connection, services, asked)
            return moment, take(services.board.look(connection, moment), name, seen)

        moment, shown = services.database.read(read)
        told = {"name": name, "seq": moment.seq, "at": moment.now, "subject": seen.subject}
        made = answer({**told, "picture": shown})
        made.set_etag(_tag(moment.seq, name, seen.subject, shown))
        made.headers["Cache-Control"] = "private, no-cache"
        made.make_conditional(request)
        return made


def _tag(seq: int, *shown: Any) -> str:
    """What the picture shows, and at which number of the log: the same is not sent again."""
    return f"{seq}-{hashlib.sha256(codec.write(shown).encode()).hexdigest()[:24]}"


def _view(who: Who, name: str, asked: Asked) -> View:
    role = who.actor.role
    if name not in PICTURES:
        raise NotFound("not_found", "name", "there is no such picture")
    if role is None or not may_see(role, name):
        raise Forbidden("no_right", "name", f"no screen of {role} shows it")
    own = role is Role.RESPONDER and PICTURES[name].by_subject
    subject = own_unit(who, asked.subject) if own else asked.subject
    return view(who, None, asked.lang, subject)


def _moment(connection: Connection, services: Services, asked: Asked) -> Moment:
    """The moment asked for; of a bare number, the time at which it happened."""
    head = log.head(connection)
    if asked.seq is not None and asked.seq > head:
        raise Invalid("beyond_head", "seq", f"the log ends at {head}")
    if asked.seq is None and asked.t is None:
        return Moment(head, services.now(), services.realm)
    seq = asked.seq if asked.seq is not None else _last_before(connection, asked.t or 0)
    at = asked.t if asked.t is not None else _time_of(connection, seq, services.now())
    return Moment(seq, at, services.realm)


def _last_before(connection: Connection, at: int) -> int:
    query_ = select(func.max(event.c.seq)).where(event.c.at <= at)
    return int(connection.execute(query_).scalar() or 0)


def _time_of(connection: Connection, seq: int, otherwise: int) -> int:
    at = connection.execute(select(event.c.at).where(event.c.seq == seq)).scalar()
    return int(at) if at is not None else otherwise
