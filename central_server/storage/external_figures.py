"""The book of figures that do not come from dossiers. Rows are only ever added: a later one of a key goes before."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import fn

from central_server.storage.models import ExternalFigureRow
from sync_protocol.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalFigure:
    """A figure of a unit in a period, by the document that tells it.

    indicator               an id of reports.external
    value                   of a share its percentage, of points their mean
    numerator, denominator  what a share or a mean is made of; None for a plain number
    """

    number: int = 0
    indicator: str
    unit_id: str
    period: Period
    value: Decimal
    numerator: int | None = None
    denominator: int | None = None
    source: str
    recorded_by: str
    recorded_at: datetime

    @property
    def key(self) -> tuple[str, str, date, date]:
        """What it tells; the last row of a key stands."""
        return self.indicator, self.unit_id, self.period.first_on, self.period.last_on


def keep(figures: Iterable[ExternalFigure]) -> None:
    """Adds figures under the next numbers."""
    last = ExternalFigureRow.select(fn.MAX(ExternalFigureRow.number)).scalar() or 0
    for number, each in enumerate(figures, start=last + 1):
        ExternalFigureRow.insert(
            number=number,
            indicator=each.indicator,
            unit_id=each.unit_id,
            first_on=each.period.first_on,
            last_on=each.period.last_on,
            value=str(each.value),
            numerator=each.numerator,
            denominator=each.denominator,
            source=each.source,
            recorded_by=each.recorded_by,
            recorded_at=each.recorded_at,
        ).execute()


def rows(unit_ids: Collection[str] | None = None) -> list[ExternalFigure]:
    """All rows, of these units, oldest first, also those that later ones go before."""
    wanted = None if unit_ids is None else frozenset(unit_ids)
    query = ExternalFigureRow.select().order_by(ExternalFigureRow.number).namedtuples()
    return [_figure(row) for row in query if wanted is None or row.unit_id in wanted]


def standing(period: Period, unit_ids: Collection[str]) -> list[ExternalFigure]:
    """What stands of these units in exactly this period, in the order of the book."""
    row = ExternalFigureRow
    return _standing(unit_ids, row.first_on == period.first_on, row.last_on == period.last_on)


def by_day(indicator: str, period: Period, unit_ids: Collection[str]) -> list[ExternalFigure]:
    """What stands of these units for single days of a period, in the order of the book."""
    row = ExternalFigureRow
    is_day = (row.first_on == row.last_on) & row.first_on.between(period.first_on, period.last_on)
    return _standing(unit_ids, row.indicator == indicator, is_day)


def _standing(unit_ids: Collection[str], *which: Any) -> list[ExternalFigure]:
    wanted = frozenset(unit_ids)
    query = ExternalFigureRow.select().where(*which)
    told = (_figure(row) for row in query.order_by(ExternalFigureRow.number).namedtuples())
    last = {each.key: each for each in told if each.unit_id in wanted}
    return sorted(last.values(), key=lambda each: each.number)


def _figure(row: ExternalFigureRow) -> ExternalFigure:
    return ExternalFigure(
        number=row.number,
        indicator=row.indicator,
        unit_id=row.unit_id,
        period=Period(first_on=row.first_on, last_on=row.last_on),
        value=Decimal(row.value),
        numerator=row.numerator,
        denominator=row.denominator,
        source=row.source,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )
