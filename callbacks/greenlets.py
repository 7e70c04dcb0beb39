"""gevent's part in the web process."""

import gc
import ssl
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gevent import get_hub

SWITCH_S = 0.001  # as long may a thread of the store keep the loop waiting, and the loop it


def ready() -> Callable[[Callable[[], Any]], Any]:
    """Give the means by which blocking calls run in gevent's thread pool.

    A browser that hangs up in the handshake, as it does when it does not trust our certificate
    yet, is no error of ours and leaves no trace in the log.
    """
    hub = get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, ssl.SSLError)
    return lambda call: get_hub().threadpool.apply(call)


def settled(server: Flask) -> Flask:
    """The server, ready to serve for years: what was made at start is never looked through again.

    A full collection over modules, tables and schemas stood still for a tenth of a second, which
    is seen as an alert that comes late.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    return server
