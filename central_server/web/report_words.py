"""A report in the words of its reader: the heads of its tables, and what stands in their cells."""

from decimal import Decimal

from central_server.reports.changes import CountChange, Direction, RateChange
from central_server.reports.layouts import Cut
from central_server.reports.rates import BASIS_WORDS, Amount, MeanRate, OutOf, Rate, number_text, percent_text
from central_server.reports.report import Cell, Column, FigureAt, Part, Report, Row, Section, Sentence
from central_server.web.formatting import DASH, day_text, local_time, number, signed
from central_server.web.speech import gettext, page_locale
from sync_protocol.errors import N_

ROMAN = ("", "I", "II", "III", "IV")
DIRECTION_WORDS = {
    Direction.FIRST: N_("none then"),
    Direction.SAME: N_("no change"),
    Direction.UNKNOWN: DASH,
}


def head(column: Column) -> str:
    """The head of a column; of a rate with what it is a share of."""
    name = gettext(column.name)
    return f"{name} ({gettext(BASIS_WORDS[column.basis])})" if column.basis else name


def row_name(section: Section, row: Row) -> str:
    """What a row is called; that of a rate with what it is a share of."""
    name = gettext(row.name) if row.name else ""
    figure = row.cells[0] if section.rows_of == Cut.INDICATOR else None
    basis = figure.basis if isinstance(figure, Rate) else row.basis
    return f"{name} ({gettext(BASIS_WORDS[basis])})" if basis else name


def cell_text(cell: Cell) -> str:
    """What stands in a cell."""
    match cell:
        case None:
            return DASH
        case Rate() | MeanRate():
            return cell.text(page_locale())
        case CountChange(difference=int(difference)) if cell.direction not in DIRECTION_WORDS:
            return f"{signed(difference)} ({_signed(cell.percent)}%)"
        case RateChange() if cell.points is not None and cell.direction not in DIRECTION_WORDS:
            return gettext("%(points)s points", points=_signed(cell.points))
        case CountChange() | RateChange():
            return gettext(DIRECTION_WORDS[cell.direction])
        case int():
            return number(cell) if cell >= 0 else f"−{number(-cell)}"
        case Decimal():
            return _amount(cell)
        case OutOf():
            return f"{number(cell.count)}/{number(cell.of)}"
        case str():
            return gettext(cell) if cell else ""


def made_of(cell: Cell) -> str:
    """What a rate is made of, ``1.234/1.250``, or a mean of how many; "" for a rate of nothing, any other cell."""
    match cell:
        case Rate() if cell.denominator:
            return f"{_amount(cell.numerator)}/{_amount(cell.denominator)}"
        case MeanRate():
            return gettext("mean of %(count)s", count=number(len(cell.parts)))
        case _:
            return ""


def named_period(report: Report) -> str:
    """A period as people name it, with its days: ``tháng 10/2021 (từ 21/09/2021 đến 20/10/2021)``."""
    days = {"first": day_text(report.period.first_on), "last": day_text(report.period.last_on)}
    match report.period_name.split("-"):
        case [year]:
            return gettext("the year %(year)s (%(first)s to %(last)s)", year=year, **days)
        case [year, quarter] if quarter.startswith("Q"):
            roman = ROMAN[int(quarter[1:])]
            return gettext("quarter %(quarter)s of %(year)s (%(first)s to %(last)s)", quarter=roman, year=year, **days)
        case [year, month]:
            return gettext("month %(month)s/%(year)s (%(first)s to %(last)s)", month=month, year=year, **days)
        case _:
            return gettext("the time from %(first)s to %(last)s", **days)


def sentence_text(report: Report, sentence: Sentence) -> str:
    """A sentence of the report with its figures, in the language of the page."""
    places = {
        "unit": report.unit_name,
        "period": named_period(report),
        "as_of": local_time(report.provenance.as_of),
        "restated": number(report.restated),
        "desks": number(report.desks),
        "covered": number(report.covered),
        "missing": number(report.desks - report.covered),
    }
    places |= {place: _told(report.at(at)[1], at.part) for place, at in sentence.figures.items()}
    places |= {place: ", ".join(_named(report, at) for at in listed) for place, listed in sentence.names.items()}
    return gettext(sentence.text, **places)


def _told(cell: Cell, part: Part) -> str:
    """What a sentence takes of a cell; the word for the direction of a change is the sentence's."""
    match cell, part:
        case Rate(), Part.BASIS:
            return gettext(BASIS_WORDS[cell.basis])
        case Rate(), Part.NUMERATOR:
            return _amount(cell.numerator)
        case Rate(), Part.DENOMINATOR:
            return _amount(cell.denominator)
        case CountChange(difference=int(difference)), Part.DIFFERENCE:
            return number(abs(difference))
        case CountChange(percent=Decimal() as percent), Part.PERCENT:
            return percent_text(abs(percent), page_locale())
        case RateChange(points=Decimal() as points), Part.DIFFERENCE:
            return number_text(abs(points), page_locale())
        case _:
            return cell_text(cell)


def _named(report: Report, at: FigureAt) -> str:
    return gettext(report.at(at)[0].name)


def _amount(amount: Amount) -> str:
    return number_text(amount, page_locale())


def _signed(value: Decimal | None) -> str:
    """A number with its sign, ``+1,25``, ``−0,5``."""
    if value is None:
        return DASH
    text = number_text(abs(value), page_locale())
    return f"+{text}" if value > 0 else f"−{text}"
