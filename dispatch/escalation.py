"""What happens while an order stays unsigned: pushed again, called by telephone, given on."""

from typing import Any

from dispatch import units
from dispatch.city import City
from dispatch.log import Row, Work
from dispatch.models import incident, order
from dispatch.order_book import say
from dispatch.scoring import Need
from dispatch.vocabulary import UNSIGNED

PUSH_AGAIN, CALL, NEXT_UNIT = 1, 2, 3


def escalate(work: Work, city: City, fired: Row) -> None:
    """Take the next step with an unsigned order; a signed one is left in peace."""
    row = work.get(order, fired["subject"])
    step = fired["step"]
    if row["state"] not in UNSIGNED or row["escalation"] >= step:
        return
    values: dict[str, Any] = {"escalation": step}
    if step == PUSH_AGAIN:
        values["reminded_at"] = work.now
    if step == NEXT_UNIT:
        values["proposed"] = next_best(work, city, row)
    new = work.put(order, row["id"], **values)
    say(work, "OrderEscalated", new, step=step, proposed=new["proposed"])


def next_best(work: Work, city: City, row: Row) -> str | None:
    """The free unit of the same force that suits the incident best."""
    known = units.find(city, row["unit"])
    place = work.get(incident, row["incident"])
    skills = tuple(known.capabilities)
    need = Need(known.force_type, place["lat"], place["lon"], skills, place["id"])
    found = units.recommend(work.connection, city, need, work.now, work.realm)
    return next((one.id for one in found if one.offered and one.id != known.id), None)
