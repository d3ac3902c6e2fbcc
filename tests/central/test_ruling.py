"""Rulings about how desks are judged: dated, the nearest wins, and none accuses or spares by accident."""

from datetime import date, timedelta
from typing import Any

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.services import ruling
from central_server.services.enrolment import UnknownDesk
from central_server.services.ruling import BadRuling
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import standings
from central_server.storage import models
from central_server.storage.database import write_transaction
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.standings import Judgement
from sync_protocol.vocabulary import Declaration, Standing, UnitLevel
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER, NOVEMBER = SERIES.month(2021, 10), SERIES.month(2021, 11)
QUARTER = SERIES.months(2021, 12, count=3)
DESK = "H62.11.01"
WHY: dict[str, Any] = {"by": "tinh", "reason": "QĐ 12/QĐ-UBND"}


def of(central: Central, code: str = DESK, period: Period = OCTOBER) -> Judgement:
    return next(each.judgement for each in standings(central, EVERYTHING, period).desks if each.desk.code == code)


def thresholds(central: Central, period: Period = OCTOBER) -> dict[str, int]:
    return {each.desk.code: each.judgement.threshold for each in standings(central, EVERYTHING, period).desks}


def test_without_a_ruling_the_flat_threshold_holds(central: Central) -> None:
    assert set(thresholds(central).values()) == {50}


def test_the_ruling_nearest_to_a_desk_wins(central: Central) -> None:
    ruling.rule_threshold(central, 40, first_on=OCTOBER.first_on, **WHY)
    ruling.rule_threshold(central, 30, first_on=OCTOBER.first_on, level=UnitLevel.COMMUNE, **WHY)
    ruling.rule_threshold(central, 20, first_on=OCTOBER.first_on, unit="243", **WHY)
    ruling.rule_threshold(central, 45, first_on=OCTOBER.first_on, **WHY)

    assert thresholds(central) == {
        "H62.11": 20, "H62.11.01": 20, "H62.11.02": 20, "H62.12": 45, "H62.12.01": 30, "H62.12.02": 30,
    }  # fmt: skip


def test_a_threshold_holds_from_its_day_on_for_its_length_of_period(central: Central) -> None:
    ruling.rule_threshold(central, 150, first_on=date(2021, 1, 1), months=3, **WHY)
    ruling.rule_threshold(central, 30, first_on=NOVEMBER.last_on, **WHY)

    assert (of(central).threshold, of(central, period=NOVEMBER).threshold) == (50, 30)
    assert of(central, period=QUARTER).threshold == 150


def test_an_exempt_desk_is_not_judged_and_not_missing(central: Central) -> None:
    ruling.exempt(central, DESK, first_on=OCTOBER.first_on, last_on=OCTOBER.last_on, **WHY)

    told = standings(central, EVERYTHING, OCTOBER)

    assert of(central).standing is Standing.EXEMPT
    assert [each.desk.code for each in told.desks if each.is_known] == [DESK]
    assert of(central, period=NOVEMBER).standing is Standing.NO_DEVICE


@pytest.mark.parametrize("days", [(1, 0), (0, -1)])
def test_an_exemption_of_a_part_of_the_period_spares_nobody(central: Central, days: tuple[int, int]) -> None:
    first_on, last_on = OCTOBER.first_on + timedelta(days=days[0]), OCTOBER.last_on + timedelta(days=days[1])
    ruling.exempt(central, DESK, first_on=first_on, last_on=last_on, **WHY)

    assert of(central).standing is Standing.NO_DEVICE


def test_an_exemption_that_was_taken_back_spares_nobody(central: Central) -> None:
    ruling.exempt(central, DESK, first_on=OCTOBER.first_on, last_on=None, **WHY)
    ruling.exempt(central, DESK, first_on=OCTOBER.first_on, last_on=None, is_over=True, **WHY)

    assert of(central).standing is Standing.NO_DEVICE


@pytest.fixture
def elsewhere(central: Central, clock: StandingClock) -> Writer:
    """A desk that enters in other software; its machine has taken three dossiers in and is known to the end."""
    writer = enrolled_writer(central)
    ruling.note_other_software(central, DESK, "Phần mềm khác", first_on=OCTOBER.first_on, last_on=None, **WHY)
    for _ in range(3):
        writer.receive(DAY)
    writer.send()
    clock.at = NOVEMBER.starts_at + timedelta(hours=10)
    writer.send(writer.alone(acknowledged=writer.head))
    return writer


def test_a_desk_with_other_software_is_not_accused_before_its_file_is_in(elsewhere: Writer, central: Central) -> None:
    assert (of(central).standing, of(central).flag_proven) == (Standing.ELSEWHERE, False)


def test_once_it_has_confirmed_the_period_it_is_judged(elsewhere: Writer, central: Central) -> None:
    declared = [(OCTOBER, Declaration.COMPLETE)]
    elsewhere.send(elsewhere.alone(acknowledged=elsewhere.head, declarations=tuple(declared)))

    assert (of(central).standing, of(central).flag_proven) == (Standing.FEW, True)


def test_with_enough_dossiers_it_has_met_the_level_without_a_word(elsewhere: Writer, central: Central) -> None:
    ruling.rule_threshold(central, 3, first_on=OCTOBER.first_on, **WHY)

    assert of(central).standing is Standing.MET


def test_a_desk_is_told_of_itself_by_the_same_rulings(elsewhere: Writer, central: Central) -> None:
    ruling.rule_threshold(central, 7, first_on=OCTOBER.first_on, **WHY)

    told = elsewhere.send(elsewhere.alone(acknowledged=elsewhere.head)).standings

    assert [(each["threshold"], each["standing"]) for each in told] == [(7, "elsewhere"), (7, "elsewhere")]


def test_what_cannot_hold_is_refused_and_changes_nothing(central: Central) -> None:
    for value in (0, -1, 100_001):
        with pytest.raises(BadRuling):
            ruling.rule_threshold(central, value, first_on=OCTOBER.first_on, **WHY)
    with pytest.raises(BadRuling):
        ruling.rule_threshold(central, 30, first_on=OCTOBER.first_on, by="tinh", reason=" ")
    with pytest.raises(BadRuling):
        ruling.exempt(central, DESK, first_on=OCTOBER.last_on, last_on=OCTOBER.first_on, **WHY)
    with pytest.raises(UnknownDesk):
        ruling.exempt(central, "H99", first_on=OCTOBER.first_on, last_on=None, **WHY)
    with pytest.raises(UnknownUnit):
        ruling.rule_threshold(central, 30, first_on=OCTOBER.first_on, unit="999", **WHY)

    assert ruling.all_rulings(central) == []


def test_a_ruling_cannot_be_changed_in_the_database(central: Central) -> None:
    ruling.rule_threshold(central, 30, first_on=OCTOBER.first_on, **WHY)

    for query in (models.RulingRow.update(value="1"), models.RulingRow.delete()):
        with pytest.raises(DatabaseError), write_transaction(central.database):
            query.execute()
