"""The book of figures that do not come from dossiers: adding to it, and what it says of units in a period.

A later row of the same indicator, unit and period goes before an earlier one; both stay in the book.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from central_server.central import Central
from central_server.reports.external import EXTERNAL_BY_ID, VISITORS, value_of
from central_server.storage import changes, external_figures, units
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.external_figures import ExternalFigure
from central_server.storage.units import Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import Period, PeriodSeries, UnknownPeriod, parse_period
from sync_protocol.texts import BadText, normalised

COLUMNS = ("indicator", "unit_code", "period", "value", "numerator", "denominator", "source")
"""What is told of a figure, in files as in forms; value may be left out where the other two are told."""

SOURCE_CHARACTERS_MAX = 200
NUMBER_DIGITS_MAX = 12
NO_INDICATOR = N_("there is no such indicator; take one of the list")
NO_UNIT = N_("there is no unit of this code in your area")
NO_PERIOD = N_("the period is not usable; write it like 2021-10, 2021-Q3, 2021 or 2021-09-21..2021-10-20")
NOT_ENDED = N_("the period has not begun yet")
NO_NUMBER = N_("a number is not usable; write it like 1234, 1.234 or 99,98")
NOT_FITTING = N_("the numbers do not fit the indicator, or one another")
NO_SOURCE = N_("the document that tells it is missing, or too long")


class BadFigure(FieldSyncError):
    """A figure that the book cannot take."""

    code = "bad_figure"
    text = N_("The figure was not kept: %(reason)s. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """A row of the book; `is_standing` where no later one goes before it."""

    figure: ExternalFigure
    unit_code: str
    unit_name: str
    is_standing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedUp:
    """What is told of a unit day by day, added up: the days that somebody told, and the documents that tell them."""

    unit_id: str
    value: Decimal
    days: frozenset[date]
    sources: Sequence[str]


def figures_of(period: Period, unit_ids: Collection[str]) -> Sequence[ExternalFigure]:
    """What the book says of units in exactly this period, inside the caller's transaction; each with its source."""
    return external_figures.standing(period, unit_ids)


def visitors_by_day(period: Period, unit_ids: Collection[str]) -> Sequence[AddedUp]:
    """Visitors that the book tells day by day, by unit, inside the caller's transaction.

    Of a unit whose figure of the whole period stands in the book there is none: the document about the whole goes
    before what is added up.
    """
    whole = {each.unit_id for each in figures_of(period, unit_ids) if each.indicator == VISITORS}
    by_unit: dict[str, list[ExternalFigure]] = {}
    for each in external_figures.by_day(VISITORS, period, set(unit_ids) - whole):
        by_unit.setdefault(each.unit_id, []).append(each)
    return [
        AddedUp(
            unit_id=unit_id,
            value=sum((each.value for each in days), Decimal()),
            days=frozenset(each.period.first_on for each in days),
            sources=list(dict.fromkeys(each.source for each in days)),
        )
        for unit_id, days in by_unit.items()
    ]


def book(central: Central, scope: Scope) -> list[BookRow]:
    """The rows about units that a scope may see, newest first."""
    with reading(central.database):
        rows = external_figures.rows()
        asked = ((each.unit_id, each.period.last_on) for each in rows)
        seen = units.units_then(asked, central.today(), scope)
    last = {each.key: each.number for each in rows}
    return [
        BookRow(figure=each, unit_code=unit.code, unit_name=unit.name, is_standing=last[each.key] == each.number)
        for each in reversed(rows)
        if (unit := seen.get((each.unit_id, each.period.last_on)))
    ]


def add(central: Central, scope: Scope, told: Mapping[str, str], *, by: str) -> ExternalFigure:
    """Adds a figure as told by COLUMNS; raises BadFigure."""
    now, series = central.now(), central.about().series
    with write_transaction(central.database):
        figure = read_figure(told, scope, series, by=by, now=now)
        keep_all([figure], by=by, now=now)
    return figure


def read_figure(
    told: Mapping[str, str], scope: Scope, series: PeriodSeries, *, by: str, now: datetime
) -> ExternalFigure:
    """The figure that the texts of COLUMNS tell, inside the caller's transaction; raises BadFigure."""
    try:
        said = {name: normalised(told.get(name, "")) for name in COLUMNS}
        kind = EXTERNAL_BY_ID[said["indicator"]].kind
        period = parse_period(said["period"], series)
    except (BadText, UnknownPeriod, KeyError) as error:
        reasons = {BadText: error, UnknownPeriod: NO_PERIOD, KeyError: NO_INDICATOR}
        raise BadFigure(reason=reasons[type(error)]) from error
    if period.starts_at > now:
        raise BadFigure(reason=NOT_ENDED)
    unit = units.unit_by_code(said["unit_code"], period.last_on, scope)
    if unit is None:
        raise BadFigure(reason=NO_UNIT)
    if not said["source"] or len(said["source"]) > SOURCE_CHARACTERS_MAX:
        raise BadFigure(reason=NO_SOURCE)
    numerator, denominator = _count(said["numerator"]), _count(said["denominator"])
    try:
        value = value_of(kind, _decimal(said["value"]), numerator, denominator)
    except ValueError as error:
        raise BadFigure(reason=NOT_FITTING) from error
    return ExternalFigure(
        indicator=said["indicator"],
        unit_id=unit.id,
        period=period,
        value=value,
        numerator=numerator,
        denominator=denominator,
        source=said["source"],
        recorded_by=by,
        recorded_at=now,
    )


def keep_all(figures: Sequence[ExternalFigure], *, by: str, now: datetime) -> None:
    """Adds figures to the book and notes who did, inside the caller's transaction."""
    external_figures.keep(figures)
    indicators = sorted({each.indicator for each in figures})
    after = {"indicators": indicators, "count": len(figures)}
    changes.keep(Change(at=now, who=by, what="external_figures", before={}, after=after))


def _count(text: str) -> int | None:
    number = _decimal(text)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise BadFigure(reason=NO_NUMBER)
    return int(number)


def _decimal(text: str) -> Decimal | None:
    """A number as people write it: ``1.234,5``, ``1234``, ``99.98``; None of nothing. Raises BadFigure."""
    if not text:
        return None
    plain = text.removesuffix("%").strip()
    whole, comma, fraction = plain.partition(",")
    if _is_in_groups(whole):
        whole = whole.replace(".", "")
    plain = f"{whole}.{fraction}" if comma else whole
    try:
        if len(plain) > NUMBER_DIGITS_MAX or not plain.replace(".", "", 1).isdigit() or not plain.isascii():
            raise BadFigure(reason=NO_NUMBER)
        return Decimal(plain)
    except InvalidOperation as error:
        raise BadFigure(reason=NO_NUMBER) from error


def _is_in_groups(text: str) -> bool:
    """Whether the dots of a number part its thousands, ``1.234``: groups of three digits behind the first."""
    first, *groups = text.split(".")
    return bool(groups) and 0 < len(first) <= 3 and first != "0" and all(len(each) == 3 for each in groups)
