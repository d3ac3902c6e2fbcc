"""What reports count: the sets of domain guide 10.2, compared with a count by hand over a desk's dossiers."""

from datetime import UTC, date, datetime

import pytest

from central_server.central import Central
from central_server.reports.counts import Counts, total
from central_server.storage import counting
from central_server.storage.database import reading
from desk_client.desk import Desk
from sync_protocol.events import Resolved
from sync_protocol.periods import Period
from sync_protocol.vocabulary import ResultKind
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, Link, record, sync_quietly, take
from tests.factories import StandingClock

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
TODAY = date(2021, 10, 25)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def counted(central: Central, known_until: date | None = TODAY) -> Counts:
    """All of the desk in October."""
    with reading(central.database):
        rows = counting.counts(OCTOBER, {DESK: known_until} if known_until else {}, TODAY)
    for row in rows.values():
        row.check()
    return total(rows.values())


def test_a_reception_of_the_period_and_one_of_before_are_its_workload(writer: Writer, central: Central) -> None:
    writer.receive(date(2021, 9, 20))
    writer.receive(date(2021, 9, 21), channel="online")
    writer.receive(date(2021, 10, 20))
    writer.receive(date(2021, 10, 21))
    writer.send()

    row = counted(central)

    assert (row.carried_over, row.received_online, row.received_direct, row.workload) == (1, 1, 1, 3)


def test_what_is_void_is_nowhere(writer: Writer, central: Central) -> None:
    writer.void(writer.receive(date(2021, 10, 4)), date(2021, 10, 4))
    writer.send()

    assert counted(central) == Counts()


@pytest.mark.parametrize(
    ("known_until", "name"), [(TODAY, "overdue"), (date(2021, 10, 6), "due_unknown"), (None, "due_unknown")]
)
def test_what_fell_due_at_a_desk_that_is_not_known_so_far_is_not_late(
    device: Desk, link: Link, central: Central, known_until: date | None, name: str
) -> None:
    record(device, procedure_code="1.004873")
    sync_quietly(device, link)

    row = counted(central, known_until)

    assert getattr(row, name) == row.in_process == 1


def test_what_was_closed_later_was_open_then_and_is_known_to_be_late(
    device: Desk, link: Link, central: Central, clock: StandingClock
) -> None:
    dossier = record(device, procedure_code="1.004873")
    clock.at = datetime(2021, 10, 22, 2, tzinfo=UTC)
    take(device, dossier.id, Resolved(result_kind=ResultKind.GRANTED))
    sync_quietly(device, link)

    row = counted(central, known_until=None)

    assert (row.overdue, row.resolved) == (1, 0)
