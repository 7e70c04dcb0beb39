"""The certificate that people bring themselves: a folder with cert.pem and key.pem."""

import ssl
from pathlib import Path

NAMES = ("cert.pem", "key.pem")


def pair(folder: Path) -> Path:
    """The same folder, if a server can use what is in it. Raises ValueError."""
    for name in NAMES:
        if not (folder / name).is_file():
            raise ValueError(f"there is no {name} in it")
    certificate, key = (folder / name for name in NAMES)
    try:
        # an empty password: nobody stands at a console to be asked for one
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except OSError as error:  # SSLError is one
        reason = getattr(error, "reason", None) or error.strerror or "unknown"
        words = reason.replace("_", " ").lower()
        raise ValueError(f"its cert.pem and key.pem are no pair to be used: {words}") from None
    return folder
