"""Marshmallow schemas of what entries say: bytes to values and back, the same checks at both ends."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields as fields_of
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from marshmallow import EXCLUDE, RAISE, ValidationError, fields, post_dump, post_load, validate, validates_schema

from sync_protocol import events
from sync_protocol.dossier_codes import CODE_PATTERN
from sync_protocol.dossiers import state_of
from sync_protocol.entries import EntryId, Header, SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Event, Payload
from sync_protocol.identities import Sex, check_id_number, normalised_phone
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.lean import LeanSchema, Reader
from sync_protocol.periods import Period
from sync_protocol.signing import decoded, encoded, parsed
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import (
    CENTRE_SLOT,
    BirthPrecision,
    Cause,
    Channel,
    Declaration,
    DeliveryMethod,
    EpochCause,
    EventKind,
    IdType,
    OwnerType,
    PaperForm,
    PaymentMethod,
    PaymentStatus,
    Rating,
    RatingSource,
    RatingSubject,
    ResultKind,
    Source,
)

MISSING = N_("This field is needed.")
WRONG_KIND = N_("This is not of the right kind.")
WRONG_SIZE = N_("This is too short, too long or out of range.")
NOT_OFFERED = N_("This is not one of the possible words.")
UNKNOWN_FIELD = N_("There is no such field.")
GENERAL_TEXTS = frozenset({MISSING, WRONG_KIND, WRONG_SIZE, NOT_OFFERED, UNKNOWN_FIELD})
"""What is said of a field where its check has no words of its own; a page gives the field's advice in their place."""

FIELD_MESSAGES: dict[str, Any] = {
    "required": MISSING,
    "null": WRONG_KIND,
    "invalid": WRONG_KIND,
    "invalid_utf8": WRONG_KIND,
}
NAME_CHARACTERS_MAX = 150
TEXT_CHARACTERS_MAX = 500
COMPONENTS_MAX = 50
AMOUNT_VND_MAX = 10**12
COPIES_MAX = 9_999
CHANGES_MAX = 20
RELEASED_MAX = 500
COUNT_MAX = 2**31 - 1
ERASED_COUNTS_MAX = 200
LEFT_HASH_BYTES = 4
"""What is told of the hash of an entry left behind: with its number, enough to know it by."""

LEFT_MAX = 2_000
"""Of more entries the last ones are told."""

_LETTERS = r"(?:[^\W\d_][\u0300-\u036f]*)+"
PERSON_NAME = re.compile(rf"{_LETTERS}(?:[ .'’-]+{_LETTERS})*[.]?")
"""A person's name: letters, and between them spaces, points, apostrophes and dashes.

Some letters of the Ede and Jarai alphabets (ơ̆, ư̆) have no composed form, so a letter may be followed by its marks.
"""

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:[.][^@\s.]+)+")

BAD_PERSON_NAME = N_("A person's name has letters, spaces, points, apostrophes and dashes only; take out the rest.")
BAD_EMAIL = N_("An e-mail address looks like ten@vidu.vn; correct it or leave it empty.")
BAD_BIRTH = N_("A date of birth needs to say whether the day or only the year is known.")
NOBODY_NAMED = N_("Name the officer or the unit that the dossier goes to.")


class UnknownKind(FieldSyncError):
    """An entry of a kind or version that this program does not know yet."""

    code = "unknown_kind"
    text = N_("An entry of the kind %(kind)s, version %(version)d, is kept until this program is updated.")


class BadPayload(FieldSyncError):
    """An entry's payload does not fit its kind; it is kept as it is and set aside."""

    code = "bad_payload"
    text = N_("An entry of the kind %(kind)s is kept, but not counted: %(fields)s.")


class Text(fields.String):
    """A line of text: NFC, without control characters, spaces collapsed, bounded."""

    default_error_messages = FIELD_MESSAGES

    def __init__(self, *, least: int = 0, most: int = TEXT_CHARACTERS_MAX, **kwargs: Any) -> None:
        checks = [validate.Length(min=least, max=most, error=WRONG_SIZE), *filter(None, [kwargs.pop("validate", None)])]
        super().__init__(validate=checks, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return self.stored(super()._deserialize(value, attr, data, **kwargs))
        except FieldSyncError as error:
            raise ValidationError(error.text % error.values) from error

    stored: Callable[[str], str] = staticmethod(normalised)
    """Gives the text in its one form; raises the FieldSyncError that says why it has none."""

    def reader(self) -> Reader:
        """Reads a text as the field does."""
        stored, least, most, others = self.stored, self.least, self.most, self.validators[1:]

        def read(value: Any) -> str:
            if type(value) is not str:
                raise TypeError
            text = stored(value)
            if not least <= len(text) <= most:
                raise ValueError
            for check in others:
                check(text)
            return text

        return read


class Phone(Text):
    """A phone number in the form in which it is stored."""

    @staticmethod
    def stored(text: str) -> str:
        """The number as digits; an empty text is none."""
        kept = normalised(text)
        return normalised_phone(kept) if kept else kept


def word(words: type[StrEnum], **kwargs: Any) -> fields.Enum[Any]:
    """One word of a closed set, written as its value."""
    return fields.Enum(words, by_value=True, error_messages=FIELD_MESSAGES | {"unknown": NOT_OFFERED}, **kwargs)


def whole(least: int, most: int, **kwargs: Any) -> fields.Integer:
    """A whole number between two bounds."""
    within = validate.Range(min=least, max=most, error=WRONG_SIZE)
    return fields.Integer(strict=True, error_messages=FIELD_MESSAGES, validate=within, **kwargs)


class PayloadSchema(LeanSchema):
    """Loads into the dataclass of a kind; leaves out what is empty when it dumps."""

    class Meta:
        unknown = EXCLUDE

    makes: type[Payload]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The value of the kind."""
        return self.makes(**data)


class LeftRuns(fields.Field[tuple[events.LeftRun, ...]]):
    """Entries left behind, each run as ``[epoch, first sequence, the beginnings of their hashes in base64]``."""

    default_error_messages = FIELD_MESSAGES

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return [[epoch, first, encoded(b"".join(beginnings))] for epoch, first, beginnings in value]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[events.LeftRun, ...]:
        try:
            runs = tuple(_left_run(*run) for run in value)
        except (TypeError, ValueError) as error:
            raise ValidationError(WRONG_KIND) from error
        if sum(len(run.beginnings) for run in runs) > LEFT_MAX:
            raise ValidationError(WRONG_SIZE)
        return runs


def _left_run(epoch: object, first: object, text: str) -> events.LeftRun:
    hashes = decoded(text)
    if not (type(epoch) is type(first) is int and 0 < epoch <= COUNT_MAX and 0 < first <= COUNT_MAX):
        raise ValueError(epoch, first)
    if not hashes or len(hashes) % LEFT_HASH_BYTES:
        raise ValueError(text)
    cuts = range(0, len(hashes), LEFT_HASH_BYTES)
    return events.LeftRun(epoch, first, tuple(hashes[at : at + LEFT_HASH_BYTES] for at in cuts))


class EpochOpenedSchema(PayloadSchema):
    """Schema of `open_epoch`."""

    makes = events.EpochOpened
    app_version = Text(required=True, most=40)
    machine = Text(required=True, most=80)
    cause = word(EpochCause, load_default=None)
    parent_epoch = whole(0, COUNT_MAX, load_default=0)
    parent_sequence = whole(0, COUNT_MAX, load_default=0)
    parent_hash = Text(most=43, load_default="")
    witnessed_epoch = whole(0, COUNT_MAX, load_default=0)
    witnessed_sequence = whole(0, COUNT_MAX, load_default=0)
    left = LeftRuns(load_default=())


class PacksAdoptedSchema(PayloadSchema):
    """Schema of `adopt_packs`."""

    makes = events.PacksAdopted
    packs = fields.Dict(keys=Text(most=40), values=Text(most=64), required=True, validate=validate.Length(max=20))


class PeriodField(fields.Field[Period]):
    """A period as ``2021-09-21..2021-10-20``."""

    def _serialize(self, value: Period | None, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Period:
        try:
            first, last = str(value).split("..")
            return Period(first_on=date.fromisoformat(first), last_on=date.fromisoformat(last))
        except (ValueError, FieldSyncError) as error:
            raise ValidationError(WRONG_KIND) from error


class Day(fields.Field[date]):
    """A local day as ``2021-10-07``."""

    default_error_messages = FIELD_MESSAGES

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value.isoformat() if value else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(WRONG_KIND) from error
        # Python also reads 20211007 and 2021-W40-4, which other readers do not.
        if day.isoformat() != value:
            raise ValidationError(WRONG_KIND)
        return day


class Instant(fields.Field[datetime]):
    """An instant as RFC 3339 text with its offset."""

    default_error_messages = FIELD_MESSAGES

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return instant_text(value) if value else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return parse_instant(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError(WRONG_KIND) from error


def yes_or_no() -> fields.Boolean:
    """A claim that holds or does not."""
    return fields.Boolean(truthy={True}, falsy={False}, error_messages=FIELD_MESSAGES)


class DeclaredSchema(PayloadSchema):
    """Schema of `declare`."""

    makes = events.Declared
    period = PeriodField(required=True)
    declaration = word(Declaration, required=True)
    cause = word(Cause, allow_none=True)
    note = Text()
    paper_register_last = Text(most=40)
    certification_book_last = Text(most=40)


class AnsweredSchema(PayloadSchema):
    """Schema of `answer`."""

    makes = events.Answered
    period = PeriodField(required=True)
    note = Text(required=True, least=1)


class ComponentSchema(LeanSchema):
    """Schema of a paper of a dossier."""

    class Meta:
        unknown = EXCLUDE

    error_messages = {"unknown": UNKNOWN_FIELD, "type": WRONG_KIND}  # noqa: RUF012

    name = Text(required=True, least=1, most=300)
    originals = whole(0, COPIES_MAX)
    certified_copies = whole(0, COPIES_MAX)
    photocopies = whole(0, COPIES_MAX)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> events.Component:
        """The paper."""
        return events.Component(**data)

    @post_dump
    def leave_out(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Kinds of copies of which there are none are left out."""
        return {name: value for name, value in data.items() if value}


class Components(fields.List[Any]):
    """The papers of a dossier, in their order."""

    def __init__(self, unknown: Literal["exclude", "raise"] = EXCLUDE) -> None:
        super().__init__(
            fields.Nested(ComponentSchema, unknown=unknown, error_messages=FIELD_MESSAGES),
            validate=validate.Length(max=COMPONENTS_MAX, error=WRONG_SIZE),
            error_messages=FIELD_MESSAGES,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class ReceptionSchema(LeanSchema):
    """What is written down of a dossier, as entries hold it; `IntakeSchema` is what a clerk may give."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD, "type": WRONG_KIND}  # noqa: RUF012

    procedure_code = Text(required=True, least=8, most=40)
    submitter_name = Text(required=True, least=2, most=NAME_CHARACTERS_MAX)
    owner_name = Text(required=True, least=2, most=NAME_CHARACTERS_MAX)
    owner_type = word(OwnerType, required=True)
    channel = word(Channel, required=True)
    delivery_method = word(DeliveryMethod, required=True)
    set_count = whole(1, 999, required=True)
    summary = Text()
    authorisation = Text()
    id_type = word(IdType, allow_none=True)
    id_number = Text(most=20)
    birth_date = Day(allow_none=True)
    birth_precision = word(BirthPrecision, allow_none=True)
    sex = word(Sex, allow_none=True)
    phone = Phone(most=40)
    email = Text(most=150)
    address_text = Text()
    address_unit_id = Text(most=40)
    components = Components()
    fee_amount_vnd = whole(0, AMOUNT_VND_MAX, allow_none=True)
    payment_status = word(PaymentStatus, allow_none=True)
    payment_method = word(PaymentMethod, allow_none=True)
    competent_unit = Text(most=NAME_CHARACTERS_MAX)
    storage_location = Text(most=100)
    copy_count = whole(0, COPIES_MAX, allow_none=True)
    page_count = whole(0, COPIES_MAX, allow_none=True)
    out_of_area = yes_or_no()
    filed_by_clerk = yes_or_no()
    source = word(Source)
    external_code = Text(most=60)
    due_on = Day(allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def check_id(self, data: dict[str, Any], **_: Any) -> None:
        """Brings the number to the form of its kind of paper; what is wrong with it is told with what is elsewhere."""
        if not data.get("id_number"):
            return
        try:
            data["id_number"] = check_id_number(data.get("id_type") or IdType.OTHER, data["id_number"])
        except FieldSyncError as error:
            raise ValidationError(error.text % error.values, field_name="id_number") from error


class IntakeSchema(ReceptionSchema):
    """What a clerk may give of a dossier, by form, file or import.

    Stricter than what entries may hold, so that a rule that is tightened sets nothing aside that was sealed before it.
    """

    components = Components(unknown=RAISE)

    @validates_schema(skip_on_field_errors=False)
    def check_people(self, data: dict[str, Any], **_: Any) -> None:
        """Names of people are made of letters, and an address of mail has its sign (domain rule for names)."""
        problems = {
            "submitter_name": [BAD_PERSON_NAME] if _is_odd_name(data, "submitter_name") else [],
            "owner_name": [BAD_PERSON_NAME] if _is_odd_name(data, "owner_name") else [],
            "email": [BAD_EMAIL] if data.get("email") and not EMAIL.fullmatch(data["email"]) else [],
            "birth_date": [BAD_BIRTH] if bool(data.get("birth_date")) != bool(data.get("birth_precision")) else [],
        }
        if any(problems.values()):
            raise ValidationError({name: texts for name, texts in problems.items() if texts})


def _is_odd_name(data: Mapping[str, Any], field: str) -> bool:
    """Whether a citizen's name has other than letters; organisations have digits and signs in theirs."""
    name = data.get(field) or ""
    return bool(name) and data.get("owner_type") == OwnerType.CITIZEN and PERSON_NAME.fullmatch(name) is None


class OpeningSchema(ReceptionSchema):
    """Schema of the kinds that begin a dossier's life."""

    class Meta:
        unknown = EXCLUDE

    makes: type[Payload]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The value of the kind."""
        return self.makes(**data)


class RegisteredSchema(OpeningSchema):
    """Schema of `register`."""

    makes = events.Registered


def code_field(**kwargs: Any) -> Text:
    """The code on a slip."""
    return Text(most=60, validate=validate.Regexp(f"(?:{CODE_PATTERN.pattern})?\\Z", error=WRONG_KIND), **kwargs)


class ReceivedSchema(OpeningSchema):
    """Schema of `receive`: the reception with the code that its slip bears."""

    makes = events.Received
    dossier_code = code_field(required=True, least=1)
    slip_code = code_field()


class RefusedAtDeskSchema(OpeningSchema):
    """Schema of `refuse_at_desk`."""

    makes = events.RefusedAtDesk
    reason = Text(required=True, least=2)


class ForwardedSchema(PayloadSchema):
    """Schema of `forward`."""

    makes = events.Forwarded
    case_officer = Text(most=NAME_CHARACTERS_MAX)
    to_unit = Text(most=NAME_CHARACTERS_MAX)
    note = Text()

    @validates_schema
    def check_named(self, data: dict[str, Any], **_: Any) -> None:
        """Somebody is named."""
        if not data.get("case_officer") and not data.get("to_unit"):
            raise ValidationError(NOBODY_NAMED, field_name="case_officer")


class SupplementRequestedSchema(PayloadSchema):
    """Schema of `request_supplement`."""

    makes = events.SupplementRequested
    papers = Text(required=True, least=2, most=1_000)
    reason = Text(required=True, least=2)
    until_on = Day(allow_none=True)


class SupplementReceivedSchema(PayloadSchema):
    """Schema of `supplement_received`."""

    makes = events.SupplementReceived
    note = Text()


class SupplementExpiredSchema(PayloadSchema):
    """Schema of `supplement_expired`."""

    makes = events.SupplementExpired
    expired_on = Day(required=True)
    reason = Text()


class PaymentRequestedSchema(PayloadSchema):
    """Schema of `request_payment`."""

    makes = events.PaymentRequested
    amount_vnd = whole(0, AMOUNT_VND_MAX, required=True)
    reason = Text()


class PaymentDoneSchema(PayloadSchema):
    """Schema of `payment_done`."""

    makes = events.PaymentDone
    amount_vnd = whole(0, AMOUNT_VND_MAX, allow_none=True)
    payment_method = word(PaymentMethod, allow_none=True)


class ExtendedSchema(PayloadSchema):
    """Schema of `extend`."""

    makes = events.Extended
    reason = Text(required=True, least=2)
    due_on = Day(required=True)


class ResolvedSchema(PayloadSchema):
    """Schema of `resolve`."""

    makes = events.Resolved
    result_kind = word(ResultKind, load_default=ResultKind.GRANTED)
    result_number = Text(most=60)
    result_date = Day(allow_none=True)
    signer = Text(most=NAME_CHARACTERS_MAX)
    on_the_spot = yes_or_no()


class DeliveredSchema(PayloadSchema):
    """Schema of `deliver`."""

    makes = events.Delivered
    delivered_to = Text(required=True, least=2, most=NAME_CHARACTERS_MAX)
    delivered_by = word(DeliveryMethod, load_default=DeliveryMethod.COUNTER)
    note = Text()


class ReasonSchema(PayloadSchema):
    """Schema of the kinds that need a reason and nothing else."""

    reason = Text(required=True, least=2)


class WithdrawnSchema(ReasonSchema):
    """Schema of `withdraw`."""

    makes = events.Withdrawn


class SentBackSchema(ReasonSchema):
    """Schema of `send_back`."""

    makes = events.SentBack


class StoppedSchema(ReasonSchema):
    """Schema of `stop`."""

    makes = events.Stopped


class ChangesSchema(ReceptionSchema):
    """The fields that a correction may change; codes, ids and origin stay as they are."""

    class Meta:
        unknown = EXCLUDE
        exclude = ("source",)

    # An appointment may be moved and never taken away: the citizen holds a slip that names one.
    due_on = Day()
    received_at = Instant()
    resolved_at = Instant()
    delivered_at = Instant()
    result_kind = word(ResultKind)
    result_number = Text(most=60)
    result_date = Day(allow_none=True)
    signer = Text(most=NAME_CHARACTERS_MAX)
    delivered_to = Text(least=2, most=NAME_CHARACTERS_MAX)
    delivered_by = word(DeliveryMethod)


CHANGES = ChangesSchema(partial=True)
CORRECTABLE = frozenset(CHANGES.fields)
"""Names of the fields that a correction may change."""


class ChangesField(fields.Field[dict[str, Any]]):
    """New values by field, kept as JSON in the forms in which they are stored."""

    default_error_messages = FIELD_MESSAGES

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return dict(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not 1 <= len(value) <= CHANGES_MAX:
            raise ValidationError(WRONG_SIZE)
        try:
            stored = CHANGES.dump(CHANGES.load(value))
        except ValidationError as error:
            raise ValidationError(error.normalized_messages()) from error
        if not stored:
            raise ValidationError(UNKNOWN_FIELD)
        return dict(stored)


class CorrectedSchema(PayloadSchema):
    """Schema of `correct`."""

    makes = events.Corrected
    changes = ChangesField(required=True)
    reason = Text(required=True, least=2)


class VoidedSchema(ReasonSchema):
    """Schema of `void`."""

    makes = events.Voided


class RatedSchema(PayloadSchema):
    """Schema of `rate`."""

    makes = events.Rated
    rating = word(Rating, required=True)
    subject = word(RatingSubject, load_default=RatingSubject.SERVICE)
    source = word(RatingSource, load_default=RatingSource.SCREEN)
    scale_version = Text(most=40, load_default="1")


class PrintedSchema(PayloadSchema):
    """Schema of `print`."""

    makes = events.Printed
    form = word(PaperForm, required=True)
    copy = whole(1, COPIES_MAX, load_default=1)


class EntryName(Text):
    """The id of an entry within its desk."""

    @staticmethod
    def stored(text: str) -> str:
        """The id as it is written."""
        try:
            return str(EntryId.parse(normalised(text)))
        except ValueError as error:
            raise ValidationError(WRONG_KIND) from error


class Series(fields.List[Any]):
    """A list that is kept as a tuple."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class TakenField(fields.Field[events.Taken]):
    """A step that takes the place of what stands, as JSON: its kind, when it happened, and what it says."""

    default_error_messages = FIELD_MESSAGES

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        kind, at = KINDS[type(value.step)].value, instant_text(value.happened_at)
        return {"kind": kind, "happened_at": at, "content": payload_content(value.step)}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> events.Taken:
        try:
            kind, at = EventKind(value["kind"]), parse_instant(value["happened_at"])
            step = SCHEMAS[kind].load(value["content"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValidationError(WRONG_KIND) from error
        if not isinstance(step, events.SETTLEABLE):
            raise ValidationError(NOT_OFFERED)
        return events.Taken(step=step, happened_at=at)


class SettledSchema(PayloadSchema):
    """Schema of `settle`."""

    makes = events.Settled
    entry = EntryName(required=True, most=60)
    reason = Text(required=True, least=2)
    takes = TakenField(load_default=None)


class NamedEntriesSchema(PayloadSchema):
    """Entries that a decision names, and why."""

    entries = Series(
        EntryName(most=60),
        required=True,
        validate=validate.Length(min=1, max=RELEASED_MAX, error=WRONG_SIZE),
        error_messages=FIELD_MESSAGES,
    )
    reason = Text(required=True, least=2)


class ReleasedSchema(NamedEntriesSchema):
    """Schema of `release`."""

    makes = events.Released


class DismissedSchema(NamedEntriesSchema):
    """Schema of `dismiss`."""

    makes = events.Dismissed


class ErasedCountSchema(LeanSchema):
    """Schema of what an erased dossier had changed in the counts."""

    class Meta:
        unknown = EXCLUDE

    received_on = Day(required=True)
    ledger_on = Day(required=True)
    slot = whole(0, 10**6, required=True)
    count = fields.Integer(strict=True, required=True, error_messages=FIELD_MESSAGES)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> events.ErasedCount:
        """The value."""
        return events.ErasedCount(**data)


class StateField(fields.Field[dict[str, Any]]):
    """What stays of a dossier, as JSON."""

    default_error_messages = FIELD_MESSAGES

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return dict(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            state_of(value)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise ValidationError(WRONG_KIND) from error
        return dict(value)


class ErasedSchema(PayloadSchema):
    """Schema of `erase`."""

    makes = events.Erased
    order = Text(required=True, least=1, most=60)
    reason = Text(required=True, least=2)
    dossier = StateField(required=True)
    counts = Series(
        fields.Nested(ErasedCountSchema, unknown=EXCLUDE, error_messages=FIELD_MESSAGES),
        validate=validate.Length(max=ERASED_COUNTS_MAX, error=WRONG_SIZE),
        error_messages=FIELD_MESSAGES,
    )


KIND_VERSION = 1
SCHEMAS: dict[EventKind, PayloadSchema | OpeningSchema] = {
    EventKind.OPEN_EPOCH: EpochOpenedSchema(),
    EventKind.ADOPT_PACKS: PacksAdoptedSchema(),
    EventKind.DECLARE: DeclaredSchema(),
    EventKind.ANSWER: AnsweredSchema(),
    EventKind.REGISTER: RegisteredSchema(),
    EventKind.RECEIVE: ReceivedSchema(),
    EventKind.REFUSE_AT_DESK: RefusedAtDeskSchema(),
    EventKind.FORWARD: ForwardedSchema(),
    EventKind.REQUEST_SUPPLEMENT: SupplementRequestedSchema(),
    EventKind.SUPPLEMENT_RECEIVED: SupplementReceivedSchema(),
    EventKind.SUPPLEMENT_EXPIRED: SupplementExpiredSchema(),
    EventKind.REQUEST_PAYMENT: PaymentRequestedSchema(),
    EventKind.PAYMENT_DONE: PaymentDoneSchema(),
    EventKind.EXTEND: ExtendedSchema(),
    EventKind.RESOLVE: ResolvedSchema(),
    EventKind.DELIVER: DeliveredSchema(),
    EventKind.WITHDRAW: WithdrawnSchema(),
    EventKind.SEND_BACK: SentBackSchema(),
    EventKind.STOP: StoppedSchema(),
    EventKind.CORRECT: CorrectedSchema(),
    EventKind.VOID: VoidedSchema(),
    EventKind.RATE: RatedSchema(),
    EventKind.PRINT: PrintedSchema(),
    EventKind.SETTLE: SettledSchema(),
    EventKind.RELEASE: ReleasedSchema(),
    EventKind.DISMISS: DismissedSchema(),
    EventKind.ERASE: ErasedSchema(),
}
CENTRE_KINDS = frozenset({EventKind.RELEASE, EventKind.DISMISS, EventKind.ERASE})
"""Kinds that only the centre's own device of a desk may seal."""
KINDS = {schema.makes: kind for kind, schema in SCHEMAS.items()}


def _fields_said_of(schema: PayloadSchema | OpeningSchema) -> dict[str, tuple[fields.Field[Any], Any]]:
    """The fields of a kind in the order of its schema, each with its default."""
    defaults = {each.name: each.default for each in fields_of(schema.makes)}
    return {name: (field, defaults[name]) for name, field in schema.dump_fields.items()}


_SAID = {schema.makes: _fields_said_of(schema) for schema in SCHEMAS.values()}


def payload_content(payload: Payload) -> dict[str, Any]:
    """A payload as JSON content; fields that are empty or at their default are left out."""
    # As the schema dumps it, but only what is said goes through its field: of a reception's thirty most are empty.
    said = {
        name: field
        for name, (field, default) in _SAID[type(payload)].items()
        if (value := getattr(payload, name)) not in ("", None) and value != default
    }
    return {name: field.serialize(name, payload) for name, field in said.items()}


def read_event(entry: SealedEntry, header: Header | None = None) -> Event:
    """What an entry says; raises BadEntry, UnknownKind or BadPayload, never anything else.

    header  the entry's own, where the caller has read it before
    """
    header = header or entry.header
    if header.kind not in SCHEMAS or header.version != KIND_VERSION:
        raise UnknownKind(kind=header.kind, version=header.version)
    if header.kind in CENTRE_KINDS and header.slot != CENTRE_SLOT:
        raise BadPayload(kind=header.kind, fields=N_("only the centre decides this"))
    if entry.payload is None:
        raise BadPayload(kind=header.kind, fields=N_("its content was erased"))
    try:
        return Event(header, SCHEMAS[EventKind(header.kind)].load(parsed(entry.payload)))
    except ValidationError as error:
        names = sorted(error.messages) if isinstance(error.messages, dict) else [N_("its content")]
        raise BadPayload(kind=header.kind, fields=", ".join(map(str, names))) from error
    except ValueError as error:
        raise BadPayload(kind=header.kind, fields=N_("its content")) from error
