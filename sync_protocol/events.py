"""What the kinds of journal entries say, as values; `schemas` turns them into bytes and back.

A kind carries a version. A later version gets a class of its own and an upcaster to the newest; unknown kinds,
versions and fields stay verbatim in the sealed bytes and are judged again after an upgrade.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sync_protocol.entries import Header
from sync_protocol.identities import Sex
from sync_protocol.periods import Period
from sync_protocol.values import value
from sync_protocol.vocabulary import (
    BirthPrecision,
    Cause,
    Channel,
    Declaration,
    DeliveryMethod,
    EpochCause,
    IdType,
    OwnerType,
    PaperForm,
    PaymentMethod,
    PaymentStatus,
    ProcedureCode,
    Rating,
    RatingSource,
    RatingSubject,
    ResultKind,
    Source,
)


class LeftRun(NamedTuple):
    """Consecutive entries of an epoch that a journal leaves behind it.

    first       the sequence of the first one
    beginnings  the first LEFT_HASH_BYTES of the hash of each
    """

    epoch: int
    first: int
    beginnings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochOpened:
    """First entry of an epoch: which program on which machine writes from here on.

    cause        why the epoch before it was left, None in the first one
    parent_*     the entry that the journal goes on from, its hash in base64; 0 and "" for the certificate
    witnessed_*  the last entry that was written on this machine as far as its witness knows, 0 where it knows no more
    left         what stood behind the parent or in a branch that was left before, and is written again: it may have
                 been stated before it ever came
    """

    app_version: str
    machine: str
    cause: EpochCause | None = None
    parent_epoch: int = 0
    parent_sequence: int = 0
    parent_hash: str = ""
    witnessed_epoch: int = 0
    witnessed_sequence: int = 0
    left: tuple[LeftRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksAdopted:
    """From here on the device works by these reference packs: kind to SHA-256 in base64."""

    packs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A named clerk says that a period is complete, or that nothing arose in it (*không phát sinh hồ sơ*).

    cause                why there are none or few, None where there is nothing to explain
    paper_register_last  last number of the paper register; certification_book_last: of the book of certifications
    """

    period: Period
    declaration: Declaration
    cause: Cause | None = None
    note: str = ""
    paper_register_last: str = ""
    certification_book_last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A named clerk answers what the desk's supervisor reads of it in a period; it declares nothing."""

    period: Period
    note: str


@value
class Component:
    """A paper that belongs to a dossier, and in how many copies of each kind it was handed in (TT 01/2018, form 01)."""

    name: str
    originals: int = 0
    certified_copies: int = 0
    photocopies: int = 0


@value
class Reception:
    """What a clerk writes down of a dossier. Field rules: TT 01/2018, form 01.

    authorisation   the paper by which a proxy hands it in, "" where there is no proxy
    out_of_area     received regardless of boundary; the limit then runs from the arrival at the competent unit
    filed_by_clerk  an online dossier that a clerk typed into the public portal for a citizen at the counter
    competent_unit  name of the deciding agency, "" for the desk's own unit
    due_on          the appointment on the old slip of a dossier that was not received by this program
    """

    procedure_code: ProcedureCode
    submitter_name: str
    owner_name: str
    owner_type: OwnerType
    channel: Channel
    delivery_method: DeliveryMethod
    set_count: int
    summary: str = ""
    authorisation: str = ""
    id_type: IdType | None = None
    id_number: str = ""
    birth_date: date | None = None
    birth_precision: BirthPrecision | None = None
    sex: Sex | None = None
    phone: str = ""
    email: str = ""
    address_text: str = ""
    address_unit_id: str = ""
    components: tuple[Component, ...] = ()
    fee_amount_vnd: int | None = None
    payment_status: PaymentStatus | None = None
    payment_method: PaymentMethod | None = None
    competent_unit: str = ""
    storage_location: str = ""
    copy_count: int | None = None
    page_count: int | None = None
    out_of_area: bool = False
    filed_by_clerk: bool = False
    source: Source = Source.DESK
    external_code: str = ""
    due_on: date | None = None


@value
class Registered(Reception):
    """A dossier was filed online and waits for the desk to accept it; it is not counted yet."""


@value
class Received(Reception):
    """A dossier was handed in; the header's `happened_at` is the reception.

    slip_code  code under which its slip was printed, that of the first dossier where several share one; "" for its own
    """

    dossier_code: str
    slip_code: str = ""


@value
class RefusedAtDesk(Reception):
    """A dossier was not accepted (*từ chối tiếp nhận*); it counts nowhere."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The dossier went to an officer or a unit; of an out-of-area one the first time is its arrival there."""

    case_officer: str = ""
    to_unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementRequested:
    """Papers are missing: once, complete, and with the reason (NĐ 61/2018 Đ.15(3)). `until_on` ends the waiting."""

    papers: str
    reason: str
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementReceived:
    """The missing papers are here."""

    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementExpired:
    """The missing papers did not come in time."""

    expired_on: date
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequested:
    """A financial duty has to be met before the work goes on."""

    amount_vnd: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDone:
    """The duty was met."""

    amount_vnd: int | None = None
    payment_method: PaymentMethod | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """An apology and a new appointment (NĐ 61/2018 Đ.19(9))."""

    reason: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The result is ready; `on_the_spot` where the desk really did it all (*tại chỗ*)."""

    result_kind: ResultKind
    result_number: str = ""
    result_date: date | None = None
    signer: str = ""
    on_the_spot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The result was handed over: to whom, and how it was done."""

    delivered_to: str
    delivered_by: DeliveryMethod
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The applicant took the dossier back (*rút hồ sơ*)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """The dossier was sent back unprocessed (*trả lại hồ sơ*, never *trả kết quả*)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Processing was stopped (*dừng giải quyết*)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Fields were corrected; `changes` holds new values as JSON, the header's `base` whose values they replace."""

    changes: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """A supervisor took the dossier out of every count (a test, a duplicate)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A citizen's answer, about a dossier or about none."""

    rating: Rating
    subject: RatingSubject
    source: RatingSource
    scale_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A form was printed; `copy` is 1 for the first print and rises with each one after it."""

    form: PaperForm
    copy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one machine had recorded and another one's word kept from counting."""

    step: "Payload"
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A person has settled that two machines let a dossier go on differently.

    entry  id of the entry that contradicts what stands
    takes  what that entry says, where it is to count in place of what stands; None where that stays
    """

    entry: str
    reason: str
    takes: Taken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The centre judges again, from here on, entries of the desk that it had set aside.

    entries  their ids; the header's clerk is who decided it, "" where a newer program did
    """

    entries: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed:
    """A person at the centre has decided that entries of the desk that it had set aside do not count.

    entries  their ids
    """

    entries: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedCount:
    """What an erased dossier had changed in the counts: by day of reception, ledger day and device."""

    received_on: date
    ledger_on: date
    slot: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """By a written order, the contents of all entries about a dossier are gone; what is counted of it stays.

    order    number of the order
    dossier  what stays, as `dossiers.state_content` has it: no personal data
    counts   what its entries had changed in the counts, which cannot be made again without their contents
    """

    order: str
    reason: str
    dossier: Mapping[str, Any]
    counts: tuple[ErasedCount, ...] = ()


Decision = Released | Dismissed | Erased
"""What only the centre decides, as device 0 of a desk; a supervisor's `void` comes from there too."""

Opening = Registered | Received | RefusedAtDesk
"""What may begin a dossier's life."""

Acceptance = Received | RefusedAtDesk
"""What may follow in the life of one that was filed online."""

Step = (
    Forwarded
    | SupplementRequested
    | SupplementReceived
    | SupplementExpired
    | PaymentRequested
    | PaymentDone
    | Extended
    | Resolved
    | Delivered
    | Withdrawn
    | SentBack
    | Stopped
    | Corrected
    | Voided
    | Rated
    | Printed
)
"""What may happen to a dossier that is there."""

AboutDossier = Opening | Step | Settled | Erased
"""What a dossier is made of, and what changes it."""

CLOSING = (Withdrawn, SentBack, Stopped, SupplementExpired)
"""Steps that end a dossier without a result."""

SETTLEABLE = (Resolved, Delivered, SupplementReceived, *CLOSING)
"""What may take the place of what stands. A citizen who holds two slips holds two: that can only be noted."""

Payload = EpochOpened | PacksAdopted | Declared | Answered | Opening | Step | Settled | Decision


class Event(NamedTuple):
    """An entry understood: its header and what it says."""

    header: Header
    payload: Payload

    @property
    def happened_at(self) -> datetime:
        """When it happened at the desk."""
        return self.header.happened_at
