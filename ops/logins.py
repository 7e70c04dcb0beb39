"""Names and passwords for brokers, in a netrc file that only its owner can read."""

import netrc
from pathlib import Path

from ops.trouble import Trouble

OTHERS = 0o077


def read(path: Path | None) -> dict[str, tuple[str, str]]:
    """(name, password) by host; nothing without a file. Raises Trouble."""
    if path is None:
        return {}
    if path.stat().st_mode & OTHERS:
        raise Trouble(f"YIPING_LOGINS: others can read {path}; run `chmod 600 {path}`")
    try:
        known = netrc.netrc(str(path)).hosts
    except (netrc.NetrcParseError, UnicodeDecodeError) as error:
        raise Trouble(f"YIPING_LOGINS: {path} is no netrc file: {error}") from None
    return {host: (name, password) for host, (name, _, password) in known.items()}
