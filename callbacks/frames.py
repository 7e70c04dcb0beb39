"""Frames of a screen's socket that are no messages: said in one line, and the line is closed."""

import logging
from typing import Any

from flask_socketio import SocketIO

log = logging.getLogger(__name__)


def install(socketio: SocketIO) -> None:
    """Hear every frame before the library does, whose complaint would be a page of the log.

    A screen that speaks garbage is cut: it comes back with a clean line, others never notice.
    """
    library = socketio.server
    understand = library._handle_eio_message

    def hear(sid: str, data: Any) -> None:
        try:
            understand(sid, data)
        except Exception as error:  # what a screen does is refused before it comes here
            log.warning("a screen's frame is no message: %s", type(error).__name__)
            library.eio.disconnect(sid)

    library.eio.on("message", hear)
