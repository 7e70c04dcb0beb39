"""Whether a request was made by a page of ours: the guard against forged requests."""

from flask import Request

SAFE = ("GET", "HEAD", "OPTIONS")
OURS = ("same-origin", "none")


def is_ours(request: Request) -> bool:
    """Whether an unsafe request comes from one of our pages.

    Browsers say it in Sec-Fetch-Site; older ones only in Origin. A request that says neither
    is not taken for ours. Callers with an API key in a header need not ask: no page of another
    site can send that header.
    """
    if request.method in SAFE:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OURS
    return request.headers.get("Origin") == own(request)


def own(request: Request) -> str:
    """Our own origin as the browser wrote it: scheme, host and port."""
    return f"{request.scheme}://{request.host}"
