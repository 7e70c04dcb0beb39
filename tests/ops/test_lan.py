import ssl
from pathlib import Path

from cryptography import x509

from ops import lan


def _names(file: Path) -> set[str]:
    made = x509.load_pem_x509_certificate(file.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def test_the_certificate_names_the_address_and_serves_tls(tmp_path: Path) -> None:
    lan.certificate(tmp_path, "192.168.1.20")
    assert "192.168.1.20" in _names(tmp_path / "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0


def test_a_good_certificate_is_used_again_and_a_new_address_gets_a_new_one(tmp_path: Path) -> None:
    lan.certificate(tmp_path, "192.168.1.20")
    first = (tmp_path / "cert.pem").read_bytes()
    lan.certificate(tmp_path, "192.168.1.20")
    assert (tmp_path / "cert.pem").read_bytes() == first
    lan.certificate(tmp_path, "192.168.1.21")
    assert "192.168.1.21" in _names(tmp_path / "cert.pem")


def test_what_a_person_set_for_the_network_stays(tmp_path: Path) -> None:
    own = {"YIPING_HOST": "192.168.1.20", "YIPING_PORT": "9443", "YIPING_VAR": str(tmp_path)}
    offered = lan.offer(own)
    assert offered["YIPING_HOST"] == "192.168.1.20"
    assert offered["YIPING_PORT"] == "9443"
    assert offered["YIPING_TLS"] == str(tmp_path / "tls")


def test_the_code_for_phones_is_square() -> None:
    lines = lan.code("https://192.168.1.20:8443/in#token").splitlines()
    assert len({len(line) for line in lines}) == 1
    assert abs(len(lines) * 2 - len(lines[0])) <= 1
