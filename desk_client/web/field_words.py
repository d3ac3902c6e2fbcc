"""The fields of a dossier in words: how each is called and how its value is shown, on pages and in the history."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from desk_client.web.formatting import DASH, day_text, local_time, number
from desk_client.web.speech import gettext
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
from sync_protocol.instants import parse_instant
from sync_protocol.texts import masked
from sync_protocol.vocabulary import BirthPrecision, Rating, RatingSource, ResultKind, Source

LABELS = {
    "procedure_code": N_("Procedure"),
    "summary": N_("Summary"),
    "submitter_name": N_("Submitter"),
    "owner_name": N_("Owner"),
    "owner_type": N_("The owner is"),
    "authorisation": N_("Authorisation"),
    "id_type": N_("Identity paper"),
    "id_number": N_("Number of the paper"),
    "birth_date": N_("Date of birth"),
    "sex": N_("Sex"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "address_text": N_("Address"),
    "address_unit_id": N_("Unit of the address"),
    "channel": N_("Handed in"),
    "filed_by_clerk": N_("Typed in for the citizen by the desk"),
    "out_of_area": N_("Received regardless of area"),
    "delivery_method": N_("Result to be handed over"),
    "set_count": N_("Sets"),
    "components": N_("Papers"),
    "copy_count": N_("Copies"),
    "page_count": N_("Pages"),
    "fee_amount_vnd": N_("Fee"),
    "payment_status": N_("Payment"),
    "payment_method": N_("Paid how"),
    "competent_unit": N_("Competent agency"),
    "storage_location": N_("Kept at"),
    "external_code": N_("Code in other software"),
    "source": N_("Origin"),
    "received_at": N_("Received"),
    "due_at": N_("Appointment"),
    "due_on": N_("Appointment"),
    "case_officer": N_("Officer"),
    "to_unit": N_("Agency"),
    "papers": N_("Papers to bring"),
    "until_on": N_("To be brought by"),
    "expired_on": N_("Time ran out on"),
    "reason": N_("Reason"),
    "note": N_("Note"),
    "result_kind": N_("Result"),
    "result_number": N_("Number of the result"),
    "result_date": N_("Date of the result"),
    "signer": N_("Signed by"),
    "on_the_spot": N_("Done on the spot"),
    "resolved_at": N_("Result ready since"),
    "delivered_at": N_("Handed over at"),
    "delivered_to": N_("Taken by"),
    "delivered_by": N_("Handed over how"),
    "amount_vnd": N_("Amount"),
}

RESULT_KINDS = {
    ResultKind.GRANTED: N_("Granted"),
    ResultKind.REFUSED_AFTER_APPRAISAL: N_("Refused after appraisal"),
}

SOURCES = {
    Source.DESK: N_("Entered at the desk"),
    Source.IMPORT: N_("Taken over from a file"),
    Source.OPENING: N_("Open when this software was introduced"),
}

RATINGS = {
    Rating.VERY_SATISFIED: N_("Very satisfied"),
    Rating.SATISFIED: N_("Satisfied"),
    Rating.NOT_SATISFIED: N_("Not satisfied"),
}

RATING_SOURCES = {
    RatingSource.SCREEN: N_("Pressed on this screen"),
    RatingSource.FORM: N_("Copied from a paper form"),
    RatingSource.MACHINE: N_("Taken from the rating machine"),
}

CLOSED_SETS: Mapping[str, Mapping[Any, str]] = {
    "channel": CHANNELS,
    "delivery_method": DELIVERY_METHODS,
    "delivered_by": DELIVERY_METHODS,
    "owner_type": OWNER_TYPES,
    "id_type": ID_TYPES,
    "sex": SEXES,
    "payment_status": PAYMENT_STATUSES,
    "payment_method": PAYMENT_METHODS,
    "result_kind": RESULT_KINDS,
    "source": SOURCES,
    "rating": RATINGS,
}

INSTANTS = frozenset({"received_at", "due_at", "resolved_at", "delivered_at"})
DAYS = frozenset({"birth_date", "due_on", "until_on", "expired_on", "result_date"})
AMOUNTS = frozenset({"fee_amount_vnd", "amount_vnd"})


def label_of(field: str) -> str:
    """How a field is called."""
    return gettext(LABELS.get(field, field))


def value_text(field: str, value: Any) -> str:
    """A value as text, from the forms in which entries hold it; an identity number is masked, nothing is a dash."""
    if value is None or value in ("", []):
        return DASH
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    shown = next((show for names, show in _SHOWN if field in names), None)
    if shown:
        return shown(value)
    if field in CLOSED_SETS:
        words = CLOSED_SETS[field].get(value)
        return gettext(words) if words else str(value)
    return number(value) if isinstance(value, int) else str(value)


def amount_text(amount_vnd: int) -> str:
    """A sum of money, ``50.000 đ``."""
    return gettext("%(amount)s đ", amount=number(amount_vnd))


def birth_text(content: Mapping[str, Any]) -> str:
    """A date of birth as far as it is known, ``05/09/1985`` or ``1985``; "" where it is not."""
    if not content.get("birth_date"):
        return ""
    born_on = date.fromisoformat(content["birth_date"])
    return str(born_on.year) if content.get("birth_precision") == BirthPrecision.YEAR else day_text(born_on)


def _instant_text(value: datetime | str) -> str:
    return local_time(parse_instant(value) if isinstance(value, str) else value)


def _day_text(value: date | str) -> str:
    return day_text(date.fromisoformat(value) if isinstance(value, str) else value)


def _components_text(components: Any) -> str:
    return "; ".join(component["name"] for component in components)


_SHOWN: tuple[tuple[frozenset[str], Callable[[Any], str]], ...] = (
    (INSTANTS, _instant_text),
    (DAYS, _day_text),
    (AMOUNTS, amount_text),
    (frozenset({"id_number"}), masked),
    (frozenset({"components"}), _components_text),
)
