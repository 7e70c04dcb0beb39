"""Alerts by MQTT: at quality 1, in a session that the broker keeps while we are away.

A message is acknowledged when it is on disk, so the broker sends it again after any break between
the two; the same message again changes nothing. One worker at a time holds the session.
"""

import hashlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode
from sqlalchemy.exc import DBAPIError

from dispatch.city_records import Source
from dispatch.database import Database
from dispatch.errors import Busy
from streams.letters import Letter

log = logging.getLogger(__name__)

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE_S = 15
CONNECT_S = 4.0
LOOK_S = 0.2  # how long one look for messages lasts; so soon a stop is noticed
PAUSE_S = 0.5
MOST = 200  # messages that are taken together: one commit
QUALITY = 1
REFUSED = 0x80  # a subscription that the broker does not grant
Login = tuple[str, str]
"""A user's name and password."""


@dataclass(frozen=True)
class Broker:
    """Where messages come from, and which source speaks on which topics."""

    host: str
    port: int
    secure: bool
    topics: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    def source_of(self, topic: str) -> str | None:
        """Who speaks on a topic: the first whose filter fits."""
        fits = (who for wanted, who in self.topics if paho.topic_matches_sub(wanted, topic))
        return next(fits, None)


def brokers(sources: Iterable[Source]) -> list[Broker]:
    """The brokers of a city, each with its sources' topics; the city checked their addresses."""

    def place(source: Source) -> tuple[str, int, bool]:
        parts = urlsplit(source.address.partition("#")[0])
        port = parts.port or PORTS[parts.scheme]
        return parts.hostname or "", port, parts.scheme == "mqtts"

    mine = sorted((one for one in sources if one.kind == "mqtt"), key=lambda s: (place(s), s.id))
    return [
        Broker(*where, tuple((_topic(one.address), one.id) for one in some))
        for where, some in groupby(mine, key=place)
    ]


def client_id(database: Database, broker: Broker) -> str:
    """The session's name at the broker: of this installation, whichever of its workers holds it."""
    url = database.engine.url.render_as_string(hide_password=True)
    where = socket.gethostname() if database.is_sqlite else ""
    return "yiping-" + hashlib.sha256(f"{where} {url} {broker.name}".encode()).hexdigest()[:12]


class Subscriber:
    """The session at one broker.

    leads: whether it is ours to hold; take: all are on disk when it is back, or it raises Busy.
    """

    def __init__(
        self,
        broker: Broker,
        id: str,
        login: Login | None,
        leads: Callable[[], bool],
        take: Callable[[Sequence[Letter]], None],
    ) -> None:
        self._broker, self._id, self._login = broker, id, login
        self._leads, self._take = leads, take
        self._held: list[paho.MQTTMessage] = []
        self.hearing = self._doubted = False

    def listen(self, stop: threading.Event) -> None:
        """Hold the session until `stop`, whenever it is ours."""
        while not stop.is_set():
            try:
                if self._leads():
                    self._attend(stop)
            except Exception as error:  # a broker or a store that is gone: said once
                self._say_lost(error)
            self.hearing = False
            stop.wait(PAUSE_S)

    def _attend(self, stop: threading.Event) -> None:
        self._held.clear()  # of a session before: the broker sends them again
        client = self._client()
        client.connect(self._broker.host, self._broker.port, KEEPALIVE_S)
        try:
            while not stop.is_set() and self._leads():
                self._look(client)
                self._deliver(client)
        finally:
            client.disconnect()

    def _client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, self._id, clean_session=False, manual_ack=True
        )
        client.connect_timeout = CONNECT_S
        if self._login:
            client.username_pw_set(*self._login)
        if self._broker.secure:
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = lambda _client, _data, message: self._held.append(message)
        return client

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure:
            raise ConnectionError(f"the broker says {reason}")
        client.subscribe([(topic, QUALITY) for topic, _ in self._broker.topics])

    def _on_subscribe(
        self, _client: object, _data: object, _mid: int, granted: list[ReasonCode], _more: object
    ) -> None:
        for (topic, _), reason in zip(self._broker.topics, granted, strict=False):
            if reason.value >= REFUSED:
                log.error("broker %s refuses topic %s: %s", self._broker.name, topic, reason)
        self.hearing = True
        log.info("hearing broker %s", self._broker.name)

    def _look(self, client: paho.Client) -> None:
        """Let come what waits on the line; a little patience, but not with work at hand."""
        patience = LOOK_S if not self._held else 0.0
        for _ in range(MOST):
            before = len(self._held)
            code = client.loop(patience)
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise ConnectionError(paho.error_string(code))
            if len(self._held) == before or len(self._held) >= MOST:
                return
            patience = 0.0

    def _deliver(self, client: paho.Client) -> None:
        """Into the log first; then the broker need not keep them."""
        while some := self._held[:MOST]:
            try:
                self._take([letter for one in some if (letter := self._letter(one))])
            except Busy as reason:
                log.warning("the store takes no letters, they stay at the broker: %s", reason)
                return
            for one in some:
                client.ack(one.mid, one.qos)
            del self._held[: len(some)]

    def _letter(self, message: paho.MQTTMessage) -> Letter | None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "?"
        source = self._broker.source_of(topic)
        if source is None:
            log.warning("a message on a topic that was not asked for: %s", topic[:80])
            return None
        return Letter("mqtt", topic, source, bytes(message.payload))

    def _say_lost(self, error: Exception) -> None:
        if self.hearing:
            known = isinstance(error, OSError | DBAPIError)
            log.warning(
                "broker %s is no longer heard: %s", self._broker.name, error, exc_info=not known
            )
        elif isinstance(error, ssl.SSLError) and not self._doubted:
            self._doubted = True  # said once: nobody is heard until somebody does something
            log.error("broker %s shows no certificate that we trust: %s", self._broker.name, error)
        else:
            log.debug("broker %s is out of reach: %s", self._broker.name, error)


def _topic(address: str) -> str:
    """What stands after the broker: a topic, or a filter with + and #."""
    return address.partition("://")[2].partition("/")[2]
