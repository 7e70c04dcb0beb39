"""Why a command was refused, in terms that every door can pass on."""


class Refused(Exception):
    """A command that the rules do not allow; nothing was written.

    status: the HTTP status that says it best; code: a stable word for programs and texts;
    field: the input that is at fault, or ""; about: ids that help to act on it.
    """

    status = 422

    def __init__(
        self, code: str, field: str = "", detail: str = "", about: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail or code)
        self.code = code
        self.field = field
        self.detail = detail or code
        self.about = about or {}


class Invalid(Refused):
    """An input is wrong."""


class NotFound(Refused):
    status = 404


class Conflict(Refused):
    """The thing has moved on, or another holds it."""

    status = 409


class Forbidden(Refused):
    status = 403


class TooMany(Refused):
    """Too many attempts: come back after `wait_s` seconds."""

    status = 429

    def __init__(self, code: str, wait_s: float) -> None:
        super().__init__(code, detail=f"try again in {wait_s:.0f} s")
        self.wait_s = wait_s


class Busy(Refused):
    """The store cannot take it now: try again, with the same key."""

    status = 503
