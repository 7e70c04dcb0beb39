"""Letters: messages of doors at which nobody waits for an answer, such as Redis and MQTT.

What is understood goes into the log; what is not is put aside for the desk, with the reason. Only
then may a door tell the sender's side that it has the message.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch import arrivals, canonical, quarantine
from dispatch.access import Actor
from dispatch.arrivals import Arrival
from dispatch.city import City
from dispatch.errors import Busy, Conflict, Invalid, Refused
from dispatch.log import Answer
from dispatch.turns import Outcome
from dispatch.vocabulary import REAL
from dispatch.writer import Writer
from streams.sources import cap, json_alert
from streams.tally import Tally

log = logging.getLogger(__name__)

PAYLOAD_SHOWN = 2_048  # characters of a refused message that the desk may see
PAYLOAD_MAX = 65_536  # bytes
MADE = "fault"


@dataclass(frozen=True)
class Letter:
    """A message as it came. door: redis, stream or mqtt; channel: where, as the desk is told."""

    door: str
    channel: str
    source: str
    payload: bytes


class Letters:
    """Takes letters into the log of one realm."""

    def __init__(
        self, writer: Writer, city: City, tally: Tally, now: Callable[[], int], realm: str = REAL
    ) -> None:
        self._writer, self._city, self._tally = writer, city, tally
        self._now, self._realm = now, realm
        self._known = {one.id for one in city.sources}

    def take(self, letters: Sequence[Letter]) -> None:
        """All of them are in the log, or aside, when this is back; the same again is no harm.

        Raises Busy: it is not known of which; come again with all.
        """
        now = self._now()
        read = [(letter, *self._read(letter, now)) for letter in letters]
        good = [one for _, one, _ in read if isinstance(one, Arrival)]
        taken = iter(arrivals.take_all(self._writer, good) if good else ())
        for letter, one, number in read:
            outcome = next(taken) if isinstance(one, Arrival) else one
            if isinstance(outcome, Busy):
                raise outcome
            self._settle(letter, outcome, number, now)

    def _read(self, letter: Letter, now: int) -> tuple[Arrival | Refused, object]:
        """What the letter says, or why nobody understands it; and the sender's own number."""
        number: object = None
        try:
            if len(letter.payload) > PAYLOAD_MAX:
                raise Invalid("too_long", "", f"more than {PAYLOAD_MAX} bytes")
            actor = Actor(
                f"key:{letter.source}"[:64], None, source=letter.source, rights=("alerts:write",)
            )
            if letter.payload.lstrip()[:1] == b"<":
                source = json_alert.source_of(self._city, letter.source)
                parsed = cap.read(letter.payload, source, self._city, now)
            else:
                content = self._content(letter)
                number = content.get("seq")
                parsed = json_alert.read(content, self._city)
            return arrivals.arrival(self._city, actor, parsed, now, self._realm), number
        except Refused as reason:
            return reason, number

    def _content(self, letter: Letter) -> dict[str, Any]:
        """The JSON; whose it is says the channel."""
        try:
            content = json_alert.object_of(canonical.loads(letter.payload))
        except canonical.JsonError as error:
            raise Invalid("not_json", "", str(error)) from error
        said = content.get("source", letter.source)
        if said != letter.source:
            raise Invalid(
                "not_your_source", "source", f"{letter.channel} is not the channel of {said}"[:200]
            )
        return {**content, "source": said}

    def _settle(self, letter: Letter, outcome: Outcome, number: object, now: int) -> None:
        """Count the letter for or against its source; what was refused is put aside first."""
        known = letter.source in self._known
        if isinstance(outcome, Answer):
            self._tally.heard(letter.source, now, accepted=int(outcome.fresh))
        else:
            fresh = self._put_aside(letter, outcome)
            if known:
                self._tally.heard(letter.source, now, refused=int(fresh))
        if known:
            self._tally.numbered(letter.source, number, now)

    def _put_aside(self, letter: Letter, reason: Exception) -> bool:
        """Keep it for the desk; whether it was not aside already. Raises Busy."""
        if not isinstance(reason, Refused):
            reason = Invalid(MADE, "", "the product made a mistake with it; it has been logged")
        log.warning(
            "refused a message on %s: %s %s", letter.channel[:80], reason.code, reason.field
        )
        shown = letter.payload[: PAYLOAD_SHOWN * 4].decode("utf-8", "replace")[:PAYLOAD_SHOWN]
        said = f"{letter.door}\0{letter.channel}\0".encode("utf-8", "replace") + letter.payload
        key = hashlib.sha256(said).hexdigest()
        try:
            answer = quarantine.keep(
                *(self._writer, letter.door, letter.channel, shown, reason, key),
                self._now(),
                self._realm,
                quarantine.scope_of(self._city, letter.source),
            )
        except Conflict:  # the same text was refused before, for another reason
            return False
        return answer.fresh
