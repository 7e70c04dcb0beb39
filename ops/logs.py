"""What the processes say of themselves: words for a person, or one JSON object a line.

In the web process the loop writes lines, and so do the threads that ask the store. The lock that
keeps their lines apart is therefore the interpreter's own: gevent's was seen to leave whoever
waited for it across threads asleep for good, among them the one that commits every order.
"""

import _thread
import json
import logging
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from dispatch.trail import request

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
CHATTY = ("alembic", "httpx", "fontTools", "fpdf")
LEVELS = ("debug", "info", "warning", "error")
FORMS = ("text", "json")
WORDS = rf"^({'|'.join(LEVELS + FORMS)})(,({'|'.join(LEVELS + FORMS)}))?$"
"""What YIPING_LOG may say: a level, a form, or both: `json`, `warning,json`."""
TRAIL = "callbacks.trail"
SECRET = re.compile(
    r"(?i)\b(yp_[\w.\-]+_)[0-9a-f]{8,}"
    r"|\b((?:password|passwd|secret|token|authorization|cookie)[\"']?\s*[=:]\s*)(?:bearer\s+)?\S+"
    r"|(\w+://[^\s:/@]*:)[^\s@/]+(?=@)"
)
TELEPHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


def start(said: str, process: str) -> None:
    """Let every part say what matters, on standard error. said: the setting's words."""
    words = said.split(",")
    level = next((word for word in words if word in LEVELS), "info")
    form: logging.Formatter = Json(process) if "json" in words else Text()
    vars(logging)["_lock"] = _thread.RLock()  # that of the loggers' table
    handler = Lines(sys.stderr)
    handler.setFormatter(form)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    quiet = max(logging.WARNING, logging.getLogger().level)
    for name in CHATTY if "json" in words else (*CHATTY, TRAIL):
        logging.getLogger(name).setLevel(quiet)
    for one in logging.getLogger("gunicorn.error").handlers:
        one.setFormatter(form)


def clean(text: str) -> str:
    """The text without secrets, and with telephone numbers masked."""
    shown = SECRET.sub(lambda found: f"{next(filter(None, found.groups()), '')}***", text)
    return TELEPHONE.sub(r"\1****\2", shown)


class Lines(logging.StreamHandler[TextIO]):
    """One line after the other, whichever thread or greenlet writes it."""

    def createLock(self) -> None:
        super().createLock()
        self.lock = _thread.RLock()


class Text(logging.Formatter):
    """Words for a person at the console."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class Json(logging.Formatter):
    """One JSON object a line: time, level, process, event (the words that stay the same), text.

    What a caller gives as extra={"facts": {...}} stands beside them: request, key, seq and so on.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = f"{process}:{os.getpid()}"

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "event": clean(str(record.msg)),
            "text": clean(record.getMessage()),
            **_facts(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            said["error"] = record.exc_info[0].__name__
            said["trace"] = clean("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(said, ensure_ascii=False, default=str)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    given: dict[str, Any] = getattr(record, "facts", {})
    facts = {**({"request": asked} if (asked := request.get()) else {}), **given}
    return {k: clean(v) if isinstance(v, str) else v for k, v in facts.items()}
