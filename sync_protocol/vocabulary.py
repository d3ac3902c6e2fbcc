"""The words that both ends share: identifiers and closed sets.

Source of the terms: the field's own forms and decrees; the glossary stands in README.
"""

from dataclasses import dataclass
from enum import StrEnum

DeskCode = str
"""Code of a one-stop desk in the register of desks, for example ``H62.31.04``."""

CENTRE_SLOT = 0
"""The slot of the centre itself at each desk: what it decides there, it seals in a journal of its own."""

ProcedureCode = str
"""National code of an administrative procedure, always text, for example ``2.000815``."""


@dataclass(frozen=True, slots=True, order=True)
class DeviceId:
    """One enrolled installation: the desk and its slot there (1 and up, never reused)."""

    desk: DeskCode
    slot: int

    def __str__(self) -> str:
        return f"{self.desk}/{self.slot}"


class EpochCause(StrEnum):
    """Why an installation does not simply go on with its journal.

    restored  it knows that entries were written behind its last one, so its file is an older state
    copied    it stands on another machine or in another folder than before
    parted    the centre holds another continuation of the same journal
    """

    RESTORED = "restored"
    COPIED = "copied"
    PARTED = "parted"


class EventKind(StrEnum):
    """Kinds of journal entries that this version understands."""

    OPEN_EPOCH = "open_epoch"
    ADOPT_PACKS = "adopt_packs"
    DECLARE = "declare"
    ANSWER = "answer"
    REGISTER = "register"
    RECEIVE = "receive"
    REFUSE_AT_DESK = "refuse_at_desk"
    FORWARD = "forward"
    REQUEST_SUPPLEMENT = "request_supplement"
    SUPPLEMENT_RECEIVED = "supplement_received"
    SUPPLEMENT_EXPIRED = "supplement_expired"
    REQUEST_PAYMENT = "request_payment"
    PAYMENT_DONE = "payment_done"
    EXTEND = "extend"
    RESOLVE = "resolve"
    DELIVER = "deliver"
    WITHDRAW = "withdraw"
    SEND_BACK = "send_back"
    STOP = "stop"
    CORRECT = "correct"
    VOID = "void"
    RATE = "rate"
    PRINT = "print"
    SETTLE = "settle"
    RELEASE = "release"
    DISMISS = "dismiss"
    ERASE = "erase"


class Channel(StrEnum):
    """How a dossier reached the desk."""

    DIRECT = "direct"
    ONLINE = "online"
    POST = "post"


class DeliveryMethod(StrEnum):
    """How the result is to be handed over."""

    COUNTER = "counter"
    POST = "post"
    ONLINE = "online"


class OwnerType(StrEnum):
    """Whom a dossier is for."""

    CITIZEN = "citizen"
    BUSINESS = "business"
    STATE_AGENCY = "state_agency"
    ORGANISATION = "organisation"
    OTHER = "other"


class IdType(StrEnum):
    """Kind of an identity number."""

    CCCD = "cccd"
    CMND = "cmnd"
    PASSPORT = "passport"
    TAX_CODE = "tax_code"
    OTHER = "other"


class LimitUnit(StrEnum):
    """Unit of a procedure's time limit."""

    SAME_DAY = "same_day"
    HOUR = "hour"
    HALF_DAY = "half_day"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"


class BirthPrecision(StrEnum):
    """How much of a date of birth is known; many older people know only the year."""

    DAY = "day"
    YEAR = "year"


class PaymentStatus(StrEnum):
    """How far a fee has come."""

    UNPAID = "unpaid"
    PENDING = "pending"
    PAID = "paid"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class PaymentMethod(StrEnum):
    """How a fee was paid: in notes, or without them."""

    CASH = "cash"
    NON_CASH = "non_cash"


class Source(StrEnum):
    """How a dossier came into this system.

    An `opening` one was open when the system was introduced: it keeps its old printed code and due date, and is never
    marked as entered late.
    """

    DESK = "desk"
    IMPORT = "import"
    OPENING = "opening"


class DossierStage(StrEnum):
    """Where a dossier stands in its life (states of deployed one-stop software)."""

    REGISTERED = "registered"
    RECEIVED = "received"
    NOT_ACCEPTED = "not_accepted"
    PROCESSING = "processing"
    AWAITING_SUPPLEMENT = "awaiting_supplement"
    AWAITING_PAYMENT = "awaiting_payment"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    SENT_BACK = "sent_back"
    RESOLVED = "resolved"
    DELIVERED = "delivered"
    VOIDED = "voided"


class WaitKind(StrEnum):
    """What a dossier waits for while its clock is held."""

    SUPPLEMENT = "supplement"
    PAYMENT = "payment"


class Rating(StrEnum):
    """A citizen's answer about the service."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"


class RatingSubject(StrEnum):
    """Whom or what a citizen rates."""

    OFFICER = "officer"
    AGENCY = "agency"
    SERVICE = "service"


class RatingSource(StrEnum):
    """Where a citizen gave the answer."""

    SCREEN = "screen"
    MACHINE = "machine"
    FORM = "form"


class PaperForm(StrEnum):
    """A form by its meaning; its number changes with the circular in force."""

    RECEIPT = "receipt"
    SUPPLEMENT_REQUEST = "supplement_request"
    REFUSAL = "refusal"
    APOLOGY = "apology"
    CONTROL_SLIP = "control_slip"
    STOP_NOTICE = "stop_notice"
    REGISTER_BOOK = "register_book"


class Cause(StrEnum):
    """Why a desk entered nothing or little, in its own words."""

    NO_NETWORK = "no_network"
    MACHINE_BROKEN = "machine_broken"
    STAFF = "staff"
    NOTHING_AROSE = "nothing_arose"
    OTHER_SOFTWARE = "other_software"
    OTHER = "other"


class ResultKind(StrEnum):
    """How a dossier was decided."""

    GRANTED = "granted"
    REFUSED_AFTER_APPRAISAL = "refused_after_appraisal"


class Declaration(StrEnum):
    """What a desk says of a period of its own."""

    COMPLETE = "complete"
    NIL = "nil"


class VerdictKind(StrEnum):
    """What the centre made of one entry after storing it."""

    APPLIED = "applied"
    MERGED = "merged"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    DISMISSED = "dismissed"
    FUTURE = "future"


class UnitLevel(StrEnum):
    """Level of an administrative unit."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Role(StrEnum):
    """What a person may do. The first three belong to the centre, the last two to a desk."""

    PROVINCE = "province"
    AUDITOR = "auditor"
    SUPERVISOR = "supervisor"
    HEAD = "head"
    CLERK = "clerk"


class Flag(StrEnum):
    """The plain rule: how many dossiers were entered, whatever is known of the rest."""

    ZERO = "zero"
    FEW = "few"
    OK = "ok"


class DeviceState(StrEnum):
    """Whether a device's word counts.

    pending    waits for approval: its entries are kept and count once it is approved
    spare      in reserve: what it sends counts, but nobody waits for its word
    suspended, lost, replaced, retired   revoked: what it sends is kept and set aside
    """

    ACTIVE = "active"
    PENDING = "pending"
    SPARE = "spare"
    SUSPENDED = "suspended"
    LOST = "lost"
    REPLACED = "replaced"
    RETIRED = "retired"


class Standing(StrEnum):
    """The judgement on a desk in a period, with what is known taken into account."""

    MET = "met"
    FEW = "few"
    ZERO = "zero"
    HELD = "held"
    SILENT = "silent"
    NEVER_HEARD = "never_heard"
    NO_DEVICE = "no_device"
    ELSEWHERE = "elsewhere"
    UNDER_REVIEW = "under_review"
    EXEMPT = "exempt"
