"""The first tables: the log, the state rows, the series, who may come in."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")
HELD = sa.text(
    "to_seq IS NULL AND unit IS NOT NULL AND state IN "
    "('ISSUED', 'DELIVERED', 'READ', 'ACKED', 'EN_ROUTE', 'ON_SCENE')"
)
GENESIS = "0" * 64


def upgrade() -> None:
    _account()
    _activation()
    _alert()
    _alert_name()
    _api_key()
    _counter()
    _dispatch_order()
    _event()
    _idem()
    _incident()
    _lease()
    _metric_value()
    _position()
    _private_note()
    _quarantine()
    _reading()
    _screen_seen()
    _session()
    _sign_in_failure()
    _sign_in_link()
    _source_seen()
    _stream()
    _timer()
    _unit()
    _first_number()
    _guard_the_log()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("seat_zh", sa.String(length=100), nullable=False),
        sa.Column("seat_en", sa.String(length=100), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _activation() -> None:
    op.create_table(
        "activation",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("needs_json", sa.Text(), nullable=False),
        sa.Column("signed_json", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("checklist_json", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "activation_now",
        "activation",
        ["realm", "id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_index("activation_span", "activation", ["from_seq", "to_seq"], unique=False)


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("ext_id", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("geometry_json", sa.Text(), nullable=True),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("ack_due", sa.BigInteger(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("reading_json", sa.Text(), nullable=True),
        sa.Column("acked_by", sa.String(length=64), nullable=True),
        sa.Column("acked_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_by", sa.String(length=64), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.String(length=64), nullable=True),
        sa.Column("incident", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "alert_now", "alert", ["realm", "id"], unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index(
        "alert_source",
        "alert",
        ["realm", "source", "ext_id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_index("alert_span", "alert", ["from_seq", "to_seq"], unique=False)


def _alert_name() -> None:
    op.create_table(
        "alert_name",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("ext_id", sa.String(length=255), nullable=False),
        sa.Column("alert", sa.String(length=64), nullable=True),
        sa.Column("fate", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("realm", "source", "ext_id"),
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("realm", "name"),
    )


def _dispatch_order() -> None:
    op.create_table(
        "dispatch_order",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("plan_step", sa.Integer(), nullable=True),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("authorised_by", sa.String(length=64), nullable=True),
        sa.Column("issued_by", sa.String(length=64), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.Column("ack_limit", sa.Integer(), nullable=False),
        sa.Column("ack_set", sa.Boolean(), nullable=False),
        sa.Column("ack_due", sa.BigInteger(), nullable=True),
        sa.Column("stamps_json", sa.Text(), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.String(length=64), nullable=True),
        sa.Column("proposed", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "dispatch_order_now",
        "dispatch_order",
        ["realm", "id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_index("dispatch_order_span", "dispatch_order", ["from_seq", "to_seq"], unique=False)
    op.create_index(
        "order_holds_unit",
        "dispatch_order",
        ["realm", "unit"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    op.create_index("order_incident", "dispatch_order", ["realm", "incident"], unique=False)


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("incident", sa.String(length=64), nullable=True),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body_json", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("event_incident", "event", ["realm", "incident", "seq"], unique=False)
    op.create_index("event_subject", "event", ["realm", "subject", "seq"], unique=False)


def _idem() -> None:
    op.create_table(
        "idem",
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("answer_json", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key"),
    )


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("alerts_json", sa.Text(), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "incident_now",
        "incident",
        ["realm", "id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_index("incident_span", "incident", ["from_seq", "to_seq"], unique=False)


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("realm", sa.String(length=40), server_default="real", nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _metric_value() -> None:
    op.create_table(
        "metric_value",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("as_of", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("realm", "metric", "scope", "at"),
    )


def _position() -> None:
    op.create_table(
        "position",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("speed", sa.Float(), nullable=True),
        sa.Column("heading", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("realm", "unit", "at"),
    )


def _private_note() -> None:
    op.create_table(
        "private_note",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
        sa.UniqueConstraint("realm", "subject", "kind", name="private_note_once"),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "quarantine_now",
        "quarantine",
        ["realm", "id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_index("quarantine_span", "quarantine", ["from_seq", "to_seq"], unique=False)


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("sensor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("quality", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("realm", "sensor", "at"),
    )
    op.create_index("reading_at", "reading", ["realm", "at"], unique=False)


def _screen_seen() -> None:
    op.create_table(
        "screen_seen",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("screen", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("epoch_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("realm", "screen"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )


def _sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("realm", sa.String(length=40), server_default="real", nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _sign_in_link() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )


def _source_seen() -> None:
    op.create_table(
        "source_seen",
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("gaps", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("realm", "source"),
    )


def _stream() -> None:
    op.create_table(
        "stream",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("realm", sa.String(length=40), server_default="real", nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index("timer_due", "timer", ["to_seq", "due_at"], unique=False)
    op.create_index(
        "timer_now", "timer", ["realm", "id"], unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index("timer_span", "timer", ["from_seq", "to_seq"], unique=False)


def _unit() -> None:
    op.create_table(
        "unit",
        sa.Column("row", RowId, autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("current_order", sa.String(length=64), nullable=True),
        sa.Column("status_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_index(
        "unit_now", "unit", ["realm", "id"], unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index("unit_span", "unit", ["from_seq", "to_seq"], unique=False)


def _first_number() -> None:
    row = {"name": "ops", "realm": "real", "seq": 0, "hash": GENESIS}
    stream = sa.table("stream", *(sa.column(name) for name in row))
    op.bulk_insert(stream, [row])


def _guard_the_log() -> None:
    """Let the database itself refuse to change what happened."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER event_no_{verb.lower()} BEFORE {verb} ON event "
                "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
