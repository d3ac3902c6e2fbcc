"""What a desk enters for days before a period, or after its end, is counted beside the period's figure."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from central_server.services.late_entry import Bulk, LateEntry, bulks, late_entry, recorded_for_earlier_days
from central_server.services.standing import desk_story
from central_server.storage import models
from central_server.storage.database import reading, write_transaction
from central_server.storage.dossiers import LateDossier
from central_server.storage.units import EVERYTHING, Scope, unit_by_code
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, only_on_sqlite
from tests.factories import reception

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
DAYS = st.dates(date(2021, 9, 10), date(2021, 10, 30))


def at_ten(day: date) -> datetime:
    """10:00 of a local day."""
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def enter(writer: Writer, received_on: date, recorded_on: date) -> str:
    """Seals the reception of one day, entered on another."""
    code = f"{writer.device.desk}-{received_on:%y%m%d}-{1000 + next(writer.serials)}"
    return writer.write(
        "receive",
        reception(dossier_code=code),
        {received_on: 1},
        happened_at=at_ten(received_on),
        recorded_at=at_ten(recorded_on),
    )


def of_desk(central: Central) -> LateEntry:
    """What the desk of the writer entered late in or of October."""
    return late_entry(central, desk_story(central, EVERYTHING, DESK, OCTOBER))


def typed(minute: int, day: int, clerk: str = "truong") -> LateDossier:
    """A dossier of a day of October, entered on 15 October so many minutes after ten."""
    at = at_ten(date(2021, 10, 15)) + timedelta(minutes=minute)
    return LateDossier(date(2021, 10, day), date(2021, 10, 15), at, clerk)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def test_a_backlog_of_before_is_told_beside_the_period(writer: Writer, central: Central) -> None:
    enter(writer, date(2021, 9, 20), date(2021, 9, 21))
    enter(writer, date(2021, 8, 2), date(2021, 10, 20))
    enter(writer, date(2021, 9, 21), date(2021, 9, 28))
    enter(writer, date(2021, 9, 20), date(2021, 9, 20))
    enter(writer, date(2021, 9, 20), date(2021, 10, 21))

    writer.send()

    assert recorded_for_earlier_days(central, EVERYTHING, OCTOBER) == {DESK: 2}


def test_what_was_entered_after_the_period_is_told_as_well(writer: Writer, central: Central) -> None:
    enter(writer, date(2021, 10, 20), date(2021, 10, 21))
    enter(writer, date(2021, 10, 20), date(2021, 10, 20))
    enter(writer, date(2021, 10, 19), date(2021, 10, 20))
    enter(writer, date(2021, 10, 21), date(2021, 10, 25))

    writer.send()

    assert of_desk(central).after == 1


def test_a_dossier_that_counts_nowhere_was_not_entered(writer: Writer, central: Central) -> None:
    dossier = enter(writer, date(2021, 9, 1), date(2021, 9, 28))
    writer.void(dossier, date(2021, 9, 1))

    writer.send()

    assert recorded_for_earlier_days(central, EVERYTHING, OCTOBER) == {}


def test_a_supervisor_hears_only_of_the_own_desks(writer: Writer, central: Central) -> None:
    enter(writer, date(2021, 9, 1), date(2021, 9, 28))
    writer.send()
    with reading(central.database):
        own, other = (unit_by_code(code, OCTOBER.last_on) for code in ("243", "246"))
    assert own
    assert other

    told = [recorded_for_earlier_days(central, Scope(root=unit.id), OCTOBER) for unit in (own, other)]

    assert told == [{DESK: 1}, {}]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(DAYS, DAYS), max_size=12))
def test_both_counts_are_those_of_a_plain_look_at_each_dossier(
    writer: Writer, central: Central, days: list[tuple[date, date]]
) -> None:
    first = writer.head + 1
    for received_on, recorded_on in days:
        enter(writer, received_on, recorded_on)
    if days:
        writer.send(writer.contact(first=first))
    with reading(central.database):
        row = models.DossierRow
        held = list(row.select(row.received_on, row.recorded_on).tuples())

    earlier = sum(received < OCTOBER.first_on <= recorded <= OCTOBER.last_on for received, recorded in held)
    after = sum(OCTOBER.first_on <= received <= OCTOBER.last_on < recorded for received, recorded in held)
    assert recorded_for_earlier_days(central, EVERYTHING, OCTOBER).get(DESK, 0) == earlier
    assert (of_desk(central).earlier, of_desk(central).after) == (earlier, after)


@only_on_sqlite
def test_only_what_was_entered_late_is_read(writer: Writer, central: Central, database_kind: str) -> None:
    enter(writer, date(2021, 9, 1), date(2021, 9, 1) + timedelta(days=27))
    writer.send()
    with write_transaction(central.database):
        central.database.execute_sql("ANALYZE")

    with counted_statements(central) as asked:
        recorded_for_earlier_days(central, EVERYTHING, OCTOBER)

    with reading(central.database):
        plans = [
            central.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", ["2021-09-21"] * sql.count("?")).fetchall()
            for sql in asked
            if '"dossier"' in sql
        ]
    assert len(plans) == 1
    assert "COVERING INDEX dossier_entered_late" in str(plans[0])


def stretch(first: int, last: int, dossiers: int, days: int) -> Bulk:
    """Minutes after ten on 15 October."""
    ten = at_ten(date(2021, 10, 15))
    first_at, last_at = ten + timedelta(minutes=first), ten + timedelta(minutes=last)
    return Bulk(first_at=first_at, last_at=last_at, dossiers=dossiers, days=days)


@pytest.mark.parametrize(
    ("late", "found"),
    [
        ([typed(3 * n, 4 + n % 3) for n in range(20)], [stretch(0, 57, 20, 3)]),
        ([typed(3 * n, 4 + n % 3) for n in range(19)] + [typed(60, 4)], [stretch(0, 60, 20, 3)]),
        ([typed(3 * n, 4 + n % 3) for n in range(19)], []),
        ([typed(3 * n, 4 + n % 2) for n in range(20)], []),
        ([typed(n, 4 + n % 3, "truong" if n % 2 else "hoa") for n in range(38)], []),
        # Nineteen in any hour, however many in all.
        ([typed(n * 10 // 3, 4 + n % 3) for n in range(40)], []),
        # One afternoon without a pause is one stretch; after a pause begins another.
        ([typed(2 * n, 4 + n % 5) for n in range(60)], [stretch(0, 118, 60, 5)]),
        (
            [typed(n, 4 + n % 3) for n in range(20)] + [typed(200 + n, 4 + n % 4) for n in range(25)],
            [stretch(0, 19, 20, 3), stretch(200, 224, 25, 4)],
        ),
    ],
)
def test_a_stretch_is_many_dossiers_of_several_days_by_one_clerk(late: list[LateDossier], found: list[Bulk]) -> None:
    assert bulks(late) == found


def test_the_page_of_a_desk_tells_what_was_entered_later_and_that_nobody_has_said_why(
    writer: Writer, central: Central
) -> None:
    for n in range(20):
        enter(writer, date(2021, 9, 13 + n % 4), date(2021, 9, 28))
    enter(writer, date(2021, 10, 20), date(2021, 10, 21))
    writer.send()
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )

    page = browser(create_app(central), "tinh").get(f"/desks/{DESK}?period=2021-10").text

    told = page.partition("Entered later</span>")[2].partition("</p>")[0].strip()
    assert told == (
        "20 dossiers of days before the period were entered in it. "
        "1 dossiers of the period were entered after its end. "
        "Entered at a stretch, from 10:00 28/09/2021 to 10:00 28/09/2021: 20 dossiers of 4 days. "
        "Entering later is no fault: it may have been ordered, or the network was down. The desk has not said why."
    )
