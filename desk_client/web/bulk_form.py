"""The form of many dossiers of one kind as typed: what they share, and a row for each."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from desk_client.web.formatting import day_text
from desk_client.web.typed import FIELD_CHARACTERS_MAX, whole_number
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Channel, DeliveryMethod, IdType, OwnerType

ROWS_MAX = 50
ROWS_SHOWN = 20
"""Rows of a form that was not filled; a script folds away those that are not used yet."""

ID_FORMS = ((re.compile(r"[0-9]{9}"), IdType.CMND), (re.compile(r"[A-Za-z]{1,2}[0-9]{6,8}"), IdType.PASSPORT))
GAPS = re.compile(r"[\s.\-]")


class Handing(StrEnum):
    """When the results are handed over; without an answer the procedure decides."""

    NOW = "now"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRow:
    """One dossier of the form exactly as typed."""

    submitter_name: str = ""
    id_number: str = ""
    phone: str = ""
    copy_count: str = ""
    page_count: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not any(text.strip() for text in asdict(self).values())

    def reception(self) -> dict[str, Any]:
        """Its own fields of IntakeSchema; what is not of its kind stands as typed, for the schema to refuse."""
        return {
            "submitter_name": self.submitter_name,
            "owner_name": self.submitter_name,
            "owner_type": OwnerType.CITIZEN.value,
            "id_type": id_type_of(self.id_number).value if self.id_number.strip() else None,
            "id_number": self.id_number,
            "phone": self.phone,
            "copy_count": whole_number(self.copy_count) if self.copy_count.strip() else None,
            "page_count": whole_number(self.page_count) if self.page_count.strip() else None,
        }


ROW_PARTS = tuple(TypedRow.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedBulk:
    """The form exactly as typed.

    handing      a word of Handing, "" where the procedure decides
    on_one_slip  "yes" where the dossiers share one slip
    own_day      "yes" while the day and time are those that the page offered
    rows         from the first to the last one with something in it
    """

    form_id: str = ""
    procedure_code: str = ""
    procedure_text: str = ""
    channel: str = Channel.DIRECT.value
    handing: str = ""
    on_one_slip: str = ""
    received_on: str = ""
    received_time: str = ""
    own_day: str = ""
    rows: tuple[TypedRow, ...] = ()

    def content(self) -> dict[str, Any]:
        """All that was typed, by field."""
        return asdict(self)

    def having(self, **fields: str) -> "TypedBulk":
        """The same form with other texts in some fields."""
        return replace(self, **fields)  # type: ignore[arg-type]

    def receptions(self, shared: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
        """The fields of IntakeSchema by the number of the row; rows with nothing in them are left out."""
        own = {
            "procedure_code": self.procedure_code,
            "channel": self.channel,
            "delivery_method": DeliveryMethod.COUNTER.value,
            "set_count": 1,
        }
        return {
            number: own | row.reception() | dict(shared)
            for number, row in enumerate(self.rows, start=1)
            if not row.is_empty
        }


BULK_TEXTS = tuple(name for name in TypedBulk.__dataclass_fields__ if name != "rows")


def fresh_bulk(now: datetime, form_id: str, procedure_code: str) -> TypedBulk:
    """An empty form, received now."""
    local = now.astimezone(LOCAL)
    return TypedBulk(
        form_id=form_id,
        procedure_code=procedure_code,
        received_on=day_text(local.date()),
        received_time=f"{local:%H:%M}",
    )


def typed_bulk(form: MultiDict[str, str]) -> TypedBulk:
    """What was sent."""
    texts = {name: form.get(name, "")[:FIELD_CHARACTERS_MAX] for name in BULK_TEXTS}
    rows = [
        TypedRow(**{part: form.get(f"row-{number}-{part}", "")[:FIELD_CHARACTERS_MAX] for part in ROW_PARTS})
        for number in range(1, ROWS_MAX + 1)
    ]
    while rows and rows[-1].is_empty:
        rows.pop()
    return TypedBulk(**texts, rows=tuple(rows))


def rows_shown(form: TypedBulk) -> list[TypedRow]:
    """The rows of the page: those typed, and empty ones to go on."""
    count = min(max(ROWS_SHOWN, len(form.rows) + 1), ROWS_MAX)
    return [*form.rows, *[TypedRow()] * (count - len(form.rows))]


def id_type_of(number: str) -> IdType:
    """The kind of paper that a number looks like; what looks like none is checked as a citizen's number."""
    bare = GAPS.sub("", number)
    return next((kind for form, kind in ID_FORMS if form.fullmatch(bare)), IdType.CCCD)
