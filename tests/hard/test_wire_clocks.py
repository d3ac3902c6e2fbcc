"""A desk's clock may be wrong by 20 years, jump while it works, or pass midnight, New Year and Tết: it always sends.

The offset is learnt from the centre's answers; what was recorded keeps its order and its day, and the clerk is asked
kindly where the day is in doubt.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from central_server.central import Central
from desk_client.desk import Desk
from desk_client.services.dating import date_question
from desk_client.services.overview import overview
from sync_protocol.instants import local_date
from tests.central.writing import arrived_by_day, ledger_of
from tests.conftest import Link, arrived_codes, held_codes, only_on_sqlite, record, sync, sync_quietly
from tests.factories import NOW, StandingClock

DAY = timedelta(days=1)
OFFSETS = {
    "20 years behind": -7_305 * DAY,
    "10 years behind": -3_652 * DAY,
    "a dead battery": datetime(2005, 1, 1, tzinfo=UTC) - NOW,
    "a year behind": -365 * DAY,
    "a month behind": -30 * DAY,
    "a day behind": -DAY,
    "an hour behind": timedelta(hours=-1),
    "a minute ahead": timedelta(minutes=1),
    "seven hours ahead": timedelta(hours=7),
    "a day ahead": DAY,
    "a month ahead": 30 * DAY,
    "a year ahead": 365 * DAY,
    "10 years ahead": 3_652 * DAY,
    "20 years ahead": 7_305 * DAY,
}
assert len(OFFSETS) == 14

MOMENTS = {
    "an ordinary morning": NOW,
    "a second before midnight": datetime(2021, 10, 4, 16, 59, 59, tzinfo=UTC),
    "the last second of a year": datetime(2021, 12, 31, 16, 59, 59, tzinfo=UTC),
    "the night of Tết": datetime(2022, 1, 31, 17, 0, 0, tzinfo=UTC),
    "the 29th of February": datetime(2024, 2, 29, 3, 0, 0, tzinfo=UTC),
}

FAR = ("20 years behind", "seven hours ahead", "20 years ahead")
CASES = [("an ordinary morning", name) for name in OFFSETS] + [
    (moment, name) for moment in list(MOMENTS)[1:] for name in FAR
]

pytestmark = [pytest.mark.slow, only_on_sqlite]


@pytest.mark.parametrize(("moment", "name"), CASES)
def test_a_desk_with_a_wrong_clock_sends_in_order_and_learns_the_time(
    enrol: Callable[..., Desk], central: Central, link: Link, clock: StandingClock, moment: str, name: str
) -> None:
    clock.at = MOMENTS[moment]
    own = StandingClock(clock.at + OFFSETS[name])
    desk = enrol(clock=own)

    sync_quietly(desk, link)
    assert desk.now() == clock.at
    for _ in range(3):
        record(desk)
        clock.move(seconds=1)
        own.move(seconds=1)
        sync_quietly(desk, link)

    assert arrived_codes(central) == held_codes(desk)
    days = [local_date(MOMENTS[moment] + timedelta(seconds=second)) for second in range(3)]
    assert arrived_by_day(central) == {day: days.count(day) for day in days}
    numbers = ledger_of(central)
    assert [sequence for _, _, sequence in numbers] == list(range(1, len(numbers) + 1))
    assert overview(desk).problem == ""


@pytest.mark.parametrize("name", OFFSETS)
def test_a_clock_that_jumps_while_a_desk_works_stops_nothing(
    enrol: Callable[..., Desk], central: Central, link: Link, clock: StandingClock, name: str
) -> None:
    own = StandingClock()
    desk = enrol(clock=own)
    record(desk)
    sync_quietly(desk, link)

    own.at += OFFSETS[name]
    before = record(desk)
    first = sync(desk, link)
    after = record(desk)
    sync_quietly(desk, link)

    assert first.error is None
    assert desk.now() == clock.at
    assert after.received_at == clock.at
    assert before.dossier_code != after.dossier_code
    assert arrived_codes(central) == held_codes(desk)
    own.at -= OFFSETS[name]
    sync_quietly(desk, link)
    assert desk.now() == clock.at


@pytest.mark.parametrize("name", [name for name, offset in OFFSETS.items() if offset <= -DAY])
def test_a_clerk_is_asked_for_the_day_and_can_work_without_an_answer(
    enrol: Callable[..., Desk], central: Central, link: Link, name: str
) -> None:
    own = StandingClock()
    desk = enrol(clock=own)
    record(desk)
    sync_quietly(desk, link)

    own.at += OFFSETS[name]
    question = date_question(desk)
    record(desk)
    sync_quietly(desk, link)

    assert question is not None
    assert arrived_codes(central) == held_codes(desk)


@pytest.mark.parametrize("name", OFFSETS)
def test_a_centre_whose_clock_is_wrong_takes_everything(
    enrol: Callable[..., Desk], central: Central, link: Link, clock: StandingClock, name: str
) -> None:
    """The clock of the centre is the one that counts; where it is put right, nothing is lost or sent twice."""
    desk = enrol(clock=StandingClock())
    clock.at = NOW + OFFSETS[name]
    record(desk)
    sync_quietly(desk, link)
    clock.at = NOW
    record(desk)
    sync_quietly(desk, link)

    assert arrived_codes(central) == held_codes(desk)
    assert desk.now() == NOW
