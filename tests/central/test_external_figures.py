"""The book of figures from elsewhere: nothing in it is ever changed, and nothing unusable comes in."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from peewee import PeeweeException

from central_server.central import Central
from central_server.reports.external import FigureKind, value_of
from central_server.services import external_figures, reporting
from central_server.services.external_figures import BadFigure
from central_server.storage import models, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.errors import FieldSyncError
from sync_protocol.periods import PeriodSeries
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
TOLD = {
    "indicator": "visitors",
    "unit_code": "26",
    "period": "2021-10",
    "value": "1.234",
    "source": "Báo cáo số 15/BC-TTPVHCC ngày 22/10/2021",
}


@pytest.fixture
def book(central: Central, clock: StandingClock) -> Central:
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    return central


def unit_id(central: Central, code: str) -> str:
    with reading(central.database):
        unit = units.unit_by_code(code, OCTOBER.last_on)
    assert unit
    return unit.id


def test_a_figure_stands_with_its_source_and_who_told_it(book: Central) -> None:
    external_figures.add(book, EVERYTHING, TOLD, by="tinh")

    with reading(book.database):
        [kept] = external_figures.figures_of(OCTOBER, {unit_id(book, "26")})
    assert (kept.indicator, kept.value, kept.source) == ("visitors", Decimal(1234), TOLD["source"])
    assert (kept.recorded_by, kept.recorded_at) == ("tinh", datetime(2021, 10, 25, 2, tzinfo=UTC))


def test_a_later_figure_goes_before_an_earlier_one_and_both_stay(book: Central) -> None:
    external_figures.add(book, EVERYTHING, TOLD, by="tinh")
    external_figures.add(book, EVERYTHING, TOLD | {"value": "1240"}, by="tinh")
    external_figures.add(book, EVERYTHING, TOLD | {"value": "7", "period": "2021-09"}, by="tinh")

    with reading(book.database):
        standing = external_figures.figures_of(OCTOBER, {unit_id(book, "26")})
    assert [each.value for each in standing] == [Decimal(1240)]
    rows = external_figures.book(book, EVERYTHING)
    assert [(row.figure.value, row.is_standing) for row in rows] == [
        (Decimal(7), True),
        (Decimal(1240), True),
        (Decimal(1234), False),
    ]


@pytest.mark.parametrize("query", ["UPDATE external_figure SET value = '1'", "DELETE FROM external_figure"])
def test_what_stands_in_the_book_is_never_changed_or_removed(book: Central, query: str) -> None:
    external_figures.add(book, EVERYTHING, TOLD, by="tinh")

    with pytest.raises(PeeweeException), write_transaction(book.database):
        book.database.execute_sql(query)

    assert [row.figure.value for row in external_figures.book(book, EVERYTHING)] == [Decimal(1234)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"indicator": "weather"},
        {"unit_code": "99"},
        {"period": "2021-13"},
        {"period": "2022-10"},
        {"value": "12,5"},
        {"value": "-1"},
        {"value": "1e5"},
        {"value": "=1+1"},
        {"value": "1.23.4"},
        {"value": "1.2.3,0"},
        {"value": "12.34,0"},
        {"value": ""},
        {"numerator": "5", "denominator": "4"},
        {"source": ""},
        {"source": "x" * 201},
        {"source": "Báo cáo\x00"},
    ],
)
def test_what_is_not_usable_is_refused_and_nothing_is_kept(book: Central, wrong: dict[str, str]) -> None:
    with pytest.raises(BadFigure):
        external_figures.add(book, EVERYTHING, TOLD | wrong, by="tinh")

    assert external_figures.book(book, EVERYTHING) == []


@pytest.mark.parametrize(("text", "value"), [("1.234.567,0", "1234567"), ("1.234", "1234"), ("1234", "1234")])
def test_a_number_is_read_as_people_write_it(book: Central, text: str, value: str) -> None:
    assert external_figures.add(book, EVERYTHING, TOLD | {"value": text}, by="tinh").value == Decimal(value)


@pytest.mark.parametrize("told", [{"value": "105"}, {"value": "", "numerator": "7", "denominator": "3"}])
def test_no_share_is_more_than_the_whole(book: Central, told: dict[str, str]) -> None:
    with pytest.raises(BadFigure):
        external_figures.add(book, EVERYTHING, TOLD | {"indicator": "procedures_online"} | told, by="tinh")


def test_a_person_tells_and_sees_only_what_is_of_the_own_area(book: Central) -> None:
    own = Scope(root=unit_id(book, "243"))
    with pytest.raises(BadFigure):
        external_figures.add(book, own, TOLD, by="vinhyen")
    external_figures.add(book, own, TOLD | {"unit_code": "08707"}, by="vinhyen")
    external_figures.add(book, EVERYTHING, TOLD, by="tinh")

    assert [row.unit_code for row in external_figures.book(book, own)] == ["08707"]


def test_that_somebody_added_to_the_book_is_recorded(book: Central) -> None:
    external_figures.add(book, EVERYTHING, TOLD, by="tinh")

    with reading(book.database):
        recorded = [(row.who, row.what) for row in models.ChangeRow.select()]
    assert recorded[-1] == ("tinh", "external_figures")


@pytest.mark.parametrize(
    ("kind", "told", "value"),
    [
        (FigureKind.COUNT, ("12", None, None), "12"),
        (FigureKind.SHARE, ("99.98", None, None), "99.98"),
        (FigureKind.SHARE, (None, 1, 3), "33.33"),
        (FigureKind.SHARE, ("33.3", 1, 3), "33.33"),
        (FigureKind.SHARE, ("33", 1, 3), "33.33"),
        (FigureKind.POINTS, (None, 7, 4), "1.75"),
        (FigureKind.POINTS, ("2", None, None), "2"),
    ],
)
def test_a_share_is_what_its_parts_make(kind: FigureKind, told: tuple[str | None, int, int], value: str) -> None:
    number, numerator, denominator = told

    assert value_of(kind, Decimal(number) if number else None, numerator, denominator) == Decimal(value)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (FigureKind.COUNT, ("1.5", None, None)),
        (FigureKind.COUNT, (None, 1, 2)),
        (FigureKind.SHARE, ("33.4", 1, 3)),
        (FigureKind.SHARE, (None, 1, 0)),
        (FigureKind.SHARE, (None, None, 3)),
        (FigureKind.SHARE, (None, None, None)),
        (FigureKind.POINTS, ("2.1", None, None)),
        (FigureKind.POINTS, (None, 5, 2)),
    ],
)
def test_numbers_that_do_not_make_a_figure_are_refused(kind: FigureKind, told: tuple[str | None, int, int]) -> None:
    number, numerator, denominator = told

    with pytest.raises((ValueError, FieldSyncError)):
        value_of(kind, Decimal(number) if number else None, numerator, denominator)


def test_a_period_named_by_its_days_is_the_same_as_by_its_name(book: Central) -> None:
    external_figures.add(book, EVERYTHING, TOLD | {"period": "2021-09-21..2021-10-20"}, by="tinh")

    with reading(book.database):
        [kept] = external_figures.figures_of(OCTOBER, {unit_id(book, "26")})
    assert kept.period.first_on == date(2021, 9, 21)


def test_a_report_tells_what_was_published_before_from_what_is_counted(book: Central) -> None:
    told = TOLD | {"indicator": "published_received_new", "value": "90"}
    external_figures.add(book, EVERYTHING, told, by="tinh")

    report = reporting.make_report(book, EVERYTHING, "monthly", OCTOBER)

    [section] = [each for each in report.sections if each.id == "external"]
    assert [row.cells for row in section.rows] == [
        ["Tỉnh Vĩnh Phúc", 90, "number, as published before", None, TOLD["source"]]
    ]
