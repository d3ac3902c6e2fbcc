"""What the form of one reception and the form of many have in common: choices, the procedure, the day, the promise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from desk_client.services.choosing import procedures_offered
from desk_client.services.recording import InvalidReception, appointment
from desk_client.web.formatting import number
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.typed import parse_day, parse_time
from desk_client.web.words import FEES, LIMITS
from sync_protocol.calendars import TimeLimit
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, local_date, local_instant
from sync_protocol.procedures import Procedure
from sync_protocol.vocabulary import Channel, LimitUnit

Word = TypeVar("Word", bound=StrEnum)
FORM_ID_BYTES = 16
PLAIN_FEE = N_("%(amount)s đ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a closed set: the value that is sent and its words."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The appointment as far as it is known while a clerk types.

    limit           the procedure's limit in words; problem: what is missing or wrong, "" if nothing
    is_same_day     the result is owed on the day itself
    fee             what the procedure costs in words, "" where that is not known
    competent_unit  who decides unless the clerk writes another, "" for the desk's own unit
    """

    due_at: datetime | None = None
    limit: str = ""
    problem: str = ""
    is_same_day: bool = False
    fee: str = ""
    competent_unit: str = ""


def new_form_id() -> str:
    """A number for one rendering of a form."""
    return desk().randomness(FORM_ID_BYTES).hex()


def today() -> date:
    """The local day as people at the desk have it."""
    return local_date(desk().working_now())


def choices(words: Mapping[Word, str]) -> list[Choice]:
    """A closed set as a form offers it."""
    return [Choice(value=str(word), text=gettext(text)) for word, text in words.items()]


def procedure_choices() -> list[Choice]:
    """The procedures that this desk receives, the usual ones first."""
    return [Choice(value=each.code, text=f"{each.code} {each.name}") for each in procedures_offered(desk())]


def procedure_meant(code: str, text: str) -> str:
    """The procedure that was picked, else the one that the typed text means, where only one fits."""
    if code or not text.strip():
        return code
    found = procedures_offered(desk(), text)
    return found[0].code if len(found) == 1 else code


def received_at(day_text: str, time_text: str) -> datetime:
    """When dossiers were handed in; raises InvalidReception for a day or a time that is none."""
    now = desk().working_now().astimezone(LOCAL)
    problems: dict[str, list[str]] = {}
    day, wall_time = now.date(), now.time()
    try:
        day = parse_day(day_text, now.date())
    except ValueError:
        problems["received_on"] = []
    try:
        wall_time = parse_time(time_text, now.time().replace(second=0, microsecond=0))
    except ValueError:
        problems["received_time"] = []
    if problems:
        raise InvalidReception(problems)
    return local_instant(day, wall_time)


def competent_unit_of(code: str, day: date) -> str:
    """Who decides a procedure received on a day, as announced; "" for the desk's own unit."""
    version = _version_on(code, day)
    return version.competent_unit if version else ""


def is_same_day(code: str, channel: str, at: datetime) -> bool:
    """Whether the result of a procedure is owed on the day itself, so that it is mostly handed over at once."""
    limit = desk().packs().limit_of(code, local_date(at), _channel(channel))
    return limit is not None and limit.unit is LimitUnit.SAME_DAY


def promise_of(code: str, channel: str, day_text: str, time_text: str) -> Promise:
    """The appointment of what is typed so far."""
    if code not in desk().packs().procedures:
        return Promise(problem=gettext("Choose a procedure to see the appointment."))
    try:
        at = received_at(day_text, time_text)
        return _promised(code, _channel(channel), at)
    except (InvalidReception, OverflowError):
        return Promise(problem=gettext("The day or the time of reception is not right yet."))


def _channel(text: str) -> Channel:
    return next((each for each in Channel if each.value == text), Channel.DIRECT)


def _version_on(code: str, day: date) -> Procedure | None:
    procedure = desk().packs().procedures.get(code)
    return procedure.version_on(day) if procedure else None


def _promised(code: str, channel: Channel, at: datetime) -> Promise:
    version = _version_on(code, local_date(at))
    limit = desk().packs().limit_of(code, local_date(at), channel)
    return Promise(
        due_at=appointment(desk(), code, channel, at),
        limit=_limit_text(limit),
        is_same_day=limit is not None and limit.unit is LimitUnit.SAME_DAY,
        fee=_fee_text(version) if version else "",
        competent_unit=competent_unit_of(code, local_date(at)),
    )


def _limit_text(limit: TimeLimit | None) -> str:
    if limit is None:
        return gettext("no time limit")
    return gettext(LIMITS[limit.unit]) % {"value": number(limit.value)}


def _fee_text(procedure: Procedure) -> str:
    """The fee of the list; nothing is told where the province sets it itself."""
    if not procedure.fee_vnd:
        return ""
    return gettext(FEES.get(procedure.fee_basis, PLAIN_FEE)) % {"amount": number(procedure.fee_vnd)}
