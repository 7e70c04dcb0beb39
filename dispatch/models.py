"""Every table. A state row is valid from one sequence number to another (`to_seq` null = now).

Times are integer milliseconds since the epoch (UTC); places are WGS-84 degrees;
columns ending in `_json` hold canonical JSON text.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dispatch.vocabulary import HOLDING

metadata = MetaData()
RowId = BigInteger().with_variant(Integer, "sqlite")


def _realm() -> Column[str]:
    return Column("realm", String(40), nullable=False)


def _state(name: str, *columns: Column[Any] | Index) -> Table:
    """A table of state rows: one row per version of the thing `id`."""
    table = Table(
        name,
        metadata,
        Column("row", RowId, primary_key=True, autoincrement=True),
        _realm(),
        Column("id", String(64), nullable=False),
        Column("from_seq", BigInteger, nullable=False),
        Column("to_seq", BigInteger),
        *columns,
    )
    now = text("to_seq IS NULL")
    Index(f"{name}_now", table.c.realm, table.c.id, unique=True, sqlite_where=now,
          postgresql_where=now)  # fmt: skip
    Index(f"{name}_span", table.c.from_seq, table.c.to_seq)
    return table


stream = Table(
    "stream",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("realm", String(40), nullable=False, server_default="real"),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _realm(),
    Column("at", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("incident", String(64)),
    Column("scope_json", Text, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("key", String(128), nullable=False),
    Column("body_json", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("event_incident", "realm", "incident", "seq"),
    Index("event_subject", "realm", "subject", "seq"),
    Index("event_type", "realm", "type", "seq"),
)

idem = Table(
    "idem",
    metadata,
    Column("actor", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    _realm(),
    Column("at", BigInteger, nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("answer_json", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("value", Integer, nullable=False),
)

alert = _state(
    "alert",
    Column("source", String(40), nullable=False),
    Column("ext_id", String(255), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("category", String(20), nullable=False),
    Column("type", String(40), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("title", String(400), nullable=False),
    Column("text", Text, nullable=False),
    Column("place", String(200), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("cell", BigInteger, nullable=False, server_default="-1"),
    Column("geometry_json", Text),
    Column("scope_json", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("said_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("ack_due", BigInteger, nullable=False),
    Column("confidence", Float),
    Column("reading_json", Text),
    Column("acked_by", String(64)),
    Column("acked_at", BigInteger),
    Column("verified_by", String(64)),
    Column("verified_at", BigInteger),
    Column("note", Text, nullable=False),
    Column("merged_into", String(64)),
    Column("incident", String(64)),
    Column("closed_at", BigInteger),
)
Index(
    "alert_source",
    alert.c.realm,
    alert.c.source,
    alert.c.ext_id,
    unique=True,
    sqlite_where=text("to_seq IS NULL"),
    postgresql_where=text("to_seq IS NULL"),
)

for _name, _column, _also in (
    ("alert_state", alert.c.state, ""),
    ("alert_received", alert.c.received_at, ""),
    ("alert_closed", alert.c.closed_at, " AND closed_at IS NOT NULL"),
    ("alert_merged", alert.c.merged_into, " AND merged_into IS NOT NULL"),
):  # what screens ask for again and again, among ever more alerts of the past
    _open = text("to_seq IS NULL" + _also)
    Index(_name, alert.c.realm, _column, sqlite_where=_open, postgresql_where=_open)

_waiting = text("to_seq IS NULL AND closed_at IS NULL")  # the latest of a type, even in a storm
Index("alert_type", alert.c.realm, alert.c.type, alert.c.row, sqlite_where=_waiting,
      postgresql_where=_waiting)  # fmt: skip
Index("alert_alike", *(alert.c[name] for name in (
    "realm", "severity", "source", "type", "cell", "ack_due", "row", "state", "scope_json",
)), sqlite_where=_waiting, postgresql_where=_waiting)  # fmt: skip
# A storm is folded by reading this index alone, in its order.

# What a source calls an alert: every message's own id, also those that came too early or too late.
alert_name = Table(
    "alert_name",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("ext_id", String(255), primary_key=True),
    Column("alert", String(64)),
    Column("fate", String(20), nullable=False),
)

incident = _state(
    "incident",
    Column("state", String(20), nullable=False),
    Column("category", String(20), nullable=False),
    Column("type", String(40), nullable=False),
    Column("title", String(400), nullable=False),
    Column("place", String(200), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("scope_json", Text, nullable=False),
    Column("grade", Integer, nullable=False),
    Column("alerts_json", Text, nullable=False),
    Column("plan", String(64)),
    Column("occurred_at", BigInteger, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("ended_at", BigInteger),
    Column("late_json", Text, nullable=False, server_default="{}"),
    Column("facts_json", Text, nullable=False, server_default="{}"),
)

activation = _state(
    "activation",
    Column("incident", String(64), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("level", Integer, nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("plan", String(64)),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("needs_json", Text, nullable=False),
    Column("signed_json", Text, nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("checklist_json", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", String(64)),
    Column("end_reason", Text, nullable=False),
    Column("grounds_json", Text, nullable=False, server_default="{}"),
)

order = _state(
    "dispatch_order",
    Column("incident", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("unit", String(64)),
    Column("plan_step", Integer),
    Column("scope_json", Text, nullable=False),
    Column("drafted_by", String(64), nullable=False),
    Column("drafted_at", BigInteger, nullable=False),
    Column("authorised_by", String(64)),
    Column("issued_by", String(64)),
    Column("issued_at", BigInteger),
    Column("ack_limit", Integer, nullable=False),
    Column("ack_set", Boolean, nullable=False),
    Column("ack_due", BigInteger),
    Column("stamps_json", Text, nullable=False),
    Column("escalation", Integer, nullable=False),
    Column("reminded_at", BigInteger),
    Column("note", Text, nullable=False),
    Column("supersedes", String(64)),
    Column("proposed", String(64)),
)
_held = text(
    "to_seq IS NULL AND unit IS NOT NULL AND state IN ("
    + ", ".join(f"'{state.value}'" for state in HOLDING)
    + ")"
)
Index("order_holds_unit", order.c.realm, order.c.unit, unique=True,
      sqlite_where=_held, postgresql_where=_held)  # fmt: skip
Index("order_incident", order.c.realm, order.c.incident)
Index("order_issued", order.c.realm, order.c.issued_at)

loan = _state(
    "loan",
    Column("incident", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("home", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("answer_due", BigInteger, nullable=False),
    Column("answered_by", String(64)),
    Column("answered_at", BigInteger),
    Column("note", Text, nullable=False),
    Column("returned_by", String(64)),
    Column("returned_at", BigInteger),
    Column("due_back", BigInteger),
)
Index("loan_incident", loan.c.realm, loan.c.incident)
_out = text("to_seq IS NULL AND state IN ('ASKED', 'LENT')")
Index("loan_unit", loan.c.realm, loan.c.unit, unique=True, sqlite_where=_out,
      postgresql_where=_out)  # fmt: skip

unit = _state(
    "unit",
    Column("status", String(20), nullable=False),
    Column("current_order", String(64)),
    Column("status_at", BigInteger, nullable=False),
)

timer = _state(
    "timer",
    Column("kind", String(30), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("step", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
)
Index("timer_due", timer.c.to_seq, timer.c.due_at)

quarantine = _state(
    "quarantine",
    Column("door", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("field", String(120), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("payload", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("seen_by", String(64)),
    Column("scope_json", Text, nullable=False, server_default='["city"]'),
)

wall_push = _state(
    "wall_push",
    Column("slot", Integer, nullable=False),
    Column("feed", String(80), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("incident", String(64)),
    Column("reason", Text, nullable=False),
    Column("pushed_by", String(64), nullable=False),
    Column("pushed_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

wall_layout = _state(
    "wall_layout",
    Column("cells", Integer, nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("set_by", String(64), nullable=False),
    Column("set_at", BigInteger, nullable=False),
)

viewing = _state(
    "viewing",
    Column("feed", String(80), nullable=False),
    Column("watched_by", String(64), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("incident", String(64)),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

upload = _state(
    "upload",
    Column("dispatch_order", String(64), nullable=False),
    Column("incident", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("type", String(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("received_sha256", String(64), nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("sent_by", String(64), nullable=False),
)
Index("upload_incident", upload.c.realm, upload.c.incident)

sharing = _state(
    "sharing",
    Column("dispatch_order", String(64), nullable=False),
    Column("shared_by", String(64), nullable=False),
    Column("since", BigInteger, nullable=False),
)

# A unit whose phone sends its live picture.
sending = _state(
    "sending",
    Column("dispatch_order", String(64), nullable=False),
    Column("sent_by", String(64), nullable=False),
    Column("since", BigInteger, nullable=False),
)

safety = _state(
    "safety",
    Column("dispatch_order", String(64), nullable=False),
    Column("incident", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("words", String(200), nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("alert", String(64)),
)

# Cameras that were imported beside those of the city folder; `secret` is encrypted.
camera = _state(
    "camera",
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("district", String(64), nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("heading", Float, nullable=False),
    Column("fov", Float, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("gb28181_id", String(20), nullable=False),
    Column("roles_json", Text, nullable=False),
    Column("url", String(500), nullable=False),
    Column("sub_url", String(500), nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("secret", Text, nullable=False),
)

# Calls, who is in them, and what was kept of them and of cameras.
call = _state(
    "call",
    Column("incident", String(64)),
    Column("state", String(20), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("recorded", Boolean, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)
Index("call_incident", call.c.realm, call.c.incident)

party = _state(
    "call_party",
    Column("call", String(64), nullable=False),
    Column("party", String(64), nullable=False),
    Column("account", String(64)),
    Column("unit", String(64)),
    Column("state", String(20), nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("hand_at", BigInteger),
    Column("invited_by", String(64), nullable=False),
    Column("invited_at", BigInteger, nullable=False),
    Column("joined_at", BigInteger),
    Column("left_at", BigInteger),
)
Index("call_party_call", party.c.realm, party.c.call)

# Cameras that are out of use, of the city folder or imported.
camera_off = _state(
    "camera_off",
    Column("reason", String(200), nullable=False),
    Column("switched_by", String(64), nullable=False),
    Column("since", BigInteger, nullable=False),
)

recording = _state(
    "recording",
    Column("kind", String(20), nullable=False),
    Column("call", String(64)),
    Column("party", String(64)),
    Column("feed", String(80)),
    Column("incident", String(64)),
    Column("scope_json", Text, nullable=False),
    Column("file", String(200), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("tracks_json", Text, nullable=False),
    Column("salvaged", Boolean, nullable=False),
    Column("keep_until", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
)
Index("recording_incident", recording.c.realm, recording.c.incident)
Index("recording_call", recording.c.realm, recording.c.call)

# Links by which somebody without an account comes into one call, once.
call_link = Table(
    "call_link",
    metadata,
    Column("hash", String(64), primary_key=True),
    _realm(),
    Column("call", String(64), nullable=False),
    Column("party", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("session", String(64), unique=True),
    Column("session_until", BigInteger),
)

# Thinned series and last values: facts from outside, not numbered by the log.
drone_fix = Table(
    "drone_fix",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("drone", String(64), primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", BigInteger, nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("said_json", Text, nullable=False),
)

position = Table(
    "position",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("unit", String(64), primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", BigInteger, nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("speed", Float),
    Column("heading", Float),
    Column("source", String(40), nullable=False),
)

reading = Table(
    "reading",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("sensor", String(64), primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", BigInteger, nullable=False),
    Column("value", Float, nullable=False),
    Column("quality", String(20), nullable=False),
    Column("source", String(40), nullable=False),
)
Index("reading_at", reading.c.realm, reading.c.at)

metric_value = Table(
    "metric_value",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("scope", String(40), primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Float),
    Column("as_of", BigInteger),
    Column("rows", Integer, nullable=False),
)

source_seen = Table(
    "source_seen",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("last_at", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("gaps", BigInteger, nullable=False),
    Column("numbers_json", Text),
)

screen_seen = Table(
    "screen_seen",
    metadata,
    Column("realm", String(40), primary_key=True),
    Column("screen", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    Column("name", String(100), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("epoch_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False, server_default="0"),
)

# How the product itself is. A receipt: a door has told its caller that this event is on disk.
receipt = Table(
    "receipt",
    metadata,
    _realm(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("process", String(80), nullable=False),
    Column("answered_at", BigInteger, nullable=False),
)

process_seen = Table(
    "process_seen",
    metadata,
    Column("process", String(80), primary_key=True),
    Column("realm", String(40), nullable=False, server_default="real"),
    Column("kind", String(20), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("figures_json", Text, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    _realm(),
    Column("name", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("called_at", BigInteger, nullable=False),
    Column("passed_at", BigInteger, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("broken_at", String(20), nullable=False),
)

# Who may come in.
account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True),
    _realm(),
    Column("name_zh", String(100), nullable=False),
    Column("name_en", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("seat_zh", String(100), nullable=False),
    Column("seat_en", String(100), nullable=False),
    Column("scope_json", Text, nullable=False),
    Column("unit", String(64)),
    Column("password_hash", String(200)),
    Column("active", Boolean, nullable=False),
    Column("origin", String(10), nullable=False),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("subject", String(128), primary_key=True),
    Column("realm", String(40), nullable=False, server_default="real"),
    Column("count", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("hash", String(64), primary_key=True),
    _realm(),
    Column("account", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("device", String(200), nullable=False),
    Column("revoked_at", BigInteger),
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("hash", String(64), primary_key=True),
    _realm(),
    Column("account", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(40), primary_key=True),
    _realm(),
    Column("hash", String(64), nullable=False),
    Column("source", String(40)),
    Column("account", String(64)),
    Column("scopes", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

private_note = Table(
    "private_note",
    metadata,
    Column("row", RowId, primary_key=True, autoincrement=True),
    _realm(),
    Column("subject", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("value", Text, nullable=False),
    UniqueConstraint("realm", "subject", "kind", name="private_note_once"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("realm", String(40), nullable=False, server_default="real"),
    Column("holder", String(64), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
