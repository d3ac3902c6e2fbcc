"""The fields of a correction: how each stands in the form, and what was changed in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from desk_client.services.recording import InvalidReception
from desk_client.storage.dossiers import Stored
from desk_client.web.field_words import RESULT_KINDS, birth_text
from desk_client.web.formatting import day_text
from desk_client.web.step_fields import FieldKind, StepField
from desk_client.web.typed import AMOUNT, TypedPaper, parse_birth, parse_day, parse_time, whole_number
from desk_client.web.words import (
    CHANNELS,
    DELIVERY_METHODS,
    ID_TYPES,
    OWNER_TYPES,
    PAYMENT_METHODS,
    PAYMENT_STATUSES,
    SEXES,
)
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, instant_text, local_date, local_instant
from sync_protocol.texts import masked

NUMBER_CHARACTERS_MAX = 4
MOMENT_CHARACTERS_MAX = 20
COMPONENTS = "components"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the form, under a heading."""

    title: str
    fields: tuple[StepField, ...]


def _moment(name: str) -> StepField:
    return StepField(
        name=name, kind=FieldKind.MOMENT, most=MOMENT_CHARACTERS_MAX, span=4, hint=N_("Day and time, 04/10/2021 08:15")
    )


def _number(name: str) -> StepField:
    return StepField(name=name, kind=FieldKind.NUMBER, most=NUMBER_CHARACTERS_MAX, span=2)


def _optional(name: str, words: Mapping[Any, str], span: int) -> StepField:
    return StepField(name=name, kind=FieldKind.CHOICE, span=span, words={"": N_("not stated")} | dict(words))


PEOPLE = Section(
    title=N_("People"),
    fields=(
        StepField(name="submitter_name", most=150, span=6, is_needed=True),
        StepField(name="owner_name", most=150, span=6, is_needed=True),
        StepField(name="owner_type", kind=FieldKind.CHOICE, span=4, words=OWNER_TYPES),
        _optional("id_type", ID_TYPES, 4),
        StepField(name="id_number", most=20, span=4, hint=N_("Type the whole number to change it.")),
        StepField(name="birth_date", kind=FieldKind.BIRTH, most=10, span=3),
        _optional("sex", SEXES, 3),
        StepField(name="phone", most=40, span=3),
        StepField(name="email", most=150, span=3),
        StepField(name="address_text"),
        StepField(name="authorisation"),
    ),
)
REQUEST = Section(
    title=N_("Dossier"),
    fields=(
        StepField(name="procedure_code", kind=FieldKind.CHOICE, words={}),
        StepField(name="summary"),
        _moment("received_at"),
        StepField(name="due_on", label=N_("Appointment"), kind=FieldKind.DAY, most=10, span=4),
        _number("set_count"),
        StepField(name="external_code", most=60, span=2),
        StepField(name="channel", kind=FieldKind.RADIOS, span=6, words=CHANNELS),
        StepField(name="delivery_method", kind=FieldKind.RADIOS, span=6, words=DELIVERY_METHODS),
        _number("copy_count"),
        _number("page_count"),
        StepField(name="fee_amount_vnd", kind=FieldKind.AMOUNT, most=20, span=2),
        _optional("payment_status", PAYMENT_STATUSES, 3),
        _optional("payment_method", PAYMENT_METHODS, 3),
        StepField(name="competent_unit", most=150, span=8),
        StepField(name="storage_location", most=100, span=4),
        StepField(name="out_of_area", kind=FieldKind.TICK, span=6),
        StepField(name="filed_by_clerk", kind=FieldKind.TICK, span=6),
    ),
)
RESULT = Section(
    title=N_("Result"),
    fields=(
        _moment("resolved_at"),
        StepField(name="result_kind", kind=FieldKind.RADIOS, span=8, words=RESULT_KINDS),
        StepField(name="result_number", most=60, span=4),
        StepField(name="result_date", kind=FieldKind.DAY, most=10, span=3),
        StepField(name="signer", most=150, span=5),
    ),
)
DELIVERY = Section(
    title=N_("Handing over"),
    fields=(
        _moment("delivered_at"),
        StepField(name="delivered_to", most=150, span=8, is_needed=True),
        StepField(name="delivered_by", kind=FieldKind.RADIOS, span=8, words=DELIVERY_METHODS),
    ),
)

ADVICE_OF_MOMENTS = N_("Type the day and the time, such as 04/10/2021 08:15.")


def sections_of(stored: Stored) -> tuple[Section, ...]:
    """What a dossier has that may be corrected."""
    dossier = stored.dossier
    result = (RESULT,) if dossier.resolved_at else ()
    return (PEOPLE, REQUEST, *result, *((DELIVERY,) if dossier.delivered_at else ()))


def fields_of(stored: Stored) -> tuple[StepField, ...]:
    """The fields of all sections."""
    return tuple(field for section in sections_of(stored) for field in section.fields)


def papers_of(stored: Stored) -> tuple[TypedPaper, ...]:
    """The papers of a dossier as rows of a form."""
    return tuple(
        TypedPaper(**{part: str(value) for part, value in component.items()})
        for component in stored.content.get(COMPONENTS, ())
    )


def texts_of(stored: Stored) -> dict[str, str]:
    """How each field stands in the form; the identity number masked, since a form is no place to read it."""
    dossier, content = stored.dossier, stored.content
    moments = {
        "received_at": dossier.received_at,
        "resolved_at": dossier.resolved_at,
        "delivered_at": dossier.delivered_at,
    }
    own = {name: _moment_text(at) for name, at in moments.items()} | {
        "id_number": masked(stored.text("id_number")),
        "birth_date": birth_text(content),
        "due_on": day_text(local_date(stored.due_at)) if stored.due_at else "",
        "result_kind": dossier.result_kind.value if dossier.result_kind else "",
        "delivered_by": dossier.delivered_by.value if dossier.delivered_by else "",
    }
    return {field.name: own.get(field.name, _text(field, content.get(field.name))) for field in fields_of(stored)}


def changes_of(
    stored: Stored, typed: Mapping[str, str], components: list[dict[str, Any]] | None, today: date
) -> dict[str, Any]:
    """New values by field, as JSON, of the fields that were typed anew.

    typed       the texts that are not as the form offered them
    components  the papers where their rows were changed, else None
    Raises InvalidReception, without words of its own, for what is no day, no time or no date of birth.
    """
    changes: dict[str, Any] = {} if components is None else {COMPONENTS: components}
    problems: dict[str, list[str]] = {}
    for field in fields_of(stored):
        if field.name in typed:
            try:
                changes |= _changed(field, typed[field.name].strip(), today)
            except ValueError:
                problems[field.name] = []
    if problems:
        raise InvalidReception(problems)
    return changes | _with_its_pair(stored, changes)


def _with_its_pair(stored: Stored, changes: Mapping[str, Any]) -> dict[str, Any]:
    """An identity number is checked by its kind, so that one does not go without the other."""
    pair = ("id_type", "id_number")
    if not any(name in changes for name in pair):
        return {}
    return {name: changes.get(name, stored.content.get(name)) for name in pair} | _without_number(changes)


def _without_number(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {"id_type": None} if changes.get("id_number") == "" else {}


def _changed(field: StepField, text: str, today: date) -> dict[str, Any]:
    match field.kind:
        case FieldKind.BIRTH:
            born_on, precision = parse_birth(text, today) if text else (None, None)
            return {
                "birth_date": born_on.isoformat() if born_on else None,
                "birth_precision": precision.value if precision else None,
            }
        case FieldKind.MOMENT:
            return {field.name: _moment_value(text, today)}
        case FieldKind.DAY:
            return {field.name: parse_day(text, today).isoformat() if text else None}
        case FieldKind.AMOUNT:
            match = AMOUNT.fullmatch(text)
            digits = "".join(filter(str.isdigit, match[1])) if match else ""
            return {field.name: int(digits) if digits else (text or None)}
        case FieldKind.NUMBER:
            return {field.name: whole_number(text) if text else None}
        case FieldKind.TICK:
            return {field.name: text == "yes"}
        case FieldKind.CHOICE:
            return {field.name: text or None}
        case _:
            return {field.name: text}


def _moment_value(text: str, today: date) -> str:
    day, _, wall_time = text.partition(" ")
    at = parse_time(wall_time, datetime.min.time())
    if not wall_time.strip():
        raise ValueError("a moment has a day and a time")
    return instant_text(local_instant(parse_day(day, today), at))


def _moment_text(at: datetime | None) -> str:
    return at.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M") if at else ""


def _text(field: StepField, value: Any) -> str:
    if field.kind is FieldKind.TICK:
        return "yes" if value else ""
    if field.kind is FieldKind.DAY and value:
        return day_text(date.fromisoformat(value))
    return "" if value is None else str(value)
