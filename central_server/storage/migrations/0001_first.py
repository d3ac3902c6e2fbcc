"""The first shape of the centre's database."""

from typing import Any

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DateField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)


class Centre(Model):
    id = IntegerField(primary_key=True)
    training = BooleanField()
    incarnation = TextField()
    threshold = IntegerField()
    period_last_day = IntegerField()
    serial_first = IntegerField()
    serials_per_slot = IntegerField()
    clock_set_at = BigIntegerField(null=True)
    clock_shows_at = BigIntegerField(null=True)


class Unit(Model):
    id = TextField(primary_key=True)
    level = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)


class UnitName(Model):
    unit_id = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    code = TextField(index=True)
    name = TextField()

    class Meta:
        table_name = "unit_name"
        primary_key = CompositeKey("unit_id", "valid_from")


class UnitParent(Model):
    unit_id = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    parent_id = TextField()

    class Meta:
        table_name = "unit_parent"
        primary_key = CompositeKey("unit_id", "valid_from")


class DeskRow(Model):
    code = TextField(primary_key=True)
    unit_id = TextField(index=True)
    name = TextField()
    identifier_code = TextField()
    phone = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    ledger_sequence = IntegerField()

    class Meta:
        table_name = "desk"


class Procedure(Model):
    code = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    name = TextField()
    field = TextField()
    levels = TextField()
    channels = TextField()
    limit_value = TextField()
    limit_unit = TextField()

    class Meta:
        primary_key = CompositeKey("code", "valid_from")


class CalendarDay(Model):
    day = DateField(primary_key=True)
    kind = TextField()
    name = TextField()
    status = TextField()

    class Meta:
        table_name = "calendar_day"


class Pack(Model):
    hash = TextField(primary_key=True)
    kind = TextField()
    scope = TextField()
    body = BlobField()
    signature = BlobField()
    issued_at = BigIntegerField()
    is_current = BooleanField()

    class Meta:
        indexes = ((("kind", "scope", "is_current"), False),)


class Invitation(Model):
    desk = TextField()
    public = TextField(unique=True)
    secret_mac = BlobField()
    issued_at = BigIntegerField()
    expires_at = BigIntegerField()
    tries = IntegerField()
    used_at = BigIntegerField(null=True)
    used_slot = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("desk", "public")


class DeviceRow(Model):
    desk = TextField()
    slot = IntegerField()
    state = TextField()
    signing_key = BlobField()
    agreement_key = BlobField()
    certificate = BlobField()
    certificate_signature = BlobField()
    enrolled_at = BigIntegerField()
    app_version = TextField()
    epoch = IntegerField()
    head = IntegerField()
    head_hash = BlobField()
    heard_at = BigIntegerField(null=True)
    stated_at = BigIntegerField(null=True)
    stated_head = IntegerField()
    covered_until = BigIntegerField(null=True)
    free_disk_mb = IntegerField(null=True)
    ticket = TextField()
    previous_ticket = TextField()

    class Meta:
        table_name = "device"
        primary_key = CompositeKey("desk", "slot")


class Entry(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    ledger = IntegerField()
    arrived_at = BigIntegerField()
    kind = TextField()
    subject = TextField()
    header = BlobField()
    payload_hash = BlobField()
    entry_hash = BlobField()
    received_on = DateField(null=True)
    left_on = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")
        indexes = ((("desk", "ledger"), True),)


class Payload(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    salt = BlobField()
    bytes = BlobField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class VerdictRow(Model):
    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    kind = TextField()
    reason = TextField()
    received_on = DateField(null=True)

    class Meta:
        table_name = "verdict"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class DossierRow(Model):
    desk = TextField()
    id = TextField()
    dossier_code = TextField()
    procedure_code = TextField()
    channel = TextField()
    stage = TextField()
    received_at = BigIntegerField()
    received_on = DateField()
    recorded_at = BigIntegerField()
    received_by = TextField()
    resolved_at = BigIntegerField(null=True)
    delivered_at = BigIntegerField(null=True)

    class Meta:
        table_name = "dossier"
        primary_key = CompositeKey("desk", "id")
        indexes = ((("desk", "received_on"), False),)


class Counter(Model):
    desk = TextField()
    received_on = DateField()
    ledger_on = DateField()
    slot = IntegerField()
    count = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "received_on", "ledger_on", "slot")
        indexes = ((("received_on", "desk"), False),)


class Unsent(Model):
    desk = TextField()
    slot = IntegerField()
    received_on = DateField()
    count = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "received_on")


class StatementRow(Model):
    desk = TextField()
    slot = IntegerField()
    number = IntegerField()
    epoch = IntegerField()
    head = IntegerField()
    stated_at = BigIntegerField()
    arrived_at = BigIntegerField()
    unsent = IntegerField()
    is_step = BooleanField()
    body = BlobField()
    signature = BlobField()

    class Meta:
        table_name = "statement"
        primary_key = CompositeKey("desk", "slot", "number")


class DeclarationRow(Model):
    desk = TextField()
    slot = IntegerField()
    first_on = DateField()
    last_on = DateField()
    declaration = TextField()
    stated_at = BigIntegerField()

    class Meta:
        table_name = "declaration"
        primary_key = CompositeKey("desk", "slot", "first_on", "last_on")


class UserRow(Model):
    username = TextField(primary_key=True)
    full_name = TextField()
    password_hash = TextField()
    failures = IntegerField()
    locked_until = BigIntegerField(null=True)
    disabled_at = BigIntegerField(null=True)

    class Meta:
        table_name = "person"


class Membership(Model):
    username = TextField()
    unit_id = TextField()
    role = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("username", "unit_id", "valid_from")


class SessionRow(Model):
    token_hash = BlobField(primary_key=True)
    username = TextField(index=True)
    opened_at = BigIntegerField()
    seen_at = BigIntegerField()
    language = TextField()

    class Meta:
        table_name = "session"


TABLES = (
    Centre,
    Unit,
    UnitName,
    UnitParent,
    DeskRow,
    Procedure,
    CalendarDay,
    Pack,
    Invitation,
    DeviceRow,
    Entry,
    Payload,
    VerdictRow,
    DossierRow,
    Counter,
    Unsent,
    StatementRow,
    DeclarationRow,
    UserRow,
    Membership,
    SessionRow,
)

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
            BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END""",
        """CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
            BEGIN SELECT RAISE(ABORT, 'an entry is never removed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION entry_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'an entry is never changed'; END $$""",
        """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OR DELETE ON entry
            FOR EACH ROW EXECUTE FUNCTION entry_is_never_changed()""",
    ),
}


def up(migrator: Any, db: Any) -> None:
    """Makes the tables and forbids changing the ledger."""
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
    for statement in APPEND_ONLY["sqlite" if isinstance(db, SqliteDatabase) else "postgresql"]:
        db.execute_sql(statement)
