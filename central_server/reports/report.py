"""A report as one value: what it is about, what it rests on, and its tables; every hand that draws it knows no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from central_server.reports.changes import CountChange, RateChange
from central_server.reports.rates import Basis, MeanRate, OutOf, Rate, plain_amount
from sync_protocol.instants import instant_text
from sync_protocol.periods import Period
from sync_protocol.signing import canonical

Cell = str | int | Decimal | OutOf | Rate | MeanRate | CountChange | RateChange | None
"""What stands in a row: words, a number, a rate or a mean of rates, a change, or nothing that could be known.

Only what was not counted from dossiers is a decimal number: points, days, and what a document tells.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; `name` is a text of the catalogue, `basis` what a rate is a share of, None for a plain figure.

    number, group  of an official form: what its head numbers the column, ``(7)``, and the text above several columns
    """

    id: str
    name: str
    basis: Basis | None = None
    number: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row; `key` is the code of the unit, desk or procedure that it is about, "" for a total.

    basis  what a row that is a rate in words alone is a share of; a cell that is a rate has its own
    """

    key: str
    name: str
    cells: Sequence[Cell]
    is_total: bool = False
    basis: Basis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table of the report; `name` is a text of the catalogue, `rows_of` what a row is about.

    notes  texts of the catalogue that stand below it
    """

    id: str
    name: str
    rows_of: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    @property
    def is_form(self) -> bool:
        """Whether it is of an official form: its rows are counted in a column (1), their names stand in (2)."""
        return any(column.number for column in self.columns)


class Part(StrEnum):
    """What a sentence takes of a cell: all of it; of a change how much; of a rate what it is made of, and what of."""

    VALUE = "value"
    DIFFERENCE = "difference"
    PERCENT = "percent"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    BASIS = "basis"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureAt:
    """Where a figure stands in its own report: ids of the section and the column, key of the row."""

    section: str
    row: str
    column: str
    part: Part = Part.VALUE

    def __str__(self) -> str:
        return f"{self.section}/{self.row}/{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence for the press; `text` is a text of the catalogue with named places.

    figures  by place, the figure that stands there
    names    by place, the figures whose rows are told there by their names, in this order
    opens    whether a paragraph begins with it
    Beside these a text may have the places unit, period, as_of, desks, covered, missing and restated of its report.
    """

    text: str
    opens: bool = False
    figures: Mapping[str, FigureAt] = field(default_factory=dict)
    names: Mapping[str, Sequence[FigureAt]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the figures rest on.

    as_of      the ledger time up to which they were counted
    units_on   the day whose tree of units they are cut by
    rules      what was chosen where a name hides different figures, by name
    ledger     SHA-256 over the last number of each desk's ledger, in base64: equal where the same was counted
    snapshot   SHA-256 of the signed figures of the period in base64, "" while it is not closed
    ledgers    the last number of each desk's ledger, which holds within one incarnation of the centre; empty in
               reports that were kept before this was
    """

    as_of: datetime
    units_on: date
    rules: Mapping[str, str]
    ledger: str
    snapshot: str
    ledgers: Mapping[str, int] = field(default_factory=dict)
    incarnation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of a unit over a period.

    period_name     the shortest name of the period, ``2021-10``, ``2021-Q3``, ``2021``, else its two dates
    restated        how often its published figures were replaced since it was closed
    covered, desks  desks that are known to the period's end, of how many; the figures are provisional below all
    text            what the press is told of it: sentences about figures of the sections, none about anything else
    """

    layout: str
    name: str
    unit_code: str
    unit_name: str
    period: Period
    period_name: str
    provenance: Provenance
    covered: int
    desks: int
    sections: Sequence[Section]
    text: Sequence[Sentence] = ()
    restated: int = 0

    @property
    def is_running(self) -> bool:
        """Whether the period had not ended when it was counted."""
        return self.provenance.as_of < self.period.ends_at

    @property
    def is_provisional(self) -> bool:
        """Whether a figure may still grow by what is on its way."""
        return self.covered < self.desks

    def at(self, address: FigureAt) -> tuple[Row, Cell]:
        """The row and the cell of an address; raises StopIteration for one that there is not."""
        section = next(each for each in self.sections if each.id == address.section)
        row = next(each for each in section.rows if each.key == address.row)
        place = next(at for at, column in enumerate(section.columns) if column.id == address.column)
        return row, row.cells[place]

    def as_json(self) -> bytes:
        """The report for machines: made again of the same ledger time it is the same bytes."""
        return canonical(_content(self))


def _content(report: Report) -> dict[str, Any]:
    provenance = report.provenance
    return {
        "report": report.layout,
        "unit": {"code": report.unit_code, "name": report.unit_name},
        "period": str(report.period),
        "period_name": report.period_name,
        "as_of": instant_text(provenance.as_of),
        "units_on": provenance.units_on.isoformat(),
        "rules": dict(provenance.rules),
        "ledger": provenance.ledger,
        "snapshot": provenance.snapshot,
        "provisional": report.is_provisional,
        "restated": report.restated,
        "desks": report.desks,
        "covered": report.covered,
        "sections": [_section(each) for each in report.sections],
        "text": [_sentence(each) for each in report.text],
    }


def _section(section: Section) -> dict[str, Any]:
    names = [column.id for column in section.columns]
    return {
        "id": section.id,
        "rows_of": section.rows_of,
        "rows": [
            {"key": row.key, "name": row.name, "is_total": row.is_total}
            | {"cells": {name: _cell(cell) for name, cell in zip(names, row.cells, strict=True)}}
            for row in section.rows
        ],
        "notes": list(section.notes),
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "opens": sentence.opens,
        "figures": {place: {"at": str(at), "part": at.part.value} for place, at in sentence.figures.items()},
        "names": {place: [str(at) for at in listed] for place, listed in sentence.names.items()},
    }


def _cell(cell: Cell) -> Any:
    match cell:
        case Rate():
            percent = None if cell.percent is None else str(cell.percent)
            return {
                "numerator": plain_amount(cell.numerator),
                "denominator": plain_amount(cell.denominator),
                "basis": cell.basis.value,
                "percent": percent,
            }
        case Decimal() | OutOf():
            return str(cell)
        case MeanRate():
            return {"units": len(cell.parts), "basis": cell.basis.value} | _percent(cell.percent)
        case CountChange():
            return {"difference": cell.difference, "direction": cell.direction.value} | _percent(cell.percent)
        case RateChange():
            return {"direction": cell.direction.value} | _percent(cell.points, "points")
        case _:
            return cell


def _percent(value: object, name: str = "percent") -> dict[str, str | None]:
    return {name: None if value is None else str(value)}
