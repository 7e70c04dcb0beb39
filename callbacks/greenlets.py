"""gevent's part in the web process."""

import ssl
from collections.abc import Callable
from typing import Any

from gevent import get_hub


def ready() -> Callable[[Callable[[], Any]], Any]:
    """Give the means by which blocking calls run in gevent's thread pool.

    A browser that hangs up in the handshake, as it does when it does not trust our certificate
    yet, is no error of ours and leaves no trace in the log.
    """
    hub = get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, ssl.SSLError)
    return lambda call: get_hub().threadpool.apply(call)
