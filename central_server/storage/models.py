"""Tables of the centre as peewee sees them. Every key of desk data begins with the desk, so that it can be spread."""

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DateField,
    IntegerField,
    Model,
    TextField,
)

from central_server.storage.fields import InstantField


class Centre(Model):
    """The one centre of this database; `training` is sealed for its life, `incarnation` ends with a restore.

    judged_by   the program that last judged what is set aside
    known_from  since when it is remembered what was known when; empty where that is from the first day on
    projected_as  the shape in which dossiers were last made of the ledger, a number of services.rebuilding
    """

    id = IntegerField(primary_key=True)
    training = BooleanField()
    incarnation = TextField()
    projected_as = IntegerField(default=0)
    threshold = IntegerField()
    period_last_day = IntegerField()
    serial_first = IntegerField()
    serials_per_slot = IntegerField()
    clock_set_at = InstantField(null=True)
    clock_shows_at = InstantField(null=True)
    device_approval = BooleanField(default=False)
    judged_by = TextField(default="")
    known_from = InstantField(null=True)


class Unit(Model):
    """A province, district or commune: an id of its own, since codes are used again."""

    id = TextField(primary_key=True)
    level = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)


class UnitName(Model):
    """Name and codes of a unit for a time."""

    unit_id = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    code = TextField(index=True)
    name = TextField()

    class Meta:
        table_name = "unit_name"
        primary_key = CompositeKey("unit_id", "valid_from")


class UnitParent(Model):
    """Which unit a unit belongs to for a time."""

    unit_id = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    parent_id = TextField()

    class Meta:
        table_name = "unit_parent"
        primary_key = CompositeKey("unit_id", "valid_from")


class DeskRow(Model):
    """A one-stop desk; `ledger_sequence` is the last number given in its ledger and the row that writers lock.

    unit_id, name  as they are now; DeskPast has those of before
    successor      the desk that took over when this one was closed, empty where there is none
    """

    code = TextField(primary_key=True)
    unit_id = TextField(index=True)
    name = TextField()
    identifier_code = TextField()
    phone = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    ledger_sequence = IntegerField()
    successor = TextField(default="")

    class Meta:
        table_name = "desk"


class DeskPast(Model):
    """Of which unit a desk was up to a day, and under which name. Rows are only ever added."""

    desk = TextField()
    until_on = DateField()
    unit_id = TextField()
    name = TextField()

    class Meta:
        table_name = "desk_past"
        primary_key = CompositeKey("desk", "until_on")


class RegisterMark(Model):
    """One row, whose mark is another one after every change of units and desks: triggers see to that."""

    id = IntegerField(primary_key=True)
    mark = TextField()

    class Meta:
        table_name = "register_mark"


class ReorganisationRow(Model):
    """A reorganisation of units with the file that it was made from, and who made it why. Rows are only ever added."""

    number = IntegerField(primary_key=True)
    effective_on = DateField()
    file = TextField()
    reason = TextField()
    done_by = TextField()
    done_at = InstantField()

    class Meta:
        table_name = "reorganisation"


class UnitSuccession(Model):
    """Which unit a unit became, or a part of it; `new_id` is empty where there is none. Rows are only ever added."""

    old_id = TextField()
    new_id = TextField()
    kind = TextField()
    effective_on = DateField()
    reorganisation = IntegerField()

    class Meta:
        table_name = "unit_succession"
        primary_key = CompositeKey("old_id", "new_id")


class Procedure(Model):
    """A version of a procedure as announced; `levels` and `channels` are words joined by a bar.

    decision, decided_on  the number and the day of the decision that announced it so; empty where that is not told
    """

    code = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    name = TextField()
    field = TextField()
    levels = TextField()
    channels = TextField()
    service_level = TextField()
    on_the_spot = TextField()
    competent_unit = TextField()
    fee_vnd = IntegerField(null=True)
    fee_basis = TextField()
    decision = TextField(default="")
    decided_on = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("code", "valid_from")


class ProcedureLimit(Model):
    """A limit of a procedure from a day of reception on; `unit_id` and `channel` are empty where it is for all of them.

    committed_*, statutory_*  a decimal number with its unit; both empty where there is none
    """

    code = TextField()
    unit_id = TextField()
    channel = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    committed_value = TextField()
    committed_unit = TextField()
    statutory_value = TextField()
    statutory_unit = TextField()
    decision = TextField(default="")
    decided_on = DateField(null=True)

    class Meta:
        table_name = "procedure_limit"
        primary_key = CompositeKey("code", "unit_id", "channel", "valid_from")


class AgencyRow(Model):
    """An agency that decides on procedures, under a name for a time."""

    code = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)
    name = TextField()
    kind = TextField()

    class Meta:
        table_name = "agency"
        primary_key = CompositeKey("code", "valid_from")


class DeadlineRule(Model):
    """What the province has set of the rules about deadlines, from a day on; `value` as it was written."""

    name = TextField()
    valid_from = DateField()
    value = TextField()

    class Meta:
        table_name = "deadline_rule"
        primary_key = CompositeKey("name", "valid_from")


class CalendarDay(Model):
    """A day off or a make-up working day."""

    day = DateField(primary_key=True)
    kind = TextField()
    name = TextField()
    status = TextField()

    class Meta:
        table_name = "calendar_day"


class WorkingHours(Model):
    """The hours of a working day: of a season, or of all other days where there are no bounds."""

    first_on = DateField(null=True)
    last_on = DateField(null=True)
    hours = TextField()

    class Meta:
        table_name = "working_hours"
        primary_key = False


class Pack(Model):
    """A reference pack ever issued; `scope` is a level, a desk or empty; the current one of a scope is in force."""

    hash = TextField(primary_key=True)
    kind = TextField()
    scope = TextField()
    body = BlobField()
    signature = BlobField()
    issued_at = InstantField()
    is_current = BooleanField()

    class Meta:
        # serves the packs in force of a desk
        indexes = ((("kind", "scope", "is_current"), False),)


class Invitation(Model):
    """A one-time enrolment code; only a keyed hash of its secret part is kept."""

    desk = TextField()
    public = TextField(unique=True)
    secret_mac = BlobField()
    issued_at = InstantField()
    expires_at = InstantField()
    tries = IntegerField()
    used_at = InstantField(null=True)
    used_slot = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("desk", "public")


class DeviceRow(Model):
    """An enrolled installation and what is known of its journal.

    epoch, head, head_hash   how far its chain is held
    heard_at                 last contact by the centre's clock
    stated_*                 its latest statement; covered_until as in sync_protocol.standings
    state_since              when its state was last changed; left_at as in sync_protocol.standings
    """

    desk = TextField()
    slot = IntegerField()
    state = TextField()
    signing_key = BlobField()
    agreement_key = BlobField()
    certificate = BlobField()
    certificate_signature = BlobField()
    enrolled_at = InstantField()
    app_version = TextField()
    epoch = IntegerField()
    head = IntegerField()
    head_hash = BlobField()
    heard_at = InstantField(null=True)
    stated_at = InstantField(null=True)
    stated_head = IntegerField()
    covered_until = InstantField(null=True)
    free_disk_mb = IntegerField(null=True)
    ticket = TextField()
    previous_ticket = TextField()
    state_since = InstantField(null=True)
    left_at = InstantField(null=True)

    class Meta:
        table_name = "device"
        primary_key = CompositeKey("desk", "slot")


class BranchRow(Model):
    """An epoch of a device beside its present one; the columns are those of a device.

    left_at      when a later epoch was heard of that goes on in its place; empty where both go on
    leaves_open  whether something of it may be missing since
    """

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    app_version = TextField()
    head = IntegerField()
    head_hash = BlobField()
    heard_at = InstantField(null=True)
    stated_at = InstantField(null=True)
    stated_head = IntegerField()
    covered_until = InstantField(null=True)
    ticket = TextField()
    previous_ticket = TextField()
    left_at = InstantField(null=True)
    leaves_open = BooleanField()

    class Meta:
        table_name = "branch"
        primary_key = CompositeKey("desk", "slot", "epoch")


class BranchUnsent(Model):
    """Dossiers that a branch beside the present epoch last stated it holds back, less what has arrived since."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    received_on = DateField()
    count = IntegerField()

    class Meta:
        table_name = "branch_unsent"
        primary_key = CompositeKey("desk", "slot", "epoch", "received_on")


class HeldEntry(Model):
    """An authentic entry of a branch that parted from what is held here: kept as it was sealed, and never projected."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    entry_hash = BlobField()
    arrived_at = InstantField()
    header = BlobField()
    payload_hash = BlobField()
    salt = BlobField(null=True)
    bytes = BlobField(null=True)

    class Meta:
        table_name = "held_entry"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence", "entry_hash")


class GapEntry(Model):
    """An authentic entry beyond a gap of its chain: kept as it was sealed, until what stands before it has come.

    entry_hash  where something signed names it; of the others it follows once the gap is closed
    """

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    payload_hash = BlobField()
    entry_hash = BlobField(null=True)
    arrived_at = InstantField()
    header = BlobField()
    salt = BlobField(null=True)
    bytes = BlobField(null=True)

    class Meta:
        table_name = "gap_entry"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence", "payload_hash")


class Sighting(Model):
    """What showed that a device was restored or copied: in which epoch, behind which entry, and when it was noticed."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    what = TextField()
    sequence = IntegerField()
    noticed_at = InstantField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "what")


class Entry(Model):
    """A sealed entry in the ledger of its desk; `arrived_at` is the ledger time."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    ledger = IntegerField()
    arrived_at = InstantField()
    kind = TextField()
    subject = TextField()
    header = BlobField()
    payload_hash = BlobField()
    entry_hash = BlobField()
    received_on = DateField(null=True)
    left_on = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")
        # serves the pull cursor; another one, of the entries that count and by their arrival, serves counts in a day
        indexes = ((("desk", "ledger"), True),)


class Payload(Model):
    """Content of an entry."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    salt = BlobField()
    bytes = BlobField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class VerdictRow(Model):
    """Entries that were kept but not simply applied, with the reason; `subject` is that of the entry."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    kind = TextField()
    reason = TextField()
    received_on = DateField(null=True)
    subject = TextField()

    class Meta:
        table_name = "verdict"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")
        # serves the entries that wait for a dossier which has just been opened
        indexes = ((("desk", "reason", "subject"), False),)


class DossierRow(Model):
    """A dossier as its events make it, without personal data: `state` is all of it, the columns are what is asked by.

    dossier_code    "" for one that was filed online and is not accepted, or was refused
    recorded_on     local day on which its reception was entered, by the device's clock as corrected then
    due_at, due_on  its appointment by the reference packs that its entries name, and the local day of it
    ended_on, delivered_on, is_supplemented, paid_on, rated_on  as in sync_protocol.dossiers
    delivered_by, payment_method, rating  "" where that is not known
    """

    desk = TextField()
    id = TextField()
    dossier_code = TextField()
    procedure_code = TextField()
    channel = TextField()
    stage = TextField()
    received_at = InstantField()
    received_on = DateField()
    recorded_at = InstantField()
    recorded_on = DateField()
    received_by = TextField()
    due_at = InstantField(null=True)
    due_on = DateField(null=True)
    resolved_at = InstantField(null=True)
    ended_on = DateField(null=True)
    delivered_at = InstantField(null=True)
    delivered_on = DateField(null=True)
    delivered_by = TextField()
    is_supplemented = BooleanField()
    paid_on = DateField(null=True)
    payment_method = TextField()
    rated_on = DateField(null=True)
    rating = TextField()
    state = BlobField()

    class Meta:
        table_name = "dossier"
        primary_key = CompositeKey("desk", "id")
        # serves a result handed over against a slip's code. Those of migrations from `appointments` on serve
        # what is asked of many desks: dossier_received, _ended, _delivered, _paid and _rated what came, was closed,
        # handed over, paid and rated in a period, dossier_entered_late what was entered for earlier days, dossier_open
        # what may be due
        indexes = ((("desk", "dossier_code"), False),)


class Counter(Model):
    """Change of a desk's count by device, day of reception and ledger day."""

    desk = TextField()
    received_on = DateField()
    ledger_on = DateField()
    slot = IntegerField()
    count = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "received_on", "ledger_on", "slot")
        # serves the standings of all desks in a period, from the index alone
        indexes = ((("received_on", "desk", "count"), False),)


class MonthCount(Model):
    """A desk's count of a month of one of the usual series, the sum of its daily ones; `first_on` is its first day."""

    desk = TextField()
    first_on = DateField()
    count = IntegerField()

    class Meta:
        table_name = "month_count"
        primary_key = CompositeKey("desk", "first_on")
        # serves the standings of all desks in a period, from the index alone
        indexes = ((("first_on", "desk", "count"), False),)


class Unsent(Model):
    """Dossiers that a device last stated it holds back, less what has arrived since."""

    desk = TextField()
    slot = IntegerField()
    received_on = DateField()
    count = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "slot", "received_on")


class StatementRow(Model):
    """A statement as it came, kept if it changed anything or is its day's last.

    epoch  the one that it speaks for; below 0 that of a copy which has not shown itself; 0 where it says nothing
    """

    desk = TextField()
    slot = IntegerField()
    number = IntegerField()
    epoch = IntegerField()
    head = IntegerField()
    stated_at = InstantField()
    arrived_at = InstantField()
    unsent = IntegerField()
    is_step = BooleanField()
    body = BlobField()
    signature = BlobField()

    class Meta:
        table_name = "statement"
        primary_key = CompositeKey("desk", "slot", "number")


class DeclarationRow(Model):
    """What a device last declared of a period.

    clerk, declared_at  who declared it and when; empty while only a statement has told the word
    """

    desk = TextField()
    slot = IntegerField()
    first_on = DateField()
    last_on = DateField()
    declaration = TextField()
    stated_at = InstantField()
    cause = TextField()
    note = TextField()
    paper_register_last = TextField()
    certification_book_last = TextField()
    clerk = TextField()
    declared_at = InstantField(null=True)

    class Meta:
        table_name = "declaration"
        primary_key = CompositeKey("desk", "slot", "first_on", "last_on")


class DeclaredWord(Model):
    """What a device declared of a period from a moment on. Rows are only ever added.

    moment  as in KnownRow
    """

    desk = TextField()
    slot = IntegerField()
    first_on = DateField()
    last_on = DateField()
    moment = BigIntegerField()
    declaration = TextField()

    class Meta:
        table_name = "declared_word"
        primary_key = CompositeKey("desk", "slot", "first_on", "last_on", "moment")
        # serves what all desks declared of a period, from the index alone
        indexes = ((("first_on", "last_on", "moment", "desk", "slot", "declaration"), False),)


class KnownRow(Model):
    """What was known of a device from a moment on, as storage/known.py writes it. Rows are only ever added.

    moment  milliseconds since 1970 UTC times 1,000; what comes in the same one has the next number
    beats   contacts after which nothing else was new; only ever lengthened
    """

    desk = TextField()
    slot = IntegerField()
    moment = BigIntegerField()
    facts = TextField()
    beats = BlobField()

    class Meta:
        table_name = "known"
        primary_key = CompositeKey("desk", "slot", "moment")


class UndecidedCount(Model):
    """Change of how many receptions of a desk wait for a decision, by day of reception and ledger time."""

    desk = TextField()
    received_on = DateField()
    changed_at = InstantField()
    count = IntegerField()

    class Meta:
        table_name = "undecided_count"
        primary_key = CompositeKey("desk", "received_on", "changed_at")
        # serves what waits at all desks in a period
        indexes = ((("received_on", "desk", "changed_at", "count"), False),)


class ChangeRow(Model):
    """A change that a person made: who, when, what, and how it was before and after. Rows are only ever added.

    desk, slot     what was changed; "" and 0 where it is about no single desk or device
    before, after  as JSON; "" where there was nothing
    """

    desk = TextField()
    number = IntegerField()
    at = InstantField()
    who = TextField()
    what = TextField()
    slot = IntegerField()
    before = TextField()
    after = TextField()
    reason = TextField()

    class Meta:
        table_name = "change"
        primary_key = CompositeKey("desk", "number")


class LaterCount(Model):
    """What an entry changed in the counts after it had arrived: it had been set aside until `counted_at`.

    counted_at  empty for what was counted before the history of what was known begins
    """

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    ledger_on = DateField()
    counted_at = InstantField(null=True)
    received_on = DateField(null=True)
    left_on = DateField(null=True)

    class Meta:
        table_name = "later_count"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class ErasedEntry(Model):
    """An entry whose content was erased by law, and the centre's own entry that says so; without it no payload goes."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()
    by_epoch = IntegerField()
    by_sequence = IntegerField()

    class Meta:
        table_name = "erased_entry"
        primary_key = CompositeKey("desk", "slot", "epoch", "sequence")


class BackupRow(Model):
    """A backup that was verified after it was written; `digest` is SHA-256 of the file."""

    number = IntegerField(primary_key=True)
    made_at = InstantField()
    verified_at = InstantField()
    digest = BlobField()
    entries = IntegerField()

    class Meta:
        table_name = "backup"


class ArchivedRow(Model):
    """Up to where a verified backup holds an epoch of a device."""

    desk = TextField()
    slot = IntegerField()
    epoch = IntegerField()
    sequence = IntegerField()

    class Meta:
        table_name = "archived"
        primary_key = CompositeKey("desk", "slot", "epoch")


class SlotFloor(Model):
    """The first slot that a desk's next device may get: those below may be taken by machines that a restore forgot."""

    desk = TextField(primary_key=True)
    slot = IntegerField()

    class Meta:
        table_name = "slot_floor"


class PeriodStepRow(Model):
    """A closing, reopening or restatement of a period; `body` is the signed snapshot, none where it was reopened."""

    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    step = TextField()
    taken_at = InstantField()
    taken_by = TextField()
    reason = TextField()
    body = BlobField(null=True)
    signature = BlobField(null=True)

    class Meta:
        table_name = "period_step"
        primary_key = CompositeKey("first_on", "last_on", "number")


class PublicationStepRow(Model):
    """A step towards publishing a report of a unit's period; `body` is the signed document that says all of it."""

    layout = TextField()
    unit_id = TextField()
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    step = TextField()
    taken_at = InstantField()
    taken_by = TextField()
    body = BlobField()
    signature = BlobField()

    class Meta:
        table_name = "publication_step"
        primary_key = CompositeKey("layout", "unit_id", "first_on", "last_on", "number")


class PublicationFileRow(Model):
    """A file as a step has published it; the step's document holds its hash."""

    layout = TextField()
    unit_id = TextField()
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    ending = TextField()
    bytes = BlobField()

    class Meta:
        table_name = "publication_file"
        primary_key = CompositeKey("layout", "unit_id", "first_on", "last_on", "number", "ending")


class RulingRow(Model):
    """A ruling about how desks are judged; `value` is empty where it takes an earlier one back."""

    number = IntegerField(primary_key=True)
    kind = TextField()
    desk = TextField()
    unit_id = TextField()
    level = TextField()
    months = IntegerField(null=True)
    value = TextField()
    first_on = DateField()
    last_on = DateField(null=True)
    reason = TextField()
    ruled_by = TextField()
    ruled_at = InstantField()
    days = IntegerField(null=True)
    field = TextField(default="")

    class Meta:
        table_name = "ruling"


class FollowUpRow(Model):
    """What a person noted about a desk in a period; `until_on` is set for promises and acknowledgements."""

    desk = TextField()
    first_on = DateField()
    last_on = DateField()
    number = IntegerField()
    step = TextField()
    note = TextField()
    until_on = DateField(null=True)
    standing = TextField()
    is_proven = BooleanField()
    noted_at = InstantField()
    noted_by = TextField()

    class Meta:
        table_name = "follow_up"
        primary_key = CompositeKey("desk", "first_on", "last_on", "number")


class ReadRow(Model):
    """That somebody saw a list of dossiers: who, when, which list, of which desk or unit, and how many there were.

    Rows are only ever added.
    """

    number = AutoField()
    at = InstantField()
    who = TextField()
    what = TextField()
    place = TextField()
    first_on = DateField()
    last_on = DateField()
    rows = IntegerField()

    class Meta:
        table_name = "read_log"


class UserRow(Model):
    """A person who may sign in at the centre."""

    username = TextField(primary_key=True)
    full_name = TextField()
    password_hash = TextField()
    failures = IntegerField()
    locked_until = InstantField(null=True)
    disabled_at = InstantField(null=True)

    class Meta:
        table_name = "person"


class Membership(Model):
    """In which role a person works for which unit, and from when to when."""

    username = TextField()
    unit_id = TextField()
    role = TextField()
    valid_from = DateField()
    valid_to = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("username", "unit_id", "valid_from")


class SessionRow(Model):
    """An open session; the token itself is only in the browser."""

    token_hash = BlobField(primary_key=True)
    username = TextField(index=True)
    opened_at = InstantField()
    seen_at = InstantField()
    language = TextField()

    class Meta:
        table_name = "session"


class ExternalFigureRow(Model):
    """A figure that does not come from dossiers, with the document that tells it. Rows are only ever added.

    value                   a decimal number; of a share its percentage
    numerator, denominator  what a share is made of; empty for any other figure
    """

    number = IntegerField(primary_key=True)
    indicator = TextField()
    unit_id = TextField()
    first_on = DateField()
    last_on = DateField()
    value = TextField()
    numerator = BigIntegerField(null=True)
    denominator = BigIntegerField(null=True)
    source = TextField()
    recorded_by = TextField()
    recorded_at = InstantField()

    class Meta:
        table_name = "external_figure"
        # serves what is told of units in a period
        indexes = ((("first_on", "last_on", "unit_id"), False),)


class ComplaintRow(Model):
    """What is known of a complaint, without who made it; a correction is a later row of it. Rows are only ever added.

    complaint  the number of its first row
    """

    number = IntegerField(primary_key=True)
    complaint = IntegerField()
    received_on = DateField()
    unit_id = TextField()
    clerk = TextField()
    dossier_code = TextField()
    finding = TextField()
    answer_due_on = DateField()
    answered_on = DateField(null=True)
    document = TextField()
    recorded_by = TextField()
    recorded_at = InstantField()

    class Meta:
        table_name = "complaint"


class ScoringRuleRow(Model):
    """What the province has set otherwise than the circular about scoring, from a day on, and by which decision."""

    name = TextField()
    valid_from = DateField()
    value = TextField()
    source = TextField()

    class Meta:
        table_name = "scoring_rule"
        primary_key = CompositeKey("name", "valid_from")


class AccessTokenRow(Model):
    """What another program reads by; the token itself is only with that program.

    permissions  words joined by a bar; owner: who answers for it
    """

    name = TextField(primary_key=True)
    token_hash = BlobField(unique=True)
    unit_id = TextField()
    permissions = TextField()
    owner = TextField()
    issued_at = InstantField()
    expires_at = InstantField()
    revoked_at = InstantField(null=True)
    used_at = InstantField(null=True)

    class Meta:
        table_name = "access_token"


MODELS = (
    Centre,
    Unit,
    UnitName,
    UnitParent,
    DeskRow,
    DeskPast,
    RegisterMark,
    ReorganisationRow,
    UnitSuccession,
    Procedure,
    ProcedureLimit,
    AgencyRow,
    DeadlineRule,
    CalendarDay,
    WorkingHours,
    Pack,
    Invitation,
    DeviceRow,
    BranchRow,
    BranchUnsent,
    HeldEntry,
    GapEntry,
    Sighting,
    Entry,
    Payload,
    VerdictRow,
    DossierRow,
    Counter,
    MonthCount,
    Unsent,
    StatementRow,
    DeclarationRow,
    DeclaredWord,
    KnownRow,
    UndecidedCount,
    ChangeRow,
    LaterCount,
    ErasedEntry,
    BackupRow,
    ArchivedRow,
    SlotFloor,
    PeriodStepRow,
    PublicationStepRow,
    PublicationFileRow,
    RulingRow,
    FollowUpRow,
    ReadRow,
    ExternalFigureRow,
    ComplaintRow,
    ScoringRuleRow,
    UserRow,
    Membership,
    SessionRow,
    AccessTokenRow,
)
