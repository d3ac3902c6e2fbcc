"""The pages of lateness as finished objects: figures by unit and desk, and the dossiers behind one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from central_server.reports.counts import Counts
from central_server.services.lateness import DeskLateness, LateKind, LateList, Lateness
from central_server.services.signing_in import UnknownUnit
from central_server.web.board import PAGED_FROM, UnitChoice
from central_server.web.desk_rows import COMMON_NAME
from central_server.web.dossier_rows import DossierShown, dossier_shown
from central_server.web.formatting import day_text, percent
from central_server.web.paging import asked_page, first_of, shown_text
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.speech import gettext
from sync_protocol.errors import N_

TEXT_CHARACTERS_MAX = 40

RATES_NOTE = N_(
    "Rates are of the dossiers that are known to have been resolved, or to have passed their day without a result. "
    "What is due and not known stands beside them, never within."
)

LIST_NAMES = {
    LateKind.OVERDUE: N_("Overdue, no result"),
    LateKind.DUE_UNKNOWN: N_("Due, result not known"),
    LateKind.LATE: N_("Resolved late"),
}
LIST_LEADS = {
    LateKind.OVERDUE: N_(
        "The machines of these desks have stated, after the day of the appointment, that no result is held back."
    ),
    LateKind.DUE_UNKNOWN: N_(
        "The result may lie on a machine that has not sent it yet. These dossiers are not late: they are in no rate "
        "and in no ranking until the desk is heard again."
    ),
    LateKind.LATE: N_("The result was ready after the day of the appointment."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A count that leads to its dossiers; `query` is None where there are none, or no list of them."""

    count: int
    query: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessLine:
    """A desk, a unit or all of them in figures.

    code     of a desk, "" for a unit; unit_id: of a unit, "" for a desk and for the total
    waiting  of those in time, so many wait for the citizen
    """

    name: str
    code: str
    unit_id: str
    in_time: int
    waiting: int
    unknown: Figure
    overdue: Figure
    resolved_in_time: int
    late: Figure
    on_time_rate: str
    late_rate: str
    base: int
    known_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBlock:
    """The desks of a unit under its line; `lines` are empty where there are too many desks for one page."""

    line: LatenessLine
    lines: Sequence[LatenessLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatenessPage:
    """The page; `on` is the day at whose end the desks are looked at."""

    period: PeriodShown
    on: str
    unit_id: str
    choices: Sequence[UnitChoice]
    rates_note: str
    blocks: Sequence[UnitBlock]
    total: LatenessLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One of the lists, to change to."""

    name: str
    query: Mapping[str, Any]
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LateListPage:
    """A page of a list; `place` names the desk or unit, previous and following are parts of addresses.

    has_days     whether these are late, so that their days are counted; has_results: whether some have a result since
    """

    period: PeriodShown
    title: str
    lead: str
    place: str
    query: Mapping[str, Any]
    tabs: Sequence[Tab]
    rows: Sequence[DossierShown]
    has_days: bool
    has_results: bool
    shown: str
    previous: Mapping[str, Any] | None
    following: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedList:
    """What the address asks for; "" where it does not narrow, and the first list where it names none."""

    which: LateKind
    desk: str
    unit_id: str
    page: int

    def query(self, period: str, **changes: Any) -> dict[str, Any]:
        """The same as parts of an address, with some of them changed."""
        parts = {"period": period, "desk": self.desk or None, "unit": self.unit_id or None, "which": self.which.value}
        return parts | changes


def wanted_list() -> WantedList:
    """What the address asks for."""
    return WantedList(
        which=next((each for each in LateKind if each == request.args.get("which")), LateKind.OVERDUE),
        desk=request.args.get("desk", "").strip(),
        unit_id=request.args.get("unit", "").strip(),
        page=asked_page(),
    )


def narrowed(told: Lateness, unit_id: str) -> list[DeskLateness]:
    """The desks that a unit supervises, all where none is named.

    Raises UnknownUnit for a unit that is not in the person's own list.
    """
    desks = [each for each in told.desks if unit_id in ("", each.desk.district.id)]
    if unit_id and not desks:
        raise UnknownUnit(unit=unit_id[:TEXT_CHARACTERS_MAX])
    return desks


def lateness_page(told: Lateness, shown: Lateness, unit_id: str) -> LatenessPage:
    """The page; `shown` is what of `told` was asked for. Of very many desks only the units stand on it."""
    period = shown_period(told.period, told.now)
    has_desks = len(shown.desks) < PAGED_FROM
    return LatenessPage(
        period=period,
        on=day_text(told.on),
        unit_id=unit_id,
        choices=[
            UnitChoice(id=each.unit.id, name=each.unit.name, is_chosen=each.unit.id == unit_id)
            for each in told.by_unit()
        ],
        rates_note=gettext(RATES_NOTE),
        blocks=[
            UnitBlock(
                line=_line(each.unit.name, each.counts, period.name, unit_id=each.unit.id),
                lines=[_desk_line(desk, period.name) for desk in each.desks] if has_desks else [],
            )
            for each in shown.by_unit()
        ],
        total=_line(gettext("Total"), shown.counts, period.name, unit_id="", total_of=unit_id),
    )


def place_of(told: Lateness, asked: WantedList) -> str:
    """The name of the desk or unit that a list is narrowed to, "" for all."""
    if asked.desk:
        return next((each.desk.name for each in told.desks if each.desk.code == asked.desk), "")
    return next((each.desk.district.name for each in told.desks if each.desk.district.id == asked.unit_id), "")


def late_list_page(told: Lateness, asked: WantedList, found: LateList, place: str) -> LateListPage:
    """A page of a list of the dossiers of a place."""
    period = shown_period(told.period, told.now)
    last = first_of(asked.page) + len(found.dossiers)
    return LateListPage(
        period=period,
        title=gettext(LIST_NAMES[asked.which]),
        lead=gettext(LIST_LEADS[asked.which]),
        place=place,
        query=asked.query(period.name),
        tabs=[
            Tab(
                name=gettext(LIST_NAMES[each]),
                query=asked.query(period.name, which=each.value),
                is_shown=each is asked.which,
            )
            for each in LateKind
        ],
        rows=[dossier_shown(each, each.desk, each.procedure_name) for each in found.dossiers],
        # Of one of which nothing is known no day is a day too late.
        has_days=asked.which is not LateKind.DUE_UNKNOWN,
        has_results=any(each.ended_on for each in found.dossiers),
        shown=shown_text(asked.page, len(found.dossiers), found.count),
        previous=asked.query(period.name, page=asked.page - 1) if asked.page > 1 else None,
        following=asked.query(period.name, page=asked.page + 1) if last < found.count else None,
    )


def _desk_line(each: DeskLateness, period: str) -> LatenessLine:
    name = each.desk.name.removeprefix(COMMON_NAME)
    return _line(name, each.counts, period, code=each.desk.code, known_until=each.known_until)


def _line(
    name: str,
    counts: Counts,
    period: str,
    *,
    code: str = "",
    unit_id: str = "",
    total_of: str = "",
    known_until: datetime | None = None,
) -> LatenessLine:
    def figure(which: LateKind, count: int) -> Figure:
        query = {"period": period, "desk": code or None, "unit": unit_id or total_of or None, "which": which.value}
        return Figure(count=count, query=query if count else None)

    resolved_in_time = counts.resolved_early + counts.resolved_on_time
    return LatenessLine(
        name=name,
        code=code,
        unit_id=unit_id,
        in_time=counts.in_time + counts.awaiting,
        waiting=counts.awaiting,
        unknown=figure(LateKind.DUE_UNKNOWN, counts.due_unknown),
        overdue=figure(LateKind.OVERDUE, counts.overdue),
        resolved_in_time=resolved_in_time,
        late=figure(LateKind.LATE, counts.resolved_late),
        on_time_rate=percent(resolved_in_time, counts.due),
        late_rate=percent(counts.resolved_late + counts.overdue, counts.due),
        base=counts.due,
        known_until=known_until,
    )
