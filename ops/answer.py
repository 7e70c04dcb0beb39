"""Whether the web process answers yet."""

import http.client
import ssl

PATIENCE_S = 2.0


def answers(host: str, port: int, secure: bool) -> bool:
    """Whether a request is answered now, and not by an error of the server's."""
    connection = _connection(host, port, secure)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(host: str, port: int, secure: bool) -> http.client.HTTPConnection:
    if not secure:
        return http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    trust = ssl.create_default_context()
    trust.check_hostname = False  # our own process, by its own certificate
    trust.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=trust)
