"""CAP 1.2 messages of an invented weather office, as one would send them."""

from datetime import UTC, datetime, timedelta

SENDER = "cap@weather.yunbin.example"
POLYGON = "37.45,119.00 37.52,119.00 37.52,119.10 37.45,119.10 37.45,119.00"
COLOURS = {"Moderate": "黄色", "Severe": "橙色", "Extreme": "红色"}


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


SENT: dict[str, str] = {}
"""Identifier -> when it was sent: a reference must name the time of what it refers to."""


def alert(identifier: str, headline: str, severity: str = "Severe") -> bytes:
    return _message(identifier, "Alert", "", headline, severity)


def update(identifier: str, of: str, headline: str, severity: str = "Extreme") -> bytes:
    return _message(identifier, "Update", of, headline, severity)


def cancel(identifier: str, of: str) -> bytes:
    return _message(identifier, "Cancel", of, "解除", "Minor")


def _message(identifier: str, kind: str, of: str, headline: str, severity: str) -> bytes:
    now = datetime.now(UTC).replace(microsecond=0)
    SENT[identifier] = _time(now)
    references = f"<references>{SENDER},{of},{SENT[of]}</references>" if of else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier>
  <sender>{SENDER}</sender>
  <sent>{SENT[identifier]}</sent>
  <status>Actual</status>
  <msgType>{kind}</msgType>
  <scope>Public</scope>
  {references}
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>暴雨</event>
    <urgency>Immediate</urgency>
    <severity>{severity}</severity>
    <certainty>Observed</certainty>
    <expires>{_time(now + timedelta(hours=6))}</expires>
    <senderName>云滨市气象局</senderName>
    <headline>{headline}</headline>
    <description>未来三小时有强降雨。</description>
    <area><areaDesc>港口区</areaDesc><polygon>{POLYGON}</polygon></area>
  </info>
</alert>""".encode()
