"""Alerts as CAP 1.2 (OASIS Common Alerting Protocol): XML that nobody is allowed to play with."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from dispatch.city import City
from dispatch.city_records import Source
from dispatch.errors import Invalid
from dispatch.incoming import Incoming
from dispatch.inputs import parse
from streams.sources.cap_areas import read_areas
from streams.sources.cap_words import category_of, level_of, type_of
from streams.sources.times import millis

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIZE_MAX = 1_048_576  # bytes
TITLE_MAX, TEXT_MAX = 400, 4000
KINDS = {"Alert": "alert", "Update": "update", "Cancel": "cancel"}
STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
Element = Any
"""An element of lxml, which has no types."""


def read(xml: bytes, source: Source, city: City, now: int) -> Incoming:
    """Understand one message. Raises Invalid, naming the element that is wrong."""
    alert = _root(xml)
    kind = _kind(alert)
    own = _name(_text(alert, "sender"), _text(alert, "identifier"), _text(alert, "sent"))
    references = _references(alert, kind)
    infos = _chosen(alert)
    if not infos and kind != "cancel":
        raise Invalid("missing", "alert.info", "an alert says nothing without info")
    sent_at = _time(alert, "sent")
    said = _said(infos, source, city, now) if infos else {"title": "-"}
    return parse(
        Incoming,
        {
            "source": source.id,
            "ext_id": own,
            "kind": kind,
            "references": references,
            "occurred_at": sent_at,
            "sent_at": sent_at,
            **said,
        },
    )


def _root(xml: bytes) -> Element:
    """The alert element of a text without doctype, entities or foreign namespaces."""
    if len(xml) > SIZE_MAX:
        raise Invalid("too_long", "", "a message is at most 1 MB")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Invalid("doctype", "", "a doctype is not accepted")
    reader = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, reader)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid("not_xml", "", f"not well-formed XML: {error}"[:300]) from error
    if root.getroottree().docinfo.doctype:  # in an encoding that hides it from the search above
        raise Invalid("doctype", "", "a doctype is not accepted")
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise Invalid("not_cap", "alert", "the root element should be alert of CAP 1.2")
    return root


def _kind(alert: Element) -> str:
    status = _word(alert, "status", STATUSES)
    if status != "Actual":
        raise Invalid("not_actual", "alert.status", f"{status} messages are not shown as real")
    kind = _text(alert, "msgType")
    if kind not in KINDS:
        raise Invalid("unsupported", "alert.msgType", "should be Alert, Update or Cancel")
    _word(alert, "scope", ("Public", "Restricted", "Private"))
    return KINDS[kind]


def _references(alert: Element, kind: str) -> list[str]:
    """The earlier messages that this one is about, as their own names."""
    names = []
    for triple in _maybe(alert, "references").split():
        parts = triple.rsplit(",", 2)
        if len(parts) != 3:
            raise Invalid("bad_value", "alert.references", "should be sender,identifier,sent ...")
        names.append(_name(*parts))
    if kind != "alert" and not names:
        raise Invalid("missing", "alert.references", f"{kind} of which message?")
    return names[-50:]


def _name(sender: str, identifier: str, sent: str) -> str:
    """How CAP identifies a message, with the time in one spelling."""
    at = millis(sent, "alert.sent")
    name = f"{sender},{identifier},{at}"
    if len(name) > 255:
        raise Invalid("too_long", "alert.identifier", "sender and identifier are too long")
    return name


def _chosen(alert: Element) -> list[Element]:
    """The info blocks of one language: Chinese if there are any, then English, then the first."""
    infos = list(_all(alert, "info"))
    spoken = [_maybe(info, "language").lower() or "en-us" for info in infos]
    for wanted in ("zh", "en", spoken[0][:2] if spoken else ""):
        found = [
            info for info, tongue in zip(infos, spoken, strict=True) if tongue.startswith(wanted)
        ]
        if found:
            return found
    return infos


def _said(infos: list[Element], source: Source, city: City, now: int) -> dict[str, Any]:
    """What the worst of the info blocks says, with the areas of all."""
    facts = [_facts(info) for info in infos]
    main = min(range(len(infos)), key=lambda n: facts[n]["severity"])
    areas = [area for info in infos for area in _all(info, "area")]
    info = infos[main]
    onset = _time(info, "onset") or _time(info, "effective")
    said = {**facts[main], **read_areas(areas, source, city), "expires_at": _time(info, "expires")}
    return {**said, "occurred_at": onset} if onset is not None and onset <= now else said


def _facts(info: Element) -> dict[str, Any]:
    categories = [one.text or "" for one in _all(info, "category")]
    if not categories:
        raise Invalid("missing", "alert.info.category", "what kind of event is it?")
    event = _text(info, "event", "alert.info")
    urgency, severity, certainty = (
        _text(info, tag, "alert.info") for tag in ("urgency", "severity", "certainty")
    )
    headline = _maybe(info, "headline") or event
    body = [_maybe(info, tag) for tag in ("description", "instruction")]
    return {
        "title": headline[:TITLE_MAX],
        "text": "\n".join(part for part in body if part)[:TEXT_MAX],
        "category": category_of(categories).value,
        "type": type_of(categories),
        "severity": int(level_of(urgency, severity, certainty, _coded(info), headline)),
    }


def _coded(info: Element) -> list[tuple[str, str]]:
    """(name, value) of every parameter and event code."""
    return [
        (_maybe(one, "valueName"), _maybe(one, "value"))
        for tag in ("parameter", "eventCode")
        for one in _all(info, tag)
    ]


def _all(element: Element, tag: str) -> Iterator[Element]:
    yield from element.iterchildren(f"{{{NAMESPACE}}}{tag}")


def _maybe(element: Element, tag: str) -> str:
    found = next(_all(element, tag), None)
    return (found.text or "").strip() if found is not None else ""


def _text(element: Element, tag: str, within: str = "alert") -> str:
    text = _maybe(element, tag)
    if not text:
        raise Invalid("missing", f"{within}.{tag}", f"{tag} is missing or empty")
    return text


def _word(element: Element, tag: str, words: tuple[str, ...]) -> str:
    text = _text(element, tag)
    if text not in words:
        raise Invalid("bad_value", f"alert.{tag}", f"should be one of {', '.join(words)}")
    return text


def _time(element: Element, tag: str) -> int | None:
    name = tag if tag == "sent" else f"info.{tag}"
    return millis(_maybe(element, tag) or None, f"alert.{name}")
