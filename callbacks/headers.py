"""What every answer says about itself: content policy, caching, size."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Sequence

from flask import Flask, Response, request

POLICY = {
    "default-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self' blob:",
    "media-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR_S = 31_536_000
PACKABLE = ("text/", "application/json", "application/javascript", "application/geo+json")
WORTH_PACKING = 4_096  # bytes; below this a packet or two is saved at most
KEPT = 200  # packed files remembered: all scripts and styles of the three screens

Hashes = Callable[[], Sequence[str]]


def install(server: Flask, script_hashes: Hashes, secure: bool) -> None:
    """Give every answer its headers.

    script_hashes: asked at the first answer, when all callbacks are registered.
    """
    policy = _Policy(script_hashes)
    packer = _Packer()

    @server.after_request
    def _finish(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = policy.text(secure)
        if secure:
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"
        _cache(response)
        return packer.pack(response)


class _Policy:
    """The content policy; only its socket address depends on the request."""

    def __init__(self, script_hashes: Hashes) -> None:
        self._script_hashes = script_hashes
        self._fixed = ""

    def text(self, secure: bool) -> str:
        if not self._fixed:
            scripts = " ".join(["'self'", *self._script_hashes()])
            rest = "; ".join(f"{name} {value}" for name, value in POLICY.items())
            self._fixed = f"{rest}; script-src {scripts}"
        scheme = "wss" if secure else "ws"
        return f"{self._fixed}; connect-src 'self' {scheme}://{request.host}"


def _cache(response: Response) -> None:
    """Files whose address changes with them stay; everything else is asked for again."""
    if request.endpoint and response.status_code == 200 and _fingerprinted():
        response.headers["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"


def _fingerprinted() -> bool:
    dash_file = "/_dash-component-suites/" in request.path and ".v" in request.path
    return dash_file or ("/assets/" in request.path and "m" in request.args)


class _Packer:
    """Packs large answers; files that never change are packed once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def pack(self, response: Response) -> Response:
        if not _may_be_packed(response):
            return response
        response.direct_passthrough = False
        plain = response.get_data()
        if len(plain) < WORTH_PACKING:
            return response
        response.set_data(self._packed(plain))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
        return response

    def _packed(self, plain: bytes) -> bytes:
        if not _fingerprinted():
            return gzip.compress(plain, compresslevel=1)
        key = request.full_path
        if key not in self._kept:
            self._kept[key] = gzip.compress(plain, compresslevel=6)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]


def _may_be_packed(response: Response) -> bool:
    return (
        response.status_code == 200
        and "gzip" in request.headers.get("Accept-Encoding", "")
        and "Content-Encoding" not in response.headers
        and (response.mimetype or "").startswith(PACKABLE)
        and request.method == "GET"
    )
