"""The table of bad inputs: at which door, what, and what must become of it.

Each case names its mark, a word that no screen may be told of as something that is so.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.badinput.doors import Doors

ALERT: dict[str, Any] = {
    "source": "110",
    "title": "MARK",
    "severity": 2,
    "lat": 37.45,
    "lon": 118.6,
}
CAP = """<?xml version="1.0" encoding="UTF-8"?>{before}
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>MARK</identifier>
<sender>met@yunbin</sender><sent>{sent}</sent><status>{status}</status><msgType>{kind}</msgType>
<scope>Public</scope>{references}{info}</alert>"""
INFO = """<info><language>zh-CN</language><category>Met</category><event>MARK</event>
<urgency>Immediate</urgency><severity>{severity}</severity><certainty>Observed</certainty>
<headline>{headline}</headline>{more}<area><areaDesc>here</areaDesc>{area}</area></info>"""
XXE = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>'
OUTSIDE = '<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/x.dtd">'
BRACKETS = "[" * 2_000 + "]" * 2_000
OBJECTS = '{"a":' * 2_000 + "1" + "}" * 2_000
HTML = "<img src=x onerror=alert(1)> MARK"


@dataclass(frozen=True)
class Case:
    """run: send it; gives the statuses, or the answers of a socket, that came back.

    wants: "refused" (4xx with a problem, or an answer that says no), "aside" (kept for the desk),
    "taken" (accepted, and shown as plain text), "counted" (each row refused for itself), or
    "ignored" (nothing at all comes of it). placed: a wall shows on its map what has a place.
    """

    name: str
    run: Callable[[Doors, str], Any]
    wants: str = "refused"
    status: tuple[int, ...] = ()
    placed: bool = True


def alert(**change: Any) -> Callable[[Doors, str], Any]:
    """An alert by REST in which something is different."""
    return raw(json.dumps({**ALERT, "ext_id": "MARK", **change}))


def number(field: str, text: str) -> Callable[[Doors, str], Any]:
    """An alert by REST with a number that JSON has no writing for, or no room."""
    return raw(json.dumps({**ALERT, "ext_id": "MARK", field: "?"}).replace('"?"', text))


def raw(body: str | bytes, **how: Any) -> Callable[[Doors, str], Any]:
    return lambda doors, mark: doors.send(marked(body, mark), **how)


def cap(
    before: str = "",
    sent: str = "2026-11-20T08:00:00+08:00",
    status: str = "Actual",
    kind: str = "Alert",
    references: str = "",
    info: str | None = None,
    **said: str,
) -> Callable[[Doors, str], Any]:
    usual = {"severity": "Moderate", "headline": "MARK", "more": "", "area": ""}
    block = INFO.format(**{**usual, **said}) if info is None else info
    text = CAP.format(
        before=before, sent=sent, status=status, kind=kind, references=references, info=block
    )
    return xml(text)


def xml(text: str | bytes) -> Callable[[Doors, str], Any]:
    return lambda doors, mark: doors.cap(marked(text, mark))


def batch(body: object) -> Callable[[Doors, str], Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return raw(text, path="/api/v1/alerts:batch")


def command(name: str, body: Any, **headers: str) -> Callable[[Doors, str], Any]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return lambda doors, mark: doors.command(name, marked(text, mark), **headers)


def asks(path: str, body: Any = None, **headers: str) -> Callable[[Doors, str], Any]:
    return lambda doors, mark: doors.person(
        path, None if body is None else marked(body, mark), **headers
    )


def published(payload: str | bytes, channel: str = "alerts.iot") -> Callable[[Doors, str], Any]:
    return lambda doors, mark: doors.publish(marked(channel, mark), marked(payload, mark))


def mailed(fields: Mapping[str, str | bytes], stream: str = "alerts:iot") -> Any:
    return lambda doors, mark: doors.mail(
        {name: marked(value, mark) for name, value in fields.items()}, stream
    )


def mqtt(payload: str | bytes) -> Callable[[Doors, str], Any]:
    return lambda doors, mark: doors.mqtt(marked(payload, mark))


def says(event: str, data: Any, joined: bool = True) -> Callable[[Doors, str], Any]:
    """A screen of its own says something that does not fit."""

    def run(doors: Doors, mark: str) -> Any:
        screen = doors.stranger()
        try:
            if joined:
                screen.says("join", {"screen": "desk", "screen_id": "bad-other"})
            return screen.says(event, json.loads(marked(json.dumps(data), mark)))
        finally:
            screen.leaves()

    return run


def frame(text: str | bytes) -> Callable[[Doors, str], Any]:
    """A screen of its own sends bytes that no client would."""

    def run(doors: Doors, mark: str) -> Any:
        screen = doors.stranger()
        try:
            screen.throws(marked(text, mark))
        finally:
            screen.leaves()

    return run


def marked(body: Any, mark: str) -> Any:
    if isinstance(body, str):
        return body.replace("MARK", mark)
    return body.replace(b"MARK", mark.encode()) if isinstance(body, bytes) else body


def sends(
    body: bytes, type: str = "image/jpeg", order: str = "ZL-MARK", key: str = "u-MARK"
) -> Callable[[Doors, str], Any]:
    """A responder's phone sends a picture."""
    return lambda doors, mark: doors.person(
        f"/api/v1/uploads?order={marked(order, mark)}", marked(body, mark), "phone",
        Content_Type=type, Idempotency_Key=marked(key, mark),
    )  # fmt: skip


def many_points(n: int) -> str:
    return " ".join(f"{37 + k / 10_000},118.{k % 9}" for k in range(n))


REST = [
    Case("NaN", number("value", "NaN")),
    Case("infinity", number("value", "-Infinity")),
    Case("1e999", number("value", "1e999")),
    Case("an integer past 64 bits", number("seq", str(2**64))),
    Case("a level past 64 bits", number("severity", "1" + "0" * 400)),
    Case("a lone surrogate", raw('{"source":"110","ext_id":"MARK","title":"MARK \\ud800"}')),
    Case("NUL in a title", alert(title="MARK \0")),
    Case("2,000 brackets", raw(BRACKETS)),
    Case("2,000 objects", raw(OBJECTS)),
    Case("a key twice", raw('{"source":"110","ext_id":"MARK","ext_id":"b","title":"MARK"}')),
    Case("nothing", raw("")),
    Case("null", raw("null")),
    Case("a list", raw("[]")),
    Case("a text", raw('"MARK"')),
    Case("cut off", raw('{"source":"110","ext_id":"MARK","title":"MA')),
    Case("bad UTF-8", raw(b'{"source":"110","ext_id":"MARK","title":"MARK \xff\xfe"}')),
    Case("UTF-16", raw('{"source":"110","ext_id":"1","title":"MARK"}'.encode("utf-16"))),
    Case("another charset", raw("{}", type="application/json; charset=x-none"), status=(422,)),
    Case("plain text", raw("MARK", type="text/plain"), status=(415,)),
    Case("no content type", raw("{}", type=None), status=(415,)),
    Case("a form", raw("a=MARK", type="application/x-www-form-urlencoded"), status=(415,)),
    Case("garbage that says it is gzip", raw(gzip.compress(b"{}"), Content_Encoding="gzip")),
    Case("two MiB", raw("x" * (2 << 20)), status=(413,)),
    Case("a level as text", alert(severity="2")),
    Case("level 0", alert(severity=0)),
    Case("level 2.5", alert(severity=2.5)),
    Case("level true", alert(severity=True)),
    Case("a title that is an object", alert(title={"a": "MARK"})),
    Case("an empty title", alert(title="")),
    Case("a title of what nobody sees", alert(title="\u200b\u202e \t")),
    Case("a title of 401 letters", alert(title="MARK" + "x" * 400)),
    Case("a text of 4,001 letters", alert(text="x" * 4_001)),
    Case("latitude 91", alert(lat=91)),
    Case("longitude -181", alert(lon=-181)),
    Case("half a place", alert(lat=None)),
    Case("a place as text", alert(lat="37.4")),
    Case("after this century", alert(occurred_at=4_200_000_000_000)),
    Case("before time began", alert(occurred_at=-1)),
    Case("microseconds", alert(occurred_at=1_795_410_000_000_000)),
    Case("no offset", alert(occurred_at="2026-11-20T08:00:00")),
    Case("the year 1", alert(occurred_at="0001-01-01T00:00:00+14:00")),
    Case("no time at all", alert(occurred_at="yesterday")),
    Case("an unknown field", alert(colour="MARK")),
    Case("an unknown source", alert(source="mars"), status=(403,)),
    Case("another's source", alert(source="119"), status=(403,)),
    Case("an unknown district", alert(district="atlantis")),
    Case("a district of markup", alert(district="<b>MARK</b>")),
    Case("an empty id", alert(ext_id="")),
    Case("an id of 256 letters", alert(ext_id="MARK" + "x" * 256)),
    Case("an id that is a number", alert(ext_id=7)),
    Case("an unknown kind", alert(kind="delete")),
    Case("a confidence of 2", alert(confidence=2)),
    Case("an unknown class", alert(category="MARK")),
    Case("a wrong key", raw("{}", Authorization="Bearer yp_110_" + "0" * 48), status=(401,)),
    Case("a key that is none", raw("{}", Authorization="Bearer <b>"), status=(401,)),
    Case("no such address", raw("{}", path="/api/v1/alert"), status=(404, 401)),
    Case("a wrong method", raw("{}", method="PUT"), status=(405,)),
    Case("a host that is none", raw("{}", Host="a b<c>"), status=(400,)),
    Case("readings with NaN", raw('{"source":"power","readings":[{"value":NaN}]}',
                                  path="/api/v1/readings", source="power")),
    Case("readings that are none", raw('{"source":"power","readings":{"MARK":1}}',
                                       path="/api/v1/readings", source="power")),
    Case("positions that are none", raw('{"source":"positions","positions":["MARK"]}',
                                        path="/api/v1/positions", source="positions")),
    Case("a unit on Null Island",
         raw('{"source":"positions","positions":[{"unit":"MARK","lat":0,"lon":0}]}',
             path="/api/v1/positions", source="positions"), wants="counted"),
    Case("a place and no number",
         raw('{"source":"positions","positions":[{"unit":"MARK","lat":"NaN","lon":0}]}',
             path="/api/v1/positions", source="positions"), wants="counted"),
    Case("markup in a title", alert(title=HTML), wants="taken"),
    Case("a title turned around", alert(title="MARK \u202egnp.\u202c\u200b"), wants="taken"),
    Case("Null Island", alert(lat=0, lon=0), wants="taken", placed=False),
    Case("the year 1970", alert(occurred_at=0), wants="taken"),
    Case("the South Pole", alert(lat=-90, lon=180), wants="taken"),
]  # fmt: skip

BATCH = [
    Case("a batch of nothing", batch({"alerts": []})),
    Case("a batch that is a list", batch([ALERT])),
    Case("a batch of 501", batch({"alerts": [{**ALERT, "ext_id": "MARK"}] * 501})),
    Case("a batch of 2,000 brackets", batch('{"alerts":' + BRACKETS + "}")),
    Case("NaN in a batch", batch('{"alerts":[{"source":"110","ext_id":"MARK","value":NaN}]}')),
    Case("a batch of garbage", batch({"alerts": [None, 7, "MARK", [], {}, {"title": "MARK"}]}),
         wants="counted"),
    Case("an unknown field beside a batch", batch({"alerts": [ALERT], "more": 1})),
]  # fmt: skip

XML = [
    Case("an entity from a file", cap(before=XXE, headline="&x;")),
    Case("billion laughs", cap(before=LAUGHS, headline="&c;")),
    Case("a doctype elsewhere", cap(before=OUTSIDE)),
    Case("a doctype in UTF-16",
         xml((XXE + '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>').encode("utf-16"))),
    Case("CAP 1.1", xml('<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>')),
    Case("no namespace", xml("<alert><identifier>MARK</identifier></alert>")),
    Case("another root", xml("<feed>MARK</feed>")),
    Case("no XML", xml("MARK")),
    Case("empty XML", xml("")),
    Case("XML cut off", xml('<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><sender>')),
    Case("bad UTF-8 in XML", xml(b"<?xml version='1.0'?><alert>\xff\xfe</alert>")),
    Case("an unknown encoding", xml(b"<?xml version='1.0' encoding='x-none'?><alert/>")),
    Case("5,000 levels of XML", xml("<a>" * 5_000 + "</a>" * 5_000)),
    Case("two MiB of XML", xml("<a>" + "x" * (2 << 20) + "</a>"), status=(413,)),
    Case("a CAP test", cap(status="Test")),
    Case("an unknown CAP kind", cap(kind="Explode")),
    Case("CAP without info", cap(info="")),
    Case("CAP after this century", cap(sent="2131-01-01T00:00:00+08:00")),
    Case("CAP without offset", cap(sent="2026-11-20T08:00:00")),
    Case("an unknown severity", cap(severity="Apocalyptic")),
    Case("an update of nothing", cap(kind="Update")),
    Case("garbage references", cap(kind="Cancel", references="<references>MARK</references>")),
    Case("a polygon of one point", cap(area="<polygon>37.4,118.5</polygon>")),
    Case("a polygon of no numbers", cap(area="<polygon>a,b c,d e,f a,b</polygon>")),
    Case("a polygon out of range", cap(area="<polygon>97,118 98,118 98,119 97,118</polygon>")),
    Case("a polygon on a line", cap(area="<polygon>37,118 37,119 37,118.5 37,118</polygon>")),
    Case("3,000 corners", cap(area=f"<polygon>{many_points(3_000)}</polygon>")),
    Case("a circle of NaN", cap(area="<circle>37.4,118.5 NaN</circle>")),
    Case("a circle of less than nothing", cap(area="<circle>37.4,118.5 -3</circle>")),
    Case("a circle of infinity", cap(area="<circle>37.4,118.5 1e999</circle>")),
    Case("markup in a headline", cap(headline="<![CDATA[<b onclick=x>MARK</b>]]>"), wants="taken",
         placed=False),
    Case("a polygon across itself",
         cap(area="<polygon>37,118 37.4,118.4 37,118.4 37.4,118 37,118</polygon>"),
         wants="taken"),
    Case("a circle on Null Island", cap(area="<circle>0,0 5</circle>"), wants="taken",
         placed=False),
]  # fmt: skip

LETTERS = [
    *(
        case
        for door, send in (("pub/sub", published), ("MQTT", mqtt))
        for case in (
            Case(f"{door}: broken JSON", send('{"ext_id":"MARK"'), "aside"),
            Case(f"{door}: bad UTF-8", send(b'{"ext_id":"MARK\xff"}'), "aside"),
            Case(f"{door}: NaN", send('{"ext_id":"MARK","title":"x","value":NaN}'), "aside"),
            Case(f"{door}: a lone surrogate",
                 send('{"ext_id":"MARK","title":"\\udfff"}'), "aside"),
            Case(f"{door}: deep", send('{"ext_id":"MARK","a":' + BRACKETS + "}"), "aside"),
            Case(f"{door}: another's source",
                 send('{"source":"110","ext_id":"MARK","title":"x"}'), "aside"),
            Case(f"{door}: no title", send('{"ext_id":"MARK"}'), "aside"),
            Case(f"{door}: 70 kB",
                 send('{"ext_id":"MARK","title":"x","text":"' + "x" * 70_000 + '"}'), "aside"),
            Case(f"{door}: CAP that is none", send("<alert>MARK</alert>"), "aside"),
        )
    ),
    Case("pub/sub: an unknown source", published('{"ext_id":"1"}', "alerts.MARK"), "aside"),
    Case("pub/sub: a channel of markup", published("{}", "alerts.<b>MARK"), "aside"),
    Case("the bell: garbage", published('{"n":"MARK"}', "yiping.bell"), "ignored"),
    Case("the bell: NaN", published('{"n":NaN}', "yiping.bell"), "ignored"),
    Case("the bell: a forged number", published('{"n":999999999}', "yiping.bell"), "ignored"),
    Case("stream: broken JSON", mailed({"json": '{"ext_id":"MARK"'}), "aside"),
    Case("stream: bad UTF-8", mailed({"json": b"MARK\xff"}), "aside"),
    Case("stream: another field", mailed({"body": "MARK"}), "aside"),
    Case("stream: deep", mailed({"json": "MARK" + BRACKETS}), "aside"),
    Case("stream: another's source",
         mailed({"json": '{"source":"110","ext_id":"MARK","title":"x"}'}), "aside"),
    Case("stream: a key of another kind", lambda doors, mark: doors.spoil("alerts:grid", mark),
         "ignored"),
]  # fmt: skip

SOCKET = [
    Case("join: nothing", says("join", None, joined=False)),
    Case("join: a list", says("join", ["MARK"], joined=False)),
    Case("join: a number", says("join", 7, joined=False)),
    Case("join: an unknown screen", says("join", {"screen": "MARK", "screen_id": "a"}, False)),
    Case("join: another role's screen", says("join", {"screen": "phone", "screen_id": "a"}, False)),
    Case("join: markup", says("join", {"screen": "desk", "screen_id": "<b>MARK"}, False)),
    Case("join: 61 subjects",
         says("join", {"screen": "desk", "screen_id": "a",
                       "subject": {f"p{n}": "x" for n in range(61)}}, False)),
    Case("join: since before", says("join", {"screen": "desk", "screen_id": "a", "since": -1})),
    Case("open: before joining", says("open", {"panel": "detail"}, joined=False)),
    Case("open: an unknown panel", says("open", {"panel": "MARK"})),
    Case("open: a subject of markup", says("open", {"panel": "detail", "subject": "<b>|MARK"})),
    Case("open: a long subject", says("open", {"panel": "detail", "subject": "x" * 500})),
    Case("resync: a room of others", says("resync", {"room": "queue|leader|city|zh|MARK"})),
    Case("resync: a number", says("resync", {"room": 7})),
    Case("report: less than nothing",
         says("report", {"screen_id": "a", "epoch": -1, "mode": "PEACETIME"})),
    Case("report: a mode of its own", says("report", {"screen_id": "a", "epoch": 1,
                                                      "mode": "MARK"})),
    Case("report: a number past 2^53",
         says("report", {"screen_id": "a", "epoch": 2**60, "mode": "PEACETIME"})),
    Case("report: 61 rooms",
         says("report", {"screen_id": "a", "epoch": 1, "mode": "PEACETIME",
                         "rooms": {f"r{n}": 1 for n in range(61)}})),
    Case("a frame with NaN", frame('42["report",{"screen_id":"MARK","epoch":NaN}]'), "ignored"),
    Case("a frame of brackets", frame("42" + BRACKETS), "ignored"),
    Case("a frame that is no packet", frame("9MARK"), "ignored"),
    Case("an event that there is not", frame('42["MARK",{"a":1}]'), "ignored"),
    Case("an event without a name", frame("42[]"), "ignored"),
    Case("an event that is an object", frame('42{"MARK":1}'), "ignored"),
    Case("attachments that never come", frame('459-["join",{"_placeholder":true,"num":0}]'),
         "ignored"),
    Case("another namespace", frame("40/MARK,"), "ignored"),
    Case("bytes", frame(b"\x00\xff MARK"), "ignored"),
    Case("a frame of 100 kB", frame('42["join","' + "x" * 100_000 + '"]'), "ignored"),
]  # fmt: skip

CALLBACK = "/desk/_dash-update-component"
PERSON = [
    Case("Dash: nothing in it", asks(CALLBACK, "{}"), status=(422,)),
    Case("Dash: a list", asks(CALLBACK, "[]"), status=(422,)),
    Case("Dash: NaN", asks(CALLBACK, '{"output":NaN}'), status=(400,)),
    Case("Dash: deep", asks(CALLBACK, BRACKETS), status=(400,)),
    Case("Dash: an unknown output", asks(CALLBACK, '{"output":"MARK.children"}'), status=(404,)),
    Case("Dash: bad UTF-8", asks(CALLBACK, b'{"output":"\xff"}'), status=(400,)),
    Case("Dash: plain text", asks(CALLBACK, "MARK", Content_Type="text/plain"), status=(415,)),
    Case("Dash: from elsewhere", asks(CALLBACK, "{}", Sec_Fetch_Site="cross-site"), status=(403,)),
    Case("Dash: another role's screen", asks("/phone/_dash-update-component", "{}"), status=(403,)),
    Case("a command without a key", command("alert.report", {}, Idempotency_Key="")),
    Case("a key of 201 letters", command("alert.report", {}, Idempotency_Key="k" * 201)),
    Case("a key of control characters", command("alert.report", {}, Idempotency_Key="k\tk")),
    Case("an unknown command", command("alert.explode", {}), status=(404,)),
    Case("a command that is a list", command("alert.report", [])),
    Case("a command with a surrogate", command("alert.report", '{"what":"MARK\\ud800"}')),
    Case("a command with NaN", command("alert.report", '{"what":"MARK","lat":NaN}')),
    Case("a command of brackets", command("alert.report", BRACKETS)),
    Case("a command for what there is not", command("alert.acknowledge", {"alert": "AL-MARK"}),
         status=(404,)),
    Case("a command with an object for an id", command("alert.acknowledge", {"alert": {}})),
    Case("a command from elsewhere",
         command("alert.acknowledge", {"alert": "AL-1"}, Sec_Fetch_Site="cross-site"),
         status=(403,)),
    Case("a picture that there is not", asks("/api/v1/pictures/MARK"), status=(404,)),
    Case("a picture at no number", asks("/api/v1/pictures/alerts?seq=x"), status=(422,)),
    Case("a picture past the end", asks("/api/v1/pictures/alerts?seq=9007199254740992")),
    Case("a picture at no time", asks("/api/v1/pictures/alerts?t=1e999"), status=(422,)),
    Case("a subject of markup", asks("/api/v1/pictures/incident?subject=%3Cb%3EMARK")),
    Case("events before the first", asks("/api/v1/events?after=-1"), status=(422,)),
    Case("a search of 81 letters", asks("/api/v1/places?q=" + "x" * 81), status=(422,)),
    Case("a link that is none", asks("/sign-in/link", '{"token":"MARK"}'), status=(403,)),
    Case("a link that is a list", asks("/sign-in/link", '{"token":["MARK"]}'), status=(422,)),
    Case("a file above the folder", asks("/assets/..%2f..%2fapp.py"), status=(404, 400)),
]  # fmt: skip

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
UPLOADS = [
    Case("a picture of nothing", sends(b"")),
    Case("a picture of words", sends(b"MARK")),
    Case("a drawing with a script", sends(b"<svg onload=alert(1)>MARK</svg>", "image/svg+xml"),
         status=(415,)),
    Case("a drawing that says it is a photo", sends(b"<svg onload=alert(1)>MARK</svg>")),
    Case("a page that says it is a photo", sends(b"GIF89a/*MARK*/=1;<script>alert(1)</script>")),
    Case("a photo cut off", sends(b"\xff\xd8\xff\xe0\0\x10JFIF\0MARK")),
    Case("a photo of 4 billion points",
         sends(PNG + b"\xff\xff\xff\xff" * 2 + b"\x08\x06\0\0\0" + b"\0" * 4, "image/png")),
    Case("a photo for no order", sends(b"MARK", order="")),
    Case("a photo for a folder", sends(b"MARK", order="..%2f..%2fMARK")),
    Case("a photo without a key", sends(b"MARK", key="")),
    Case("a place that nobody shares",
         lambda doors, mark: doors.person(
             "/api/v1/positions/own",
             {"order": "ZL-" + mark, "points": [{"lat": 37.0, "lon": 118.0, "at": 1}]}, "phone")),
    Case("601 places",
         lambda doors, mark: doors.person(
             "/api/v1/positions/own",
             {"order": "ZL-1", "points": [{"lat": 37.0, "lon": 118.0, "at": 1}] * 601}, "phone")),
]  # fmt: skip

CASES = [*REST, *BATCH, *XML, *LETTERS, *SOCKET, *PERSON, *UPLOADS]
