"""What is known of an incident's harm and needs, as an officer enters it: with time and source."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from dispatch import canonical
from dispatch.access import Actor
from dispatch.city import City
from dispatch.errors import Invalid
from dispatch.incidents import handled
from dispatch.inputs import Body, Id, Line, Millis
from dispatch.log import Work
from dispatch.models import incident

CASUALTIES = ("dead", "missing", "serious", "minor")
COUNTS = (*CASUALTIES, "trapped", "moved")
EARLY_MS = 5_000  # a clock may be so far ahead

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Shortage(Body):
    """Something of which `need` are needed and `have` are there."""

    what: Line
    need: Count
    have: Count


class Facts(Body):
    """What is not named stays as it was. as_of: when it was so (ms UTC); now if left out.

    verified: the source has checked it; unverified numbers are shown as such.
    """

    incident: Id
    source: Line
    dead: Count | None = None
    missing: Count | None = None
    serious: Count | None = None
    minor: Count | None = None
    trapped: Count | None = None
    moved: Count | None = None
    needs: Annotated[list[Shortage], Field(max_length=8)] | None = None
    verified: bool = False
    as_of: Millis | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Facts":
        if self.needs is None and all(getattr(self, name) is None for name in COUNTS):
            raise ValueError("at least one number is needed")
        return self


def report(work: Work, body: Facts, actor: Actor, city: City) -> dict[str, Any]:
    """Keep each number with its source and time; an older word does not replace a newer one."""
    row = handled(work, body.incident, actor)
    as_of = work.now if body.as_of is None else body.as_of
    if as_of > work.now + EARLY_MS:
        raise Invalid("in_future", "as_of", "a fact cannot be of a time to come")
    known, told = dict(canonical.loads(row["facts_json"])), {}
    said = {"as_of": as_of, "source": body.source, "verified": body.verified, "by": actor.id}
    for name in (*COUNTS, "needs"):
        value = getattr(body, name)
        if value is None or known.get(name, {}).get("as_of", 0) > as_of:
            continue
        plain = [one.model_dump() for one in value] if name == "needs" else value
        known[name] = told[name] = {"value": plain, **said}
    if told:
        new = work.put(incident, row["id"], facts_json=canonical.dumps(known))
        words = {name: one["value"] for name, one in told.items()}
        scope = canonical.loads(row["scope_json"])
        event = {"level": new["grade"], **words, **said}
        work.emit("IncidentFactsGiven", row["id"], scope, event, row["id"])
    return {"incident": row["id"], "kept": sorted(told)}
