"""The fields of each step: what a clerk is asked for, what stands there before, and the values that the text means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from desk_client.services.recording import InvalidReception
from desk_client.services.viewing import DossierView
from desk_client.web.field_words import RATING_SOURCES, RATINGS, RESULT_KINDS
from desk_client.web.formatting import day_text
from desk_client.web.typed import AMOUNT, parse_day
from desk_client.web.words import DELIVERY_METHODS, PAYMENT_METHODS
from sync_protocol.errors import N_
from sync_protocol.procedures import OnTheSpot
from sync_protocol.vocabulary import DeliveryMethod, EventKind, PaymentMethod, RatingSource, ResultKind

FIELD_CHARACTERS_MAX = 2_000


class FieldKind(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    LINES = "lines"
    DAY = "day"
    AMOUNT = "amount"
    NUMBER = "number"
    BIRTH = "birth"
    MOMENT = "moment"
    RADIOS = "radios"
    CHOICE = "choice"
    TICK = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepField:
    """A field of a step.

    most    characters that it takes; span: columns of twelve
    label   where it is called otherwise than the field of that name elsewhere
    words   of a closed set
    hint    what to write, "" where the label says it
    """

    name: str
    label: str = ""
    kind: FieldKind = FieldKind.LINE
    most: int = 500
    span: int = 12
    is_needed: bool = False
    words: Mapping[Any, str] | None = None
    hint: str = ""


REASON = StepField(name="reason", is_needed=True)
NOTE = StepField(name="note")
TAKER = (
    StepField(name="delivered_to", most=150, span=7, is_needed=True),
    StepField(name="delivered_by", kind=FieldKind.RADIOS, span=5, words=DELIVERY_METHODS),
)

FIELDS: dict[EventKind, tuple[StepField, ...]] = {
    EventKind.RECEIVE: (),
    EventKind.REFUSE_AT_DESK: (REASON,),
    EventKind.FORWARD: (
        StepField(name="case_officer", most=150, span=6, hint=N_("One of the two is enough.")),
        StepField(name="to_unit", most=150, span=6),
        NOTE,
    ),
    EventKind.REQUEST_SUPPLEMENT: (
        StepField(
            name="papers", kind=FieldKind.LINES, most=1_000, is_needed=True, hint=N_("One paper a line, all of them.")
        ),
        REASON,
        StepField(name="until_on", kind=FieldKind.DAY, most=10, span=4),
    ),
    EventKind.SUPPLEMENT_RECEIVED: (NOTE,),
    EventKind.SUPPLEMENT_EXPIRED: (
        StepField(name="expired_on", kind=FieldKind.DAY, most=10, span=4, is_needed=True),
        StepField(name="reason", span=8),
    ),
    EventKind.REQUEST_PAYMENT: (
        StepField(name="amount_vnd", kind=FieldKind.AMOUNT, most=20, span=4, is_needed=True),
        StepField(name="reason", span=8),
    ),
    EventKind.PAYMENT_DONE: (
        StepField(name="amount_vnd", kind=FieldKind.AMOUNT, most=20, span=4),
        StepField(name="payment_method", kind=FieldKind.RADIOS, span=8, words=PAYMENT_METHODS),
    ),
    EventKind.EXTEND: (
        StepField(name="due_on", label=N_("New day"), kind=FieldKind.DAY, most=10, span=4, is_needed=True),
        StepField(name="reason", span=8, is_needed=True),
    ),
    EventKind.RESOLVE: (
        StepField(name="result_kind", kind=FieldKind.RADIOS, span=12, words=RESULT_KINDS),
        StepField(name="result_number", most=60, span=4),
        StepField(name="result_date", kind=FieldKind.DAY, most=10, span=3),
        StepField(name="signer", most=150, span=5),
        StepField(name="on_the_spot", kind=FieldKind.TICK),
    ),
    EventKind.DELIVER: (*TAKER, NOTE),
    EventKind.WITHDRAW: (REASON,),
    EventKind.SEND_BACK: (REASON,),
    EventKind.STOP: (REASON,),
    EventKind.VOID: (REASON,),
    EventKind.RATE: (
        StepField(name="rating", words=RATINGS),
        StepField(name="source", label=N_("Where it was given"), kind=FieldKind.CHOICE, words=RATING_SOURCES),
    ),
}
"""What each step asks for, in the order of the form."""

ADVICE = {
    "happened_on": N_("Type the day as day/month/year, such as 04/10/2021 or 0410."),
    "happened_time": N_("Type the time as hour:minute, such as 08:15 or 0815."),
    "case_officer": N_("Name the officer or the agency, in at most 150 characters."),
    "to_unit": N_("Name the agency in at most 150 characters."),
    "papers": N_("Name the papers to bring, in at most 1,000 characters together."),
    "reason": N_("Give the reason, in 2 to 500 characters."),
    "note": N_("Type the note in at most 500 characters."),
    "until_on": N_("Type the last day as day/month/year, or leave it empty."),
    "expired_on": N_("Type the day on which the time ran out, as day/month/year."),
    "amount_vnd": N_("Type the sum in đồng, digits only, such as 50000."),
    "payment_method": N_("Choose how it was paid."),
    "due_on": N_("Type the new day of the appointment, as day/month/year."),
    "result_kind": N_("Choose what the result is."),
    "result_number": N_("Type the number of the result in at most 60 characters."),
    "result_date": N_("Type the date of the result as day/month/year, or leave it empty."),
    "signer": N_("Type the name of who signed in at most 150 characters."),
    "delivered_to": N_("Type the name of who took it, 2 to 150 characters."),
    "delivered_by": N_("Choose how it was handed over."),
    "rating": N_("Choose one of the three answers."),
    "source": N_("Choose where the answer was given."),
}
"""What to do about each field."""


def texts_before(view: DossierView, kind: EventKind, today: date) -> dict[str, str]:
    """What stands in the fields before anybody types: what the dossier says already, else what is usual."""
    stored = view.stored
    taker = {
        "delivered_to": stored.text("submitter_name"),
        "delivered_by": stored.text("delivery_method") or DeliveryMethod.COUNTER.value,
    }
    fee = stored.content.get("fee_amount_vnd")
    is_on_the_spot = view.procedure is not None and view.procedure.on_the_spot is not OnTheSpot.NONE
    match kind:
        case EventKind.DELIVER:
            return taker
        case EventKind.RESOLVE:
            granted = {"result_kind": ResultKind.GRANTED.value, "on_the_spot": "yes" if is_on_the_spot else ""}
            return taker | granted
        case EventKind.REQUEST_PAYMENT | EventKind.PAYMENT_DONE:
            return {"amount_vnd": str(fee or ""), "payment_method": PaymentMethod.CASH.value}
        case EventKind.SUPPLEMENT_EXPIRED:
            until_on = stored.text("until_on")
            return {"expired_on": day_text(date.fromisoformat(until_on) if until_on else today)}
        case EventKind.RATE:
            return {"source": RatingSource.SCREEN.value}
        case _:
            return {}


def typed_texts(form: MultiDict[str, str], fields: Iterable[StepField]) -> dict[str, str]:
    """What was sent, exactly as typed."""
    return {field.name: form.get(field.name, "")[:FIELD_CHARACTERS_MAX] for field in fields}


def content_of(texts: Mapping[str, str], fields: Iterable[StepField], today: date) -> dict[str, Any]:
    """The fields of the event's schema; raises InvalidReception for days that are none, with an advice to come.

    What is not of its kind otherwise stands as typed, for the schema to refuse; what is empty is left out.
    """
    content: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for field in fields:
        text = texts[field.name].strip()
        try:
            value = _value(field, text, today)
        except ValueError:
            problems[field.name] = []
        else:
            content |= {field.name: value} if value not in ("", None) else {}
    if problems:
        raise InvalidReception(problems)
    return content


def _value(field: StepField, text: str, today: date) -> Any:
    match field.kind:
        case FieldKind.DAY:
            return parse_day(text, today).isoformat() if text else None
        case FieldKind.AMOUNT:
            match = AMOUNT.fullmatch(text)
            return int("".join(filter(str.isdigit, match[1]))) if match else text
        case FieldKind.LINES:
            return "; ".join(line for line in map(str.strip, text.splitlines()) if line)
        case FieldKind.TICK:
            return text == "yes"
        case _:
            return text
