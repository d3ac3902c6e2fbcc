"""What people type: days and times in the shorthands of the desk, the rest as it stands."""

import re
from calendar import isleap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict

from desk_client.web.formatting import day_text
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import BirthPrecision, Channel, DeliveryMethod, IdType, OwnerType

SEPARATED_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{4}|\d{2}))?")
RUN_DAY = re.compile(r"(\d{1,2})(\d{2})(\d{4})?")
TIME = re.compile(r"(\d{1,2})(?:[:hg.]?(\d{2})|[:hg])?")
YEARS = range(1900, 3000)
"""Years in which every instant has neighbours; what a reception may have is judged by the use case."""

FIELD_CHARACTERS_MAX = 2_000
"""No field of the form takes more; the schema's own bounds are far below."""

AMOUNT = re.compile(r"([0-9]{1,3}(?:[., ][0-9]{3})+|[0-9]{1,13})\s*(?:đ|đồng|vnd|₫)?", re.IGNORECASE)
"""An amount of money with or without the marks that part thousands."""

BIRTH_YEARS = range(1900, 2100)
PAPERS_MAX = 50
"""Papers of one dossier, as the schema bounds them."""

MORE_FIELDS = (
    "birth_date",
    "sex",
    "email",
    "summary",
    "copy_count",
    "page_count",
    "fee_amount_vnd",
    "payment_status",
    "payment_method",
    "storage_location",
    "competent_unit",
    "out_of_area",
    "filed_by_clerk",
    "components",
)
"""The rarer fields, which the form folds away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPaper:
    """A row of the papers of a dossier exactly as typed."""

    name: str = ""
    originals: str = ""
    certified_copies: str = ""
    photocopies: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not any(text.strip() for text in (self.name, self.originals, self.certified_copies, self.photocopies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form of a reception exactly as typed, to be shown again and to be turned into values.

    is_owner        "yes" where the submitter is the owner; out_of_area, filed_by_clerk: "yes" where they are
    procedure_text  what stands in the type-ahead, whether or not a procedure was chosen from it
    slip_code       the slip that the dossier joins, "" for one of its own
    own_day         "yes" while the day and time are those that the page offered
    reason          why it is not accepted
    """

    form_id: str = ""
    slip_code: str = ""
    procedure_code: str = ""
    procedure_text: str = ""
    submitter_name: str = ""
    is_owner: str = ""
    owner_name: str = ""
    owner_type: str = OwnerType.CITIZEN.value
    authorisation: str = ""
    id_type: str = IdType.CCCD.value
    id_number: str = ""
    phone: str = ""
    address_text: str = ""
    channel: str = Channel.DIRECT.value
    delivery_method: str = DeliveryMethod.COUNTER.value
    set_count: str = "1"
    received_on: str = ""
    received_time: str = ""
    own_day: str = ""
    birth_date: str = ""
    sex: str = ""
    email: str = ""
    summary: str = ""
    copy_count: str = ""
    page_count: str = ""
    fee_amount_vnd: str = ""
    payment_status: str = ""
    payment_method: str = ""
    storage_location: str = ""
    competent_unit: str = ""
    out_of_area: str = ""
    filed_by_clerk: str = ""
    components: tuple[TypedPaper, ...] = ()
    reason: str = ""

    def content(self) -> dict[str, Any]:
        """All that was typed, by field."""
        return asdict(self)

    def having(self, **fields: str) -> "Typed":
        """The same form with other texts in some fields."""
        return replace(self, **fields)  # type: ignore[arg-type]

    @property
    def has_more(self) -> bool:
        """Whether anything was typed into the rarer fields."""
        return any(getattr(self, name) for name in MORE_FIELDS)

    def reception(self, today: date) -> dict[str, Any]:
        """The fields of IntakeSchema; what is not of its kind stands as typed, for the schema to refuse."""
        is_owner = self.is_owner == "yes"
        birth_date, birth_precision = _birth(self.birth_date, today)
        return {
            "procedure_code": self.procedure_code,
            "submitter_name": self.submitter_name,
            "owner_name": self.submitter_name if is_owner else self.owner_name,
            "owner_type": OwnerType.CITIZEN.value if is_owner else self.owner_type,
            "authorisation": "" if is_owner else self.authorisation,
            "id_type": self.id_type if self.id_number.strip() else None,
            "id_number": self.id_number,
            "birth_date": birth_date,
            "birth_precision": birth_precision,
            "sex": self.sex or None,
            "phone": self.phone,
            "email": self.email,
            "address_text": self.address_text,
            "channel": self.channel,
            "delivery_method": self.delivery_method,
            "set_count": whole_number(self.set_count),
            "summary": self.summary,
            "components": [_component(paper) for paper in self.components if not paper.is_empty],
            "fee_amount_vnd": _amount(self.fee_amount_vnd),
            "payment_status": self.payment_status or None,
            "payment_method": self.payment_method or None,
            "competent_unit": self.competent_unit,
            "storage_location": self.storage_location,
            "copy_count": whole_number(self.copy_count) if self.copy_count.strip() else None,
            "page_count": whole_number(self.page_count) if self.page_count.strip() else None,
            "out_of_area": self.out_of_area == "yes",
            # The question is asked of online dossiers only; in another channel its answer means nothing.
            "filed_by_clerk": self.filed_by_clerk == "yes" and self.channel == Channel.ONLINE,
        }


PAPER_PARTS = tuple(TypedPaper.__dataclass_fields__)
TEXT_FIELDS = tuple(name for name in Typed.__dataclass_fields__ if name != "components")


def fresh(now: datetime, form_id: str) -> Typed:
    """An empty form, received now."""
    local = now.astimezone(LOCAL)
    return Typed(form_id=form_id, is_owner="yes", received_on=day_text(local.date()), received_time=f"{local:%H:%M}")


def typed(form: MultiDict[str, str]) -> Typed:
    """What was sent; a choice that is missing is empty, not its default."""
    texts = {name: form.get(name, "")[:FIELD_CHARACTERS_MAX] for name in TEXT_FIELDS}
    return Typed(**texts, components=_typed_papers(form))


def typed_fields(form: Typed) -> list[tuple[str, str]]:
    """The fields that `typed` reads back."""
    papers = [
        (f"paper-{number}-{part}", getattr(paper, part))
        for number, paper in enumerate(form.components, start=1)
        for part in PAPER_PARTS
    ]
    return [*((name, getattr(form, name)) for name in TEXT_FIELDS), *papers]


def prefilled(form: Typed, fields: Mapping[str, Any]) -> Typed:
    """The form with what an earlier dossier says, by the names of IntakeSchema, as JSON."""
    texts = {name: str(value) for name, value in fields.items() if name in TEXT_FIELDS}
    if "birth_date" in fields:
        born_on = date.fromisoformat(fields["birth_date"])
        is_year = fields.get("birth_precision") == BirthPrecision.YEAR
        texts["birth_date"] = str(born_on.year) if is_year else day_text(born_on)
    if "owner_name" in fields:
        is_same = fields["owner_name"] == fields.get("submitter_name") and fields["owner_type"] == OwnerType.CITIZEN
        texts["is_owner"] = "yes" if is_same else ""
        if is_same:
            texts["owner_name"] = ""
    return form.having(**texts)


def whole_number(text: str) -> int | str:
    """The number of a text of digits, else the text."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else text


def parse_birth(text: str, today: date) -> tuple[date, BirthPrecision]:
    """The date of birth of ``5/9/1985``, ``05091985`` or ``1985``, of which only the year is known.

    ValueError if it is none, lies after today or before 1900, or is a day without its year.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]{4}", text):
        born_on, precision = date(int(text), 1, 1), BirthPrecision.YEAR
    elif re.search(r"[0-9]{4}$", text) and len(text) > len("ddmm"):
        born_on, precision = parse_day(text, today), BirthPrecision.DAY
    else:
        raise ValueError(f"{text!r} is not a date of birth")
    if born_on.year not in BIRTH_YEARS or born_on > today:
        raise ValueError(f"{text!r} is out of bounds")
    return born_on, precision


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


def _typed_papers(form: MultiDict[str, str]) -> tuple[TypedPaper, ...]:
    """The rows of papers up to the last one with something in it."""
    rows = [
        TypedPaper(**{part: form.get(f"paper-{number}-{part}", "")[:FIELD_CHARACTERS_MAX] for part in PAPER_PARTS})
        for number in range(1, PAPERS_MAX + 1)
    ]
    while rows and rows[-1].is_empty:
        rows.pop()
    return tuple(rows)


def _component(paper: TypedPaper) -> dict[str, Any]:
    counts = {part: getattr(paper, part) for part in ("originals", "certified_copies", "photocopies")}
    return {"name": paper.name} | {part: whole_number(text) if text.strip() else 0 for part, text in counts.items()}


def _birth(text: str, today: date) -> tuple[str | None, str | None]:
    """Date and precision for the schema; what is no date of birth is given as a text that is none."""
    if not text.strip():
        return None, None
    try:
        born_on, precision = parse_birth(text, today)
    except ValueError:
        return "?", BirthPrecision.DAY.value
    return born_on.isoformat(), precision.value


def _amount(text: str) -> int | str | None:
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        return text if text.strip() else None
    return int(re.sub(r"[., ]", "", match[1]))
