"""What `make run-lan` needs: this machine's address, a certificate for it, a code for phones."""

import datetime
import ipaddress
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ops import keep
from ops.trouble import Trouble

PORT = "8443"
VALID = datetime.timedelta(days=365)
RENEW = datetime.timedelta(days=14)


def offer(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with what the local network needs, where it says nothing itself.

    Raises Trouble.
    """
    host = environment.get("YIPING_HOST") or address()
    if host is None:
        raise Trouble("this machine has no address on a local network; set YIPING_HOST to one")
    one_address(host)
    given = {"YIPING_PORT": PORT, **environment, "YIPING_HOST": host}
    if not given.get("YIPING_TLS"):
        var = Path(given.get("YIPING_VAR") or "var")
        keep.folder(var)
        folder = var / "tls"
        certificate(folder, host)
        given["YIPING_TLS"] = str(folder.resolve())
    return given


def one_address(host: str) -> None:
    """Raise Trouble for the word that means every address: no phone can open a link to it."""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_unspecified:
            own = address()
            such = f", such as {own}," if own else ""
            raise Trouble(
                f"YIPING_HOST: {host} stands for every address and leads to none:"
                f" give one of this machine's{such} or leave it out"
            )


def address() -> str | None:
    """The address that other machines of the local network reach this one by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))  # asks the routing table; sends nothing
        except OSError:
            return None
        found: str = probe.getsockname()[0]
    return None if found.startswith("127.") or found == "0.0.0.0" else found


def certificate(folder: Path, host: str) -> None:
    """Keep cert.pem and key.pem for `host` in `folder`; a good one is used again."""
    if _serves(folder / "cert.pem", host) and (folder / "key.pem").exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes(secret)
    made = _signed(key, host).public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(made)


def code(link: str) -> str:
    """A QR code of the link, for a terminal."""
    lines: list[str] = []
    rows = [list(row) for row in segno.make(link, error="l").matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        lines.append("".join(_CELLS[bool(a), bool(b)] for a, b in zip(upper, lower, strict=True)))
    return "\n".join(lines)


_CELLS = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Two rows of the code a line; light cells are drawn, for the dark background of a terminal."""


def _signed(key: ec.EllipticCurvePrivateKey, host: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Yiping on the local network")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _names(host: str) -> list[x509.GeneralName]:
    machine = socket.gethostname().split(".")[0]
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName(machine)]
    for text in (host, "127.0.0.1"):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            names.append(x509.DNSName(text))
    return names


def _serves(file: Path, host: str) -> bool:
    """Whether the certificate names the host and is good for a while yet."""
    if not file.exists():
        return False
    known = x509.load_pem_x509_certificate(file.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    held = {str(name.value) for name in names}
    return host in held and known.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + RENEW
