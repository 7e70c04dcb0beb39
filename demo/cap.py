"""Weather warnings as the weather service sends them: CAP 1.2 messages."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Tree

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "warnings@weather.yunbin.example"


def message(
    warning: dict[str, Any],
    name: str,
    hours: tuple[datetime, datetime, datetime],
    areas: list[tuple[str, list[tuple[float, float]]]],
    follows: str = "",
    kind: str = "Alert",
) -> str:
    """Give one CAP message as text.

    hours: sent, onset, expires; areas: (name, ring of lat, lon); follows: the earlier message
    in CAP's form `sender,identifier,sent`, needed for Update and Cancel.
    """
    sent, onset, expires = (moment.isoformat(timespec="seconds") for moment in hours)
    root = Tree.Element("alert", xmlns=NAMESPACE)
    head = {"identifier": name, "sender": SENDER, "sent": sent, "status": "Actual"}
    head |= {"msgType": kind, "scope": "Public"}
    if follows:
        head["references"] = follows
    _fill(root, head)
    for language, suffix in (("zh-CN", ""), ("en-US", "_en")):
        info = Tree.SubElement(root, "info")
        facts = {"language": language, "category": "Met", "event": warning["event" + suffix]}
        facts |= {"urgency": "Expected", "severity": warning["severity"], "certainty": "Likely"}
        facts |= {"effective": sent, "onset": onset, "expires": expires}
        facts["headline"] = warning["headline" + suffix]
        facts["description"] = warning["description" + suffix]
        _fill(info, facts)
        for label, ring in areas:
            points = " ".join(f"{lat:.5f},{lon:.5f}" for lat, lon in ring)
            _fill(Tree.SubElement(info, "area"), {"areaDesc": label, "polygon": points})
    return Tree.tostring(root, encoding="unicode", xml_declaration=True)


def _fill(parent: Tree.Element, facts: dict[str, str]) -> None:
    for tag, text in facts.items():
        Tree.SubElement(parent, tag).text = text
