"""Before the day's first slip the desk asks for the day where its clock cannot be believed, and never refuses."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services.dating import BadDay, Doubt, answer_date, date_question, day_stated
from desk_client.services.recording import record_reception
from desk_client.storage import device, journal
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.device import ContactState
from sync_protocol.instants import local_date
from tests.factories import StandingClock, enrolled_desk, reception

MONDAY = date(2021, 10, 4)


class Running:
    """Milliseconds that a machine has run."""

    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        return self.ms

    def run(self, **by: float) -> None:
        """Lets the machine run for a timedelta's arguments."""
        self.ms += int(timedelta(**by) / timedelta(milliseconds=1))


@pytest.fixture
def running() -> Running:
    """How long the machine has run."""
    return Running()


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock, running: Running) -> Desk:
    """A device that was enrolled this morning and has never met the centre since."""
    return replace(enrolled_desk(tmp_path / "desk", clock=clock), monotonic_ms=running)


def save(desk: Desk) -> None:
    """Saves a dossier now."""
    record_reception(desk, reception(), received_at=desk.working_now(), clerk="an.nv")


def meet_centre(desk: Desk, *, offset_s: float = 0) -> None:
    """Remembers a contact of now that measured the clock."""
    state = ContactState(succeeded_at=desk.clock(), offset_ms=round(offset_s * 1000))
    with write_transaction(desk.database):
        device.keep_contact_state(state)


def doubt(desk: Desk) -> Doubt | None:
    """Why the day is asked, None where it is not."""
    question = date_question(desk)
    return question.doubt if question else None


def restarted(desk: Desk) -> Desk:
    """The desk after a new start of the program."""
    return replace(desk, boot="boot0002", monotonic_ms=lambda: 500)


def test_a_clock_that_runs_on_is_believed(desk: Desk, clock: StandingClock) -> None:
    save(desk)
    clock.move(hours=20)

    assert date_question(desk) is None


@pytest.mark.parametrize("back", [{"hours": 3}, {"days": 1}, {"days": 4_000}])
def test_a_clock_behind_the_last_entry_is_asked_about(desk: Desk, clock: StandingClock, back: dict[str, float]) -> None:
    save(desk)
    clock.move(**{unit: -count for unit, count in back.items()})

    question = date_question(desk)

    assert question is not None
    assert (question.doubt, question.known_on) == (Doubt.BEHIND, MONDAY)
    assert question.clock_on == local_date(clock())


def test_two_measures_of_one_clock_raise_no_question(desk: Desk, clock: StandingClock) -> None:
    save(desk)
    clock.move(minutes=-2)

    assert date_question(desk) is None


@pytest.mark.parametrize(
    ("days", "asked"),
    [(1, None), (2, Doubt.AHEAD), (3, Doubt.AHEAD), (400, Doubt.AHEAD)],
)
def test_a_clock_more_than_a_working_day_ahead_is_asked_about(
    desk: Desk, clock: StandingClock, days: int, asked: Doubt | None
) -> None:
    save(desk)
    clock.move(days=days)

    assert doubt(desk) is asked


@pytest.mark.parametrize(("days", "asked"), [(3, None), (4, Doubt.AHEAD)])
def test_a_weekend_is_not_ahead(desk: Desk, clock: StandingClock, days: int, asked: Doubt | None) -> None:
    """Friday's last entry is believed on Monday, and asked about on Tuesday."""
    clock.move(days=4)
    save(desk)
    clock.move(days=days)

    assert doubt(desk) is asked


def test_a_contact_of_today_is_enough(desk: Desk, clock: StandingClock) -> None:
    save(desk)
    clock.move(days=30)
    meet_centre(desk)

    assert date_question(desk) is None


def test_a_clock_behind_the_last_contact_is_asked_about(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=1)
    meet_centre(desk)
    clock.move(days=-1)

    assert doubt(desk) is Doubt.BEHIND


def test_a_wrong_clock_that_the_centre_has_measured_is_corrected_and_believed(desk: Desk, clock: StandingClock) -> None:
    """Entries from before the measure are of the same clock, and corrected by it too."""
    clock.move(days=-4_000)
    save(desk)
    meet_centre(desk, offset_s=timedelta(days=4_000).total_seconds())
    before_the_next_entry = date_question(desk)

    save(desk)

    assert before_the_next_entry is None
    assert date_question(desk) is None
    assert local_date(desk.working_now()) == MONDAY


def test_an_entry_of_before_the_measure_is_corrected_by_it(desk: Desk, clock: StandingClock) -> None:
    """The clock was years ahead and nothing has measured it since, but a contact of that morning did."""
    clock.move(days=4_000)
    save(desk)
    meet_centre(desk, offset_s=-timedelta(days=4_000).total_seconds())
    clock.move(hours=1)

    assert date_question(desk) is None


def test_a_clock_that_was_accepted_is_not_asked_about_again_that_day(desk: Desk, clock: StandingClock) -> None:
    save(desk)
    clock.move(days=30)

    answer_date(desk, local_date(clock()))

    assert date_question(desk) is None
    assert day_stated(desk) is None


def test_a_clock_behind_is_asked_about_once_a_day(desk: Desk, clock: StandingClock, running: Running) -> None:
    clock.move(days=2)
    meet_centre(desk)
    clock.move(days=-2)
    answer_date(desk, date(2021, 10, 6))
    clock.move(hours=5)
    running.run(hours=5)
    in_the_afternoon = doubt(desk)
    clock.move(hours=16)
    running.run(hours=16)

    assert in_the_afternoon is None
    assert doubt(desk) is Doubt.BEHIND


def test_the_first_entry_ends_the_question(desk: Desk, clock: StandingClock) -> None:
    save(desk)
    clock.move(days=-1)

    save(desk)

    assert date_question(desk) is None


def test_a_named_day_moves_the_forms_and_leaves_the_clock_in_the_entries(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=-4_000)

    answer_date(desk, MONDAY)
    save(desk)

    assert local_date(desk.working_now()) == MONDAY
    assert day_stated(desk) == MONDAY
    with reading(desk.database):
        assert journal.last_recorded(1) == (clock(), None)


def test_a_named_day_goes_on_with_the_clock(desk: Desk, clock: StandingClock, running: Running) -> None:
    clock.move(days=-4_000)
    answer_date(desk, MONDAY)

    clock.move(days=1)
    running.run(days=1)

    assert day_stated(desk) == date(2021, 10, 5)


def test_the_work_of_a_named_day_raises_no_new_question(desk: Desk, clock: StandingClock, running: Running) -> None:
    """It did: entries from before the answer, by the clock as it was, spoke against it."""
    save(desk)
    clock.move(days=-4_000)
    answer_date(desk, MONDAY)
    before_the_first_entry = doubt(desk), day_stated(desk)

    save(desk)

    assert before_the_first_entry == (None, MONDAY)
    assert (doubt(desk), day_stated(desk)) == (None, MONDAY)


def test_a_named_day_is_asked_about_after_a_new_start(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=-4_000)
    answer_date(desk, MONDAY)
    save(desk)
    clock.move(hours=1)

    question = date_question(restarted(desk))

    assert question is not None
    assert (question.doubt, question.stated_on) == (Doubt.MOVED, MONDAY)


def test_a_named_day_is_confirmed_after_a_new_start(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=-4_000)
    answer_date(desk, MONDAY)
    again = restarted(desk)

    answer_date(again, MONDAY)

    assert date_question(again) is None
    assert day_stated(again) == MONDAY


def test_a_battery_that_is_dead_once_more_is_asked_about_again(desk: Desk, clock: StandingClock) -> None:
    """After each power cut it shows the same day, so that day alone says nothing of an answer."""
    clock.move(days=-4_000)
    answer_date(desk, MONDAY)
    clock.move(hours=6)
    save(desk)
    clock.move(hours=-5, minutes=-59)

    question = date_question(restarted(desk))

    assert question is not None
    assert (question.doubt, question.stated_on, question.known_on) == (Doubt.BEHIND, None, MONDAY)
    assert day_stated(desk) is None


def test_a_clock_that_was_set_right_ends_the_named_day(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=-4_000)
    answer_date(desk, MONDAY)
    save(desk)

    clock.move(days=4_000)

    assert doubt(desk) is Doubt.AHEAD
    assert day_stated(desk) is None
    assert local_date(desk.working_now()) == MONDAY


def test_a_clock_that_was_set_by_a_day_is_asked_about(desk: Desk, clock: StandingClock, running: Running) -> None:
    """Nothing but the time that the machine has run tells it from a night."""
    clock.move(days=-1)
    answer_date(desk, MONDAY)
    running.run(hours=1)

    clock.move(days=1, hours=1)

    assert doubt(desk) is Doubt.MOVED


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1), date(1021, 10, 4)])
def test_a_day_that_cannot_be_today_is_refused(desk: Desk, day: date) -> None:
    with pytest.raises(BadDay):
        answer_date(desk, day)
    assert day_stated(desk) is None
