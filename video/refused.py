"""Why the media process does not do what was asked, in terms of HTTP."""


class MediaRefused(Exception):
    """status: of HTTP; code: a stable word; detail: what helps to put it right."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code
        self.detail = detail or code
