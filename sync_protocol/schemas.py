"""Marshmallow schemas of what entries say: bytes to values and back, the same checks at both ends."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

from sync_protocol.dossier_codes import CODE_PATTERN
from sync_protocol.entries import SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import (
    Declared,
    Delivered,
    EpochOpened,
    Event,
    PacksAdopted,
    Payload,
    Received,
    Resolved,
    Voided,
)
from sync_protocol.identities import check_id_number, normalised_phone
from sync_protocol.periods import Period
from sync_protocol.signing import parsed
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import Channel, Declaration, DeliveryMethod, EventKind, IdType, OwnerType, ResultKind

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

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return _passed(normalised, super()._deserialize(value, attr, data, **kwargs))


class Phone(Text):
    """A phone number in the form in which it is stored."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return _passed(normalised_phone, text) if text else text


def word(words: type[StrEnum], **kwargs: Any) -> fields.Enum[Any]:
    """One word of a closed set, written as its value."""
    return fields.Enum(words, by_value=True, error_messages=FIELD_MESSAGES | {"unknown": NOT_OFFERED}, **kwargs)


def _passed(check: Callable[[str], str], text: str) -> str:
    """A text brought to its one form; its own error becomes the field's."""
    try:
        return check(text)
    except FieldSyncError as error:
        raise ValidationError(error.text % error.values) from error


class PayloadSchema(Schema):
    """Loads into the dataclass of a kind; leaves out what is empty when it dumps."""

    class Meta:
        unknown = EXCLUDE

    makes: type[Payload]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Payload:
        """The value of the kind."""
        return self.makes(**data)


class EpochOpenedSchema(PayloadSchema):
    """Schema of `open_epoch`."""

    makes = EpochOpened
    app_version = Text(required=True, most=40)
    machine = Text(required=True, most=80)


class PacksAdoptedSchema(PayloadSchema):
    """Schema of `adopt_packs`."""

    makes = PacksAdopted
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


class DeclaredSchema(PayloadSchema):
    """Schema of `declare`."""

    makes = Declared
    period = PeriodField(required=True)
    declaration = word(Declaration, required=True)


class ReceptionSchema(Schema):
    """What a clerk gives of a dossier that is handed in, by form, file or import."""

    error_messages = {"unknown": UNKNOWN_FIELD, "type": WRONG_KIND}  # noqa: RUF012

    procedure_code = Text(required=True, least=8, most=40)
    submitter_name = Text(required=True, least=2, most=NAME_CHARACTERS_MAX)
    owner_name = Text(required=True, least=2, most=NAME_CHARACTERS_MAX)
    owner_type = word(OwnerType, required=True)
    channel = word(Channel, required=True)
    delivery_method = word(DeliveryMethod, required=True)
    set_count = fields.Integer(
        strict=True,
        required=True,
        error_messages=FIELD_MESSAGES,
        validate=validate.Range(min=1, max=999, error=WRONG_SIZE),
    )
    summary = Text()
    id_type = word(IdType, allow_none=True)
    id_number = Text(most=20)
    phone = Phone(most=40)
    email = Text(most=150)
    address_text = Text()
    external_code = Text(most=60)

    @validates_schema(skip_on_field_errors=False)
    def check_id(self, data: dict[str, Any], **_: Any) -> None:
        """The number has the form of its kind of paper, told together with what is wrong elsewhere."""
        self._with_checked_id(data)

    @post_load
    def finish(self, data: dict[str, Any], **_: Any) -> Any:
        """The fields in the forms in which they are stored."""
        return self._with_checked_id(data)

    def _with_checked_id(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data.get("id_number"):
            return data
        try:
            number = check_id_number(data.get("id_type") or IdType.OTHER, data["id_number"])
        except FieldSyncError as error:
            raise ValidationError(error.text % error.values, field_name="id_number") from error
        return data | {"id_number": number}


class ReceivedSchema(ReceptionSchema):
    """Schema of `receive`: the reception with the code that its slip bears."""

    makes = Received
    dossier_code = Text(
        required=True, most=60, validate=validate.Regexp(f"{CODE_PATTERN.pattern}\\Z", error=WRONG_KIND)
    )

    class Meta:
        unknown = EXCLUDE

    @post_load
    def finish(self, data: dict[str, Any], **_: Any) -> Payload:
        """The value of the kind."""
        return Received(**super().finish(data))


class ResolvedSchema(PayloadSchema):
    """Schema of `resolve`."""

    makes = Resolved
    result_kind = word(ResultKind, load_default=ResultKind.GRANTED)


class DeliveredSchema(PayloadSchema):
    """Schema of `deliver`."""

    makes = Delivered
    delivered_to = Text(required=True, least=2, most=NAME_CHARACTERS_MAX)
    delivered_by = word(DeliveryMethod, load_default=DeliveryMethod.COUNTER)


class VoidedSchema(PayloadSchema):
    """Schema of `void`."""

    makes = Voided
    reason = Text(required=True, least=2)


KIND_VERSION = 1
SCHEMAS: dict[EventKind, PayloadSchema | ReceivedSchema] = {
    EventKind.OPEN_EPOCH: EpochOpenedSchema(),
    EventKind.ADOPT_PACKS: PacksAdoptedSchema(),
    EventKind.DECLARE: DeclaredSchema(),
    EventKind.RECEIVE: ReceivedSchema(),
    EventKind.RESOLVE: ResolvedSchema(),
    EventKind.DELIVER: DeliveredSchema(),
    EventKind.VOID: VoidedSchema(),
}
KINDS = {schema.makes: kind for kind, schema in SCHEMAS.items()}


def payload_content(payload: Payload) -> dict[str, Any]:
    """A payload as JSON content, empty fields left out."""
    content = SCHEMAS[KINDS[type(payload)]].dump(payload)
    return {name: value for name, value in content.items() if value not in ("", None)}


def read_event(entry: SealedEntry) -> Event:
    """What an entry says; raises BadEntry, UnknownKind or BadPayload, never anything else."""
    header = entry.header
    if header.kind not in SCHEMAS or header.version != KIND_VERSION:
        raise UnknownKind(kind=header.kind, version=header.version)
    if entry.payload is None:
        raise BadPayload(kind=header.kind, fields=N_("its content was erased"))
    try:
        return Event(header, SCHEMAS[EventKind(header.kind)].load(parsed(entry.payload)))
    except ValidationError as error:
        names = sorted(error.messages) if isinstance(error.messages, dict) else [N_("its content")]
        raise BadPayload(kind=header.kind, fields=", ".join(map(str, names))) from error
    except ValueError as error:
        raise BadPayload(kind=header.kind, fields=N_("its content")) from error
