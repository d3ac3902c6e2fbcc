"""Reports that the province publishes: each step towards it, and each file as it was published, never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from central_server.storage.models import PublicationFileRow, PublicationStepRow
from sync_protocol.periods import Period
from sync_protocol.signing import Signed


class PublicationStep(StrEnum):
    """What a person did towards publishing a report."""

    PREPARE = "prepare"
    EDIT = "edit"
    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


ENDS = frozenset({PublicationStep.PUBLISH, PublicationStep.WITHDRAW})
"""Steps after which nothing is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOf:
    """Which report: its layout, the unit that it is about, and the period."""

    layout: str
    unit_id: str
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step towards publishing a report; `number` is 1, 2, 3 … within the report, `signed` says all of it."""

    of: ReportOf
    number: int
    step: PublicationStep
    taken_at: datetime
    taken_by: str
    signed: Signed


def steps(of: ReportOf) -> list[StepTaken]:
    """All steps of a report, oldest first."""
    row = PublicationStepRow
    return [_taken(each) for each in row.select().where(*_is_of(row, of)).order_by(row.number)]


def publishings() -> list[StepTaken]:
    """The steps that published a version of any report: latest periods first, versions of a report in their order."""
    row = PublicationStepRow
    rows = row.select().where(row.step == PublicationStep.PUBLISH.value)
    order = (row.last_on.desc(), row.first_on, row.layout, row.unit_id, row.number)
    return [_taken(each) for each in rows.order_by(*order)]


def under_way() -> list[ReportOf]:
    """Reports of which something is under way: latest periods first."""
    row = PublicationStepRow
    last: dict[ReportOf, str] = {}
    query = row.select(row.layout, row.unit_id, row.first_on, row.last_on, row.step)
    for each in query.order_by(row.last_on.desc(), row.first_on, row.layout, row.unit_id, row.number):
        last[_report_of(each)] = each.step
    return [of for of, step in last.items() if step not in ENDS]


def keep(taken: StepTaken, files: Mapping[str, bytes]) -> None:
    """Adds a step with the files that it published, by their endings; the key refuses a second one of its number."""
    key = {**_key(taken.of), "number": taken.number}
    PublicationStepRow.insert(
        **key,
        step=taken.step.value,
        taken_at=taken.taken_at,
        taken_by=taken.taken_by,
        body=taken.signed.body,
        signature=taken.signed.signature,
    ).execute()
    for ending, raw in files.items():
        PublicationFileRow.insert(**key, ending=ending, bytes=raw).execute()


def file(of: ReportOf, number: int, ending: str) -> bytes | None:
    """A file as it was published by a step; None if it was not."""
    row = PublicationFileRow
    found = row.get_or_none(*_is_of(row, of), row.number == number, row.ending == ending)
    return bytes(found.bytes) if found else None


def _key(of: ReportOf) -> dict[str, Any]:
    return {
        "layout": of.layout,
        "unit_id": of.unit_id,
        "first_on": of.period.first_on,
        "last_on": of.period.last_on,
    }


def _is_of(row: Any, of: ReportOf) -> list[Any]:
    return [getattr(row, name) == value for name, value in _key(of).items()]


def _report_of(row: PublicationStepRow) -> ReportOf:
    period = Period(first_on=row.first_on, last_on=row.last_on)
    return ReportOf(layout=row.layout, unit_id=row.unit_id, period=period)


def _taken(row: PublicationStepRow) -> StepTaken:
    return StepTaken(
        of=_report_of(row),
        number=row.number,
        step=PublicationStep(row.step),
        taken_at=row.taken_at,
        taken_by=row.taken_by,
        signed=Signed(bytes(row.body), bytes(row.signature)),
    )
