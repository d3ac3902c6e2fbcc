"""A paper register is typed in under its own day, until it is switched off; what is recorded says both days."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services.backlog import (
    Backlog,
    BadBacklogDay,
    backlog_of,
    begin_backlog,
    end_backlog,
    follow_backlog,
    move_backlog,
)
from tests.factories import NOW, StandingClock, enrolled_desk


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(tmp_path / "desk", clock=clock)


def test_a_register_begins_with_the_working_day_before_today(desk: Desk) -> None:
    begin_backlog(desk, "an.nv")

    assert backlog_of(desk, "an.nv") == Backlog(day=date(2021, 10, 1), at=time(8))


def test_a_register_stays_until_it_is_switched_off(desk: Desk, clock: StandingClock) -> None:
    move_backlog(desk, "an.nv", Backlog(day=date(2021, 9, 3), at=time(9, 30)))
    clock.move(days=3)
    kept = backlog_of(desk, "an.nv")

    end_backlog(desk, "an.nv")

    assert kept == Backlog(day=date(2021, 9, 3), at=time(9, 30))
    assert backlog_of(desk, "an.nv") is None


def test_a_register_belongs_to_a_clerk(desk: Desk) -> None:
    begin_backlog(desk, "an.nv")

    assert backlog_of(desk, "binh.tt") is None


@pytest.mark.parametrize("day", [date(2021, 10, 5), date(1999, 12, 31)])
def test_a_register_of_a_day_to_come_or_of_another_age_is_refused(desk: Desk, day: date) -> None:
    begin_backlog(desk, "an.nv")

    with pytest.raises(BadBacklogDay):
        move_backlog(desk, "an.nv", Backlog(day=day, at=time(8)))
    assert backlog_of(desk, "an.nv") == Backlog(day=date(2021, 10, 1), at=time(8))


def test_a_register_goes_on_at_the_dossier_just_saved(desk: Desk) -> None:
    begin_backlog(desk, "an.nv")

    follow_backlog(desk, "an.nv", datetime.fromisoformat("2021-09-02T09:15:00+07:00"))

    assert backlog_of(desk, "an.nv") == Backlog(day=date(2021, 9, 2), at=time(9, 15))


@pytest.mark.parametrize("is_on", [True, False])
def test_a_dossier_of_tomorrow_moves_no_register(desk: Desk, is_on: bool) -> None:
    before = Backlog(day=date(2021, 10, 1), at=time(8)) if is_on else None
    if is_on:
        begin_backlog(desk, "an.nv")

    follow_backlog(desk, "an.nv", NOW + timedelta(days=1))

    assert backlog_of(desk, "an.nv") == before
