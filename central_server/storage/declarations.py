"""What devices declared of periods: the last word on each, with what the clerk explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Query, fn

from central_server.storage.known import first_moment, instant_of, last_moment
from central_server.storage.models import DeclarationRow, DeclaredWord
from central_server.storage.prepared import Prepared
from sync_protocol.events import Declared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Cause, Declaration, DeskCode, DeviceId

UNEXPLAINED: Mapping[str, object] = {
    "cause": "",
    "note": "",
    "paper_register_last": "",
    "certification_book_last": "",
    "clerk": "",
    "declared_at": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLine:
    """What a device last declared of a period, as it is told on a desk's page.

    clerk        username of who declared it; declared_at: when. Empty while only a statement has told the word
    stated_at    when the centre last learnt of it
    """

    slot: int
    declared: Declared
    clerk: str
    declared_at: datetime | None
    stated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a desk said of a period in a list: its cause, and how far its paper books have come."""

    cause: Cause | None
    paper_register_last: str
    certification_book_last: str


def keep(device: DeviceId, declared: Declared, *, clerk: str, declared_at: datetime, stated_at: datetime) -> None:
    """Remembers what a device last declared of a period, and how it explained it."""
    explained = {
        "cause": declared.cause.value if declared.cause else "",
        "note": declared.note,
        "paper_register_last": declared.paper_register_last,
        "certification_book_last": declared.certification_book_last,
        "clerk": clerk,
        "declared_at": declared_at,
    }
    _keep(device, declared.period, declared.declaration, stated_at, explained)


def keep_word(device: DeviceId, period: Period, declaration: Declaration, stated_at: datetime) -> None:
    """Remembers the word that a statement tells; an explanation of another word no longer counts."""
    if word(device, period) is not declaration:
        _keep(device, period, declaration, stated_at, UNEXPLAINED)


def word(device: DeviceId, period: Period) -> Declaration | None:
    """What a device last declared of a period."""
    return by_desk(period, device.desk).get(device.desk, {}).get(device.slot)


def by_desk(
    period: Period, desk: DeskCode | None = None, *, as_of: datetime | None = None
) -> dict[DeskCode, dict[int, Declaration]]:
    """What devices declared of exactly this period, by desk and then by slot; of one desk where it is named."""
    if desk and not as_of:
        rows = _words_of(desk, period.first_on, period.last_on)
    else:
        row, query = DeclaredWord, _words(period.first_on, period.last_on)
        query = query.where(row.desk == desk) if desk else query
        rows = list((query.where(row.moment <= last_moment(as_of)) if as_of else query).tuples())
    found: dict[DeskCode, dict[int, Declaration]] = {}
    # The last word of each device stands.
    for code, slot, word in rows:
        found.setdefault(code, {})[slot] = Declaration(word)
    return found


def words(desk: DeskCode, period: Period) -> list[tuple[datetime, int, Declaration]]:
    """What the devices of a desk declared of exactly this period, by when that came, with their slots."""
    row = DeclaredWord
    own = (row.desk == desk, row.first_on == period.first_on, row.last_on == period.last_on)
    rows = row.select(row.moment, row.slot, row.declaration).where(*own).order_by(row.moment)
    return [(instant_of(moment), slot, Declaration(word)) for moment, slot, word in rows.tuples()]


def explained(period: Period, as_of: datetime | None = None) -> dict[DeskCode, Explained]:
    """How desks explained exactly this period: the latest word of each that gives a cause or the numbers of its books.

    as_of  leaves out what was said after an instant; only the last explanation of a device is kept
    In one query for all desks; causes and numbers only, never what somebody wrote in their own words.
    """
    row = DeclarationRow
    is_said = row.stated_at <= as_of if as_of else row.stated_at.is_null(False)
    rows = (
        row.select(row.desk, row.cause, row.paper_register_last, row.certification_book_last)
        .where(row.first_on == period.first_on, row.last_on == period.last_on, is_said)
        .where((row.cause != "") | (row.paper_register_last != "") | (row.certification_book_last != ""))
        .order_by(row.stated_at)
        .tuples()
    )
    return {
        code: Explained(
            cause=Cause(cause) if cause else None, paper_register_last=register, certification_book_last=certifications
        )
        for code, cause, register, certifications in rows
    }


def of_desk(desk: DeskCode, period: Period, as_of: datetime | None = None) -> list[DeclaredLine]:
    """What the devices of a desk declared of exactly this period, by their slots.

    as_of  what they had declared by an instant; only the last explanation of a device is kept, so where it has said
           something since, the word of then stands alone
    """
    lines = _last_lines(desk, period)
    if as_of is None:
        return lines
    told = {slot: _bare_line(slot, period, at, word) for at, slot, word in words(desk, period) if at <= as_of}
    told |= {line.slot: line for line in lines if line.stated_at <= as_of}
    return [told[slot] for slot in sorted(told)]


def _last_lines(desk: DeskCode, period: Period) -> list[DeclaredLine]:
    rows = (
        DeclarationRow.select()
        .where(
            DeclarationRow.desk == desk,
            DeclarationRow.first_on == period.first_on,
            DeclarationRow.last_on == period.last_on,
        )
        .order_by(DeclarationRow.slot)
    )
    return [
        DeclaredLine(
            slot=row.slot,
            declared=Declared(
                period=period,
                declaration=Declaration(row.declaration),
                cause=Cause(row.cause) if row.cause else None,
                note=row.note,
                paper_register_last=row.paper_register_last,
                certification_book_last=row.certification_book_last,
            ),
            clerk=row.clerk,
            declared_at=row.declared_at,
            stated_at=row.stated_at,
        )
        for row in rows
    ]


def _bare_line(slot: int, period: Period, at: datetime, word: Declaration) -> DeclaredLine:
    declared = Declared(period=period, declaration=word)
    return DeclaredLine(slot=slot, declared=declared, clerk="", declared_at=None, stated_at=at)


def _keep(
    device: DeviceId, period: Period, declaration: Declaration, stated_at: datetime, explained: Mapping[str, object]
) -> None:
    if word(device, period) is not declaration:
        _add_word(device, period, declaration, stated_at)
    DeclarationRow.insert(
        desk=device.desk,
        slot=device.slot,
        first_on=period.first_on,
        last_on=period.last_on,
        declaration=declaration.value,
        stated_at=stated_at,
        **explained,
    ).on_conflict(
        conflict_target=[DeclarationRow.desk, DeclarationRow.slot, DeclarationRow.first_on, DeclarationRow.last_on],
        preserve=["declaration", "stated_at", *UNEXPLAINED],
    ).execute()


def _add_word(device: DeviceId, period: Period, declaration: Declaration, at: datetime) -> None:
    row = DeclaredWord
    own = (row.desk == device.desk, row.slot == device.slot)
    last = row.select(fn.MAX(row.moment)).where(*own, row.first_on == period.first_on, row.last_on == period.last_on)
    row.insert(
        desk=device.desk,
        slot=device.slot,
        first_on=period.first_on,
        last_on=period.last_on,
        moment=max(first_moment(at), (last.scalar() or 0) + 1),
        declaration=declaration.value,
    ).execute()


def _words(first_on: Any, last_on: Any) -> Query:
    """The words on a period, the latest last."""
    row = DeclaredWord
    of_period = row.select(row.desk, row.slot, row.declaration).where(row.first_on == first_on, row.last_on == last_on)
    return of_period.order_by(row.moment)


@Prepared
def _words_of(desk: Any, first_on: Any, last_on: Any) -> Query:
    return _words(first_on, last_on).where(DeclaredWord.desk == desk)
