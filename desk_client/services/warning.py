"""What looks odd about a dossier: told while it is typed and after it was saved, and never a reason to refuse it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from desk_client.desk import Desk
from desk_client.storage import finding
from desk_client.storage.database import reading
from desk_client.storage.finding import Found
from sync_protocol.dossiers import UNCOUNTED
from sync_protocol.errors import FieldSyncError
from sync_protocol.identities import (
    BadPhone,
    IdWarning,
    Sex,
    check_id_number,
    id_warnings,
    is_old_mobile,
    normalised_phone,
)
from sync_protocol.instants import local_date, local_minute
from sync_protocol.texts import folded, telex_residue
from sync_protocol.vocabulary import IdType, OwnerType


class Oddity(StrEnum):
    """What is odd; the three about an identity number are those of `IdWarning`."""

    TELEX_RESIDUE = "telex_residue"
    UNKNOWN_PROVINCE = IdWarning.UNKNOWN_PROVINCE.value
    OTHER_SEX = IdWarning.OTHER_SEX.value
    OTHER_BIRTH_YEAR = IdWarning.OTHER_BIRTH_YEAR.value
    OLD_MOBILE = "old_mobile"
    DUPLICATE = "duplicate"
    SAME_ROW = "same_row"
    AHEAD_OF_CLOCK = "ahead_of_clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something odd about a field.

    dossier_id, dossier_code  the earlier dossier of a likely duplicate, else ""
    row                       the earlier row of the same form that says the same, from 1, else 0
    """

    oddity: Oddity
    field: str
    dossier_id: str = ""
    dossier_code: str = ""
    row: int = 0


def remarks_on(desk: Desk, reception: Mapping[str, Any], received_at: datetime | None) -> list[Remark]:
    """What is odd about a dossier as typed, in the order of the form; half-typed fields are not remarked upon.

    reception    the fields of IntakeSchema as typed
    received_at  None while the day or the time is not right
    """
    on_day = _of_day(desk, received_at) if received_at else []
    return [*remarks_on_rows(desk, {1: reception}, received_at)[1], *on_day]


def remarks_on_rows(
    desk: Desk, receptions: Mapping[int, Mapping[str, Any]], received_at: datetime | None
) -> dict[int, list[Remark]]:
    """What is odd about dossiers of one procedure, by the number of their row; a row above says enough of one."""
    earlier = _earlier(desk, receptions, received_at) if received_at else {}
    remarks: dict[int, list[Remark]] = {}
    above: dict[str, int] = {}
    for row, reception in receptions.items():
        own = [*_of_names(reception), *_of_number(reception), *_of_phone(reception)]
        remarks[row] = [*own, *(_of_row_above(reception, above) or _of_duplicate(reception, earlier))]
        above.setdefault(_person(reception), row)
    return remarks


def _earlier(desk: Desk, receptions: Mapping[int, Mapping[str, Any]], received_at: datetime) -> dict[str, list[Found]]:
    """The dossiers of the day and the procedure that count, by their owners' folded names, oldest first."""
    codes = {str(each.get("procedure_code") or "") for each in receptions.values()} - {""}
    with reading(desk.database):
        alike = [each for code in codes for each in finding.alike(code, local_date(received_at))]
    by_owner: dict[str, list[Found]] = {}
    for each in alike:
        if each.stage not in UNCOUNTED:
            by_owner.setdefault(folded(each.owner_name), []).append(each)
    return by_owner


def _of_names(reception: Mapping[str, Any]) -> list[Remark]:
    """Names of people that Telex has left half-typed; organisations have foreign words in theirs."""
    is_person = reception.get("owner_type") == OwnerType.CITIZEN
    names = {"submitter_name": True, "owner_name": is_person and not _is_same_person(reception)}
    return [
        Remark(oddity=Oddity.TELEX_RESIDUE, field=field)
        for field, is_asked in names.items()
        if is_asked and telex_residue(_text(reception, field))
    ]


def _of_number(reception: Mapping[str, Any]) -> list[Remark]:
    kind = next((each for each in IdType if each.value == reception.get("id_type")), None)
    if kind is None or not _text(reception, "id_number"):
        return []
    try:
        number = check_id_number(kind, _text(reception, "id_number"))
    except FieldSyncError:
        return []
    sex = next((each for each in Sex if each.value == reception.get("sex")), None)
    odd = id_warnings(kind, number, _birth_year(reception), sex)
    return [Remark(oddity=Oddity(warning.value), field="id_number") for warning in odd]


def _of_phone(reception: Mapping[str, Any]) -> list[Remark]:
    try:
        is_old = is_old_mobile(normalised_phone(_text(reception, "phone")))
    except BadPhone:
        is_old = False
    return [Remark(oddity=Oddity.OLD_MOBILE, field="phone")] if is_old else []


def _of_day(desk: Desk, received_at: datetime) -> list[Remark]:
    """A reception in a later minute than this one."""
    now = desk.working_now()
    is_ahead = (local_date(received_at), local_minute(received_at)) > (local_date(now), local_minute(now))
    return [Remark(oddity=Oddity.AHEAD_OF_CLOCK, field="received_on")] if is_ahead else []


def _of_duplicate(reception: Mapping[str, Any], earlier: Mapping[str, list[Found]]) -> list[Remark]:
    """The last dossier of the same procedure, owner and day; a namesake of another number is somebody else."""
    owner, number = folded(_text(reception, "owner_name")), _digits(_text(reception, "id_number"))
    same = [each for each in earlier.get(owner, ()) if _may_be_one(_digits(each.id_number), number)]
    return [
        Remark(
            oddity=Oddity.DUPLICATE,
            field="submitter_name" if _is_same_person(reception) else "owner_name",
            dossier_id=each.id,
            dossier_code=each.dossier_code,
        )
        for each in same[-1:]
        if owner
    ]


def _of_row_above(reception: Mapping[str, Any], above: Mapping[str, int]) -> list[Remark]:
    row = above.get(_person(reception))
    return [Remark(oddity=Oddity.SAME_ROW, field="submitter_name", row=row)] if row else []


def _person(reception: Mapping[str, Any]) -> str:
    return f"{folded(_text(reception, 'owner_name'))} {_digits(_text(reception, 'id_number'))}"


def _may_be_one(known: str, number: str) -> bool:
    return not known or not number or known == number


def _is_same_person(reception: Mapping[str, Any]) -> bool:
    return _text(reception, "owner_name") == _text(reception, "submitter_name")


def _birth_year(reception: Mapping[str, Any]) -> int | None:
    try:
        return date.fromisoformat(_text(reception, "birth_date")).year
    except ValueError:
        return None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).upper()


def _text(reception: Mapping[str, Any], field: str) -> str:
    return str(reception.get(field) or "").strip()
