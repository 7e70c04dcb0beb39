"""A real MQTT broker for the tests: Debian's mosquitto, on a port and in a folder of its own."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from ops import lan
from tests.stack import free_port

NAME, PASSWORD = "sender", "only-in-tests"
PATIENCE_S = 15.0


class Broker:
    """A broker that keeps sessions on disk and lets in who has the password.

    secure: it speaks TLS alone, by a certificate that was made here (`certificate`).
    """

    def __init__(self, secure: bool = False) -> None:
        self.secure = secure
        self.folder = Path(tempfile.mkdtemp(prefix="yiping-mqtt-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        users = self.folder / "users"
        users.write_text(f"{NAME}:{PASSWORD}\n")
        users.chmod(0o600)
        program = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
        subprocess.run([program, "-U", str(users)], check=True)
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {users}",
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_interval 1",
            "user root",
        ]
        if secure:
            lan.certificate(self.folder / "tls", "127.0.0.1")
            key = self.certificate.with_name("key.pem")
            lines[1:1] = [f"certfile {self.certificate}", f"keyfile {key}"]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    def address(self, topic: str) -> str:
        return f"mqtt{'s' * self.secure}://127.0.0.1:{self.port}/{topic}"

    @property
    def certificate(self) -> Path:
        return self.folder / "tls" / "cert.pem"

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        command = [program, "-c", str(self.folder / "mosquitto.conf")]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < end, "the broker does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """End it; it writes down the sessions and what they have not yet had."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE_S)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with self.client("probe"):
                return True
        except OSError:
            return False

    @contextmanager
    def client(self, id: str, clean: bool = True) -> Iterator[paho.Client]:
        made = paho.Client(CallbackAPIVersion.VERSION2, id, clean_session=clean, manual_ack=True)
        made.username_pw_set(NAME, PASSWORD)
        if self.secure:
            made.tls_set(str(self.certificate))
        made.connect("127.0.0.1", self.port)
        made.loop_start()
        try:
            yield made
        finally:
            made.disconnect()
            made.loop_stop()

    def publish(self, topic: str, *payloads: bytes | str, quality: int = 1) -> None:
        """Send messages; back when the broker has them."""
        with self.client("sender") as client:
            sent = [client.publish(topic, one, quality) for one in payloads]
            for one in sent:
                one.wait_for_publish(PATIENCE_S)
                assert one.is_published()
