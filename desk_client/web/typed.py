"""What people type: days and times in the shorthands of the desk, the rest as it stands."""

import re
from calendar import isleap
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict

from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Channel, DeliveryMethod, IdType, OwnerType

SEPARATED_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{4}|\d{2}))?")
RUN_DAY = re.compile(r"(\d{1,2})(\d{2})(\d{4})?")
TIME = re.compile(r"(\d{1,2})(?:[:hg.]?(\d{2})|[:hg])?")
YEARS = range(1900, 3000)
"""Years in which every instant has neighbours; what a reception may have is judged by the use case."""

FIELD_CHARACTERS_MAX = 2_000
"""No field of the form takes more; the schema's own bounds are far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form of a reception exactly as typed, to be shown again and to be turned into values.

    is_owner        "yes" where the submitter is the owner
    procedure_text  what stands in the type-ahead, whether or not a procedure was chosen from it
    """

    form_id: str = ""
    procedure_code: str = ""
    procedure_text: str = ""
    submitter_name: str = ""
    is_owner: str = ""
    owner_name: str = ""
    owner_type: str = OwnerType.CITIZEN.value
    id_type: str = IdType.CCCD.value
    id_number: str = ""
    phone: str = ""
    address_text: str = ""
    channel: str = Channel.DIRECT.value
    delivery_method: str = DeliveryMethod.COUNTER.value
    set_count: str = "1"
    received_on: str = ""
    received_time: str = ""
    summary: str = ""

    def content(self) -> dict[str, str]:
        """All that was typed, by field."""
        return asdict(self)

    def having(self, *, procedure_code: str) -> "Typed":
        """The same form with a procedure chosen."""
        return replace(self, procedure_code=procedure_code)

    def reception(self) -> dict[str, Any]:
        """The fields of ReceptionSchema, a whole number where one was typed."""
        is_owner = self.is_owner == "yes"
        return {
            "procedure_code": self.procedure_code,
            "submitter_name": self.submitter_name,
            "owner_name": self.submitter_name if is_owner else self.owner_name,
            "owner_type": OwnerType.CITIZEN.value if is_owner else self.owner_type,
            "id_type": self.id_type if self.id_number.strip() else None,
            "id_number": self.id_number,
            "phone": self.phone,
            "address_text": self.address_text,
            "channel": self.channel,
            "delivery_method": self.delivery_method,
            "set_count": int(self.set_count) if re.fullmatch(r"\s*[0-9]{1,9}\s*", self.set_count) else self.set_count,
            "summary": self.summary,
        }


def fresh(now: datetime, form_id: str) -> Typed:
    """An empty form, received now."""
    local = now.astimezone(LOCAL)
    return Typed(
        form_id=form_id,
        is_owner="yes",
        received_on=local.strftime("%d/%m/%Y"),
        received_time=local.strftime("%H:%M"),
    )


def typed(form: MultiDict[str, str]) -> Typed:
    """What was sent; a choice that is missing is empty, not its default."""
    return Typed(**{name: form.get(name, "")[:FIELD_CHARACTERS_MAX] for name in Typed.__dataclass_fields__})


def parse_day(text: str, today: date) -> date:
    """The day of ``4/10/2021``, ``04-10-21``, ``04102021``, ``0410`` or ``410``; nothing means today.

    Without a year it is the nearest such day, so that 3112 typed in January is last year's. ValueError if it is none.
    """
    text = text.strip()
    if not text:
        return today
    match = SEPARATED_DAY.fullmatch(text) or RUN_DAY.fullmatch(text)
    if match is None or not text.isascii():
        raise ValueError(f"{text!r} is not a day")
    day, month = int(match[1]), int(match[2])
    if match[3]:
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        if year not in YEARS:
            raise ValueError(f"{year} is out of bounds")
        return date(year, month, day)
    years = [year for year in (today.year - 1, today.year, today.year + 1) if (day, month) != (29, 2) or isleap(year)]
    return min((date(year, month, day) for year in years), key=lambda each: abs(each - today))


def parse_time(text: str, now: time) -> time:
    """The wall time of ``8:15``, ``08h15``, ``0815``, ``815`` or ``8``; nothing means now. ValueError if it is none."""
    text = text.strip().lower()
    if not text:
        return now
    match = TIME.fullmatch(text)
    if match is None or not text.isascii():
        raise ValueError(f"{text!r} is not a time")
    return time(int(match[1]), int(match[2] or 0))
