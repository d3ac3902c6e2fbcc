"""Tables of a desk's file as peewee sees them; bound to a database for each query, never held elsewhere."""

from peewee import AutoField, BlobField, CompositeKey, DateField, IntegerField, Model, TextField
from playhouse.sqlite_ext import FTS5Model, RowIDField, SearchField

from desk_client.storage.fields import InstantField


class Entry(Model):
    """A sealed entry; `received_on` gains a dossier in the counts by it, `left_on` loses one."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    kind = TextField()
    subject = TextField()
    header = BlobField()
    payload_hash = BlobField()
    entry_hash = BlobField()
    received_on = DateField(null=True)
    left_on = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("slot", "epoch", "sequence")


class Payload(Model):
    """Content of an entry."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    salt = BlobField()
    bytes = BlobField()

    class Meta:
        primary_key = CompositeKey("slot", "epoch", "sequence")


class DossierRow(Model):
    """A dossier as the screens read it, with what its events made of it in `state` and `content`.

    sort_key      the owner's name in the order of the Vietnamese alphabet
    contradicted  ids of the entries that contradict what stands until a person settles it, parted by blanks
    """

    number = AutoField()
    id = TextField(unique=True)
    dossier_code = TextField(null=True)
    slip_code = TextField()
    external_code = TextField(null=True)
    procedure_code = TextField()
    channel = TextField()
    stage = TextField()
    source = TextField()
    received_at = InstantField()
    received_on = DateField()
    recorded_on = DateField()
    received_by = TextField()
    due_at = InstantField(null=True)
    resolved_at = InstantField(null=True)
    delivered_at = InstantField(null=True)
    submitter_name = TextField()
    owner_name = TextField()
    id_number = TextField()
    phone = TextField()
    sort_key = TextField()
    contradicted = TextField()
    state = BlobField()
    content = BlobField()

    class Meta:
        table_name = "dossier"


class RunRow(Model):
    """Consecutive entries of an epoch, one behind the other in the desk's ledger from `ledger` on."""

    slot = IntegerField()
    epoch = IntegerField()
    first = IntegerField()
    last = IntegerField()
    ledger = IntegerField()

    class Meta:
        table_name = "run"
        primary_key = CompositeKey("slot", "epoch", "first")


class ReleasedRow(Model):
    """An entry that the centre had set aside and that counts from a decision on, which stands at `ledger`."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    ledger = IntegerField()

    class Meta:
        table_name = "released"
        primary_key = CompositeKey("slot", "epoch", "sequence")


class VouchedRow(Model):
    """The last entry that the centre has signed for of a journal of which entries came down, and that receipt."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    hash = BlobField()
    body = BlobField()
    signature = BlobField()

    class Meta:
        table_name = "vouched"
        primary_key = CompositeKey("slot", "epoch")


class DossierWords(FTS5Model):
    """The folded words of dossiers by their numbers; it stores no text, only where which word stands."""

    rowid = RowIDField()
    words = SearchField()

    class Meta:
        table_name = "dossier_words"


class ProcedureUse(Model):
    """How many dossiers of a procedure are here."""

    procedure_code = TextField(primary_key=True)
    count = IntegerField()

    class Meta:
        table_name = "procedure_use"


class DraftRow(Model):
    """A half-typed form of a clerk."""

    username = TextField()
    form = TextField()
    content = BlobField()
    saved_at = InstantField()

    class Meta:
        table_name = "draft"
        primary_key = CompositeKey("username", "form")


class ImportedRow(Model):
    """A row of another system as it was taken in last, by what names it there."""

    row_key = TextField(primary_key=True)
    dossier_id = TextField()
    content = BlobField()

    class Meta:
        table_name = "imported_row"


class ColumnMapping(Model):
    """Which column of a kind of file holds which field, as a clerk said last."""

    signature = TextField(primary_key=True)
    content = BlobField()

    class Meta:
        table_name = "column_mapping"


class KeptNote(Model):
    """A small thing to remember, by name, as JSON."""

    name = TextField(primary_key=True)
    content = BlobField()

    class Meta:
        table_name = "kept_note"


class Serial(Model):
    """Last serial given to a dossier of a day."""

    received_on = DateField(primary_key=True)
    last = IntegerField()


class DeviceRow(Model):
    """The one installation that this file belongs to."""

    id = IntegerField(primary_key=True)
    central_url = TextField()
    signing_seed = BlobField()
    agreement_seed = BlobField()
    certificate = BlobField(null=True)
    certificate_signature = BlobField(null=True)

    class Meta:
        table_name = "device"


class EpochRow(Model):
    """An epoch after the first: what it goes on from, why and when it was opened, and what a witness had seen then."""

    epoch = IntegerField(primary_key=True)
    parent_epoch = IntegerField()
    parent_sequence = IntegerField()
    cause = TextField()
    opened_at = InstantField()
    witnessed_epoch = IntegerField()
    witnessed_sequence = IntegerField()

    class Meta:
        table_name = "epoch"


class LeftEntry(Model):
    """An entry of a branch that was left; `became` is the id that it bears now, "" where it bears none."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    entry_hash = BlobField()
    header = BlobField()
    payload_hash = BlobField()
    salt = BlobField(null=True)
    bytes = BlobField(null=True)
    became = TextField()

    class Meta:
        table_name = "left_entry"
        primary_key = CompositeKey("slot", "epoch", "sequence", "entry_hash")


class ReceiptRow(Model):
    """The last receipt of an epoch."""

    slot = IntegerField()
    epoch = IntegerField()
    up_to = IntegerField()
    hash = BlobField()
    body = BlobField()
    signature = BlobField()
    learned_at = InstantField()

    class Meta:
        table_name = "receipt"
        primary_key = CompositeKey("slot", "epoch")


class ContactRow(Model):
    """What is remembered of talking to the centre; one row."""

    id = IntegerField(primary_key=True)
    tried_at = InstantField(null=True)
    succeeded_at = InstantField(null=True)
    next_try_at = InstantField(null=True)
    failures = IntegerField()
    problem = TextField()
    offset_ms = IntegerField(null=True)
    ticket = TextField()
    batch_entries = IntegerField()

    class Meta:
        table_name = "contact"


class PackRow(Model):
    """Which reference pack of a kind is in force; `adoption` is the sequence of the last entry that named it."""

    kind = TextField(primary_key=True)
    hash = TextField()
    adoption = IntegerField()

    class Meta:
        table_name = "pack"


class AdoptedPack(Model):
    """A reference pack that is in force or was so once."""

    hash = TextField(primary_key=True)
    kind = TextField()
    body = BlobField()
    signature = BlobField()

    class Meta:
        table_name = "adopted_pack"


class HeldEntry(Model):
    """An entry of the desk that the centre has set aside, as it told last."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    verdict = TextField()
    reason = TextField()

    class Meta:
        table_name = "held_entry"
        primary_key = CompositeKey("slot", "epoch", "sequence")


class ErasedEntry(Model):
    """An entry whose content was erased by law, and the centre's entry that says so; without it no content goes."""

    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    by_entry = TextField()

    class Meta:
        table_name = "erased_entry"
        primary_key = CompositeKey("slot", "epoch", "sequence")


class ClerkRow(Model):
    """A person who may sign in here."""

    username = TextField(primary_key=True)
    full_name = TextField()
    role = TextField()
    password_hash = TextField()
    failures = IntegerField()
    locked_until = InstantField(null=True)
    disabled_at = InstantField(null=True)

    class Meta:
        table_name = "clerk"


class SessionRow(Model):
    """An open session; the token itself is only in the browser."""

    token_hash = BlobField(primary_key=True)
    username = TextField()
    opened_at = InstantField()
    seen_at = InstantField()
    language = TextField()

    class Meta:
        table_name = "session"


MODELS = (
    Entry,
    Payload,
    RunRow,
    ReleasedRow,
    VouchedRow,
    DossierRow,
    DossierWords,
    ProcedureUse,
    Serial,
    DraftRow,
    ImportedRow,
    ColumnMapping,
    KeptNote,
    DeviceRow,
    EpochRow,
    LeftEntry,
    ReceiptRow,
    ContactRow,
    PackRow,
    AdoptedPack,
    HeldEntry,
    ErasedEntry,
    ClerkRow,
    SessionRow,
)
