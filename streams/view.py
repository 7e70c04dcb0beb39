"""Who looks at what: the view that a room of screens shares, and the moment it shows."""

from dataclasses import dataclass

from dispatch.vocabulary import REAL, Role


@dataclass(frozen=True)
class View:
    """role, jurisdiction, language, and the thing opened ("" for none)."""

    role: Role
    scope: tuple[str, ...]
    lang: str = "zh"
    subject: str = ""


@dataclass(frozen=True)
class Moment:
    """A point of the log: the last number that counts, and the time (ms, UTC)."""

    seq: int
    now: int
    realm: str = REAL
