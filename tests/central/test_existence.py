"""Desks that existed for a part of a period only: a share, an own figure, or nothing that accuses them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import ruling
from central_server.services.existence import SHARE, UNKNOWN, Existence, begun_on, existence, level
from central_server.services.ruling import BadRuling, UnknownField, UnknownRuling, in_force
from central_server.services.standing import standings, told_to_desk
from central_server.services.terms import Terms, last_words
from central_server.storage import models, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING
from sync_protocol.instants import local_instant
from sync_protocol.messages import sentence
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import UnitLevel
from tests.central.writing import enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
WHY: dict[str, Any] = {"first_on": date(2021, 1, 1), "by": "tinh", "reason": "QĐ 12/QĐ-UBND"}
LAST_TEN = date(2021, 10, 11)
FIELD = "Chứng thực"


def terms(central: Central, begun: date | None = None) -> Terms:
    """How a commune's desk is judged in October."""
    with reading(central.database):
        node = units.desk(EVERYTHING, DESK, OCTOBER.last_on)
        return in_force(central.about()).terms(node, OCTOBER, begun)


@pytest.mark.parametrize(
    ("registered", "enrolled", "begun"),
    [
        (date(2019, 1, 1), [], date(2019, 1, 1)),
        (date(2019, 1, 1), [datetime(2021, 10, 12, 2, tzinfo=UTC), datetime(2021, 10, 5, 18, tzinfo=UTC)],
         date(2021, 10, 6)),
        (date(2021, 10, 11), [datetime(2021, 10, 5, tzinfo=UTC)], date(2021, 10, 11)),
    ],
)  # fmt: skip
def test_a_desk_exists_once_it_is_registered_and_has_a_machine(
    registered: date, enrolled: list[datetime], begun: date
) -> None:
    assert begun_on(registered, enrolled) == begun


@pytest.mark.parametrize(
    ("begun", "days"),
    [(OCTOBER.first_on - timedelta(days=1), None), (OCTOBER.first_on, None), (OCTOBER.first_on + timedelta(days=1), 29),
     (OCTOBER.last_on, 1), (OCTOBER.last_on + timedelta(days=9), 0)],
)  # fmt: skip
def test_days_of_existence_are_counted_with_both_ends(begun: date, days: int | None) -> None:
    told = existence(begun, OCTOBER)

    assert (told.days if told else None) == days


@pytest.mark.parametrize(
    ("value", "days", "asked"),
    [(SHARE, 10, 17), (SHARE, 30, 50), (SHARE, 1, 2), ("5", 10, 5), (UNKNOWN, 10, None), (SHARE, 0, None),
     ("5", 0, None)],
)  # fmt: skip
def test_what_is_asked_is_a_share_rounded_up_or_a_figure_or_nothing(value: str, days: int, asked: int | None) -> None:
    assert level(value, Existence(begun_on=LAST_TEN, days=days, of_days=30), 50) == asked


def test_standings_ask_by_the_machine_that_a_desk_has_now(central: Central) -> None:
    ruling.rule_existence(central, SHARE, **WHY)
    enrolled_writer(central)

    def asked(enrolled_at: datetime) -> int:
        with write_transaction(central.database):
            models.DeviceRow.update(enrolled_at=enrolled_at).execute()
        [each] = [each for each in standings(central, EVERYTHING, OCTOBER).desks if each.desk.code == DESK]
        return each.judgement.threshold

    assert [asked(datetime(2021, 10, day, 2, tzinfo=UTC)) for day in (11, 20, 11)] == [17, 2, 17]


@pytest.mark.parametrize(("enrolled_on", "told"), [(21, None), (22, date(2021, 9, 22))])
def test_the_desk_and_its_supervisor_read_since_when_it_has_had_a_machine(
    central: Central, clock: StandingClock, enrolled_on: int, told: date | None
) -> None:
    writer = enrolled_writer(central)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)
    writer.send()
    with write_transaction(central.database):
        models.DeviceRow.update(enrolled_at=datetime(2021, 9, enrolled_on, 2, tzinfo=UTC)).execute()

    [each] = [each for each in standings(central, EVERYTHING, OCTOBER).desks if each.desk.code == DESK]
    of_desk = [
        each["vi"] for each in told_to_desk(central, central.about(), DESK, clock.at) if each["period"] == str(OCTOBER)
    ]

    assert each.judgement.evidence.values["first_machine_on"] == told
    assert of_desk == [sentence(each.judgement.evidence, "vi")]


@pytest.mark.parametrize(
    ("is_ruled", "period", "known"),
    [
        (True, OCTOBER, [False, True, True]),
        (False, OCTOBER, [True, True, True]),
        (False, SERIES.month(2021, 9), [False, False, False]),
    ],
)
def test_days_before_the_first_machine_are_known_where_the_period_is_and_else_not(
    central: Central, clock: StandingClock, is_ruled: bool, period: Period, known: list[bool]
) -> None:
    clock.at = datetime(2021, 10, 11, 2, tzinfo=UTC)
    writer = enrolled_writer(central)
    clock.at = datetime(2021, 10, 21, 3, tzinfo=UTC)
    writer.send()
    if is_ruled:
        ruling.rule_existence(central, UNKNOWN, **WHY)

    [each] = [each for each in standings(central, EVERYTHING, period).desks if each.desk.code == DESK]

    days = [period.last_on - timedelta(days=ago) for ago in (10, 9, 0)]
    assert [each.knows(day, local_instant(day, time(17)), clock.at) for day in days] == known


def test_without_a_ruling_days_of_existence_change_nothing(central: Central) -> None:
    assert terms(central, LAST_TEN) == terms(central) == Terms(threshold=50)


def test_a_share_of_the_level_is_asked_with_the_days_that_it_comes_from(central: Central) -> None:
    ruling.rule_existence(central, SHARE, **WHY)

    told = terms(central, LAST_TEN)

    assert (told.threshold, told.existence) == (17, Existence(begun_on=LAST_TEN, days=10, of_days=30))
    assert terms(central, OCTOBER.first_on) == Terms(threshold=50)


def test_a_figure_for_few_days_goes_before_the_share_for_any(central: Central) -> None:
    ruling.rule_existence(central, "5", days=10, **WHY)
    ruling.rule_existence(central, SHARE, **WHY)

    assert [terms(central, LAST_TEN - timedelta(days=back)).threshold for back in (0, 1)] == [5, 19]


def test_a_ruling_that_leaves_the_days_before_unknown_keeps_the_level(central: Central) -> None:
    ruling.rule_existence(central, UNKNOWN, level=UnitLevel.COMMUNE, **WHY)

    assert (terms(central, LAST_TEN).threshold, terms(central, LAST_TEN).is_unspoken) == (50, True)


@pytest.mark.parametrize("value", ["", "0", "half", "-1", "100001", "５"])
def test_what_is_neither_a_share_nor_a_figure_is_refused(central: Central, value: str) -> None:
    with pytest.raises(BadRuling):
        ruling.rule_existence(central, value, **WHY)


def test_a_ruling_that_was_ended_holds_for_the_periods_before_only(central: Central) -> None:
    ruling.rule_existence(central, SHARE, **WHY)
    [made] = last_words(ruling.all_rulings(central), OCTOBER.last_on)

    ruling.end(central, made.number, first_on=OCTOBER.last_on + timedelta(days=1), by="tinh", reason="Hết hiệu lực")

    assert terms(central, LAST_TEN).threshold == 17
    assert last_words(ruling.all_rulings(central), OCTOBER.last_on + timedelta(days=1)) == []
    with pytest.raises(UnknownRuling):
        ruling.end(central, made.number, first_on=date(2021, 11, 1), by="tinh", reason="Hết hiệu lực")


def test_an_ended_threshold_falls_back_to_the_one_above_it(central: Central) -> None:
    ruling.rule_threshold(central, 30, **WHY)
    ruling.rule_threshold(central, 20, unit="243", **WHY)
    ruling.end(central, 2, first_on=OCTOBER.first_on, by="tinh", reason="Hết hiệu lực")

    assert terms(central).threshold == 30


def test_an_exemption_that_ends_within_a_period_spares_nobody_in_it(central: Central) -> None:
    ruling.exempt(central, DESK, last_on=None, **WHY)
    is_exempt_before = terms(central).is_exempt
    ruling.end(central, 1, first_on=OCTOBER.last_on, by="tinh", reason="Đã mở cửa lại")

    assert (is_exempt_before, terms(central).is_exempt) == (True, False)


def test_a_field_has_a_threshold_of_its_own_beside_that_of_all_dossiers(central: Central) -> None:
    ruling.rule_threshold(central, 12, field_=FIELD, **WHY)

    assert (terms(central).threshold, terms(central).fields) == (50, {FIELD: 12})


def test_a_field_that_there_is_not_is_refused(central: Central) -> None:
    with pytest.raises(UnknownField):
        ruling.rule_threshold(central, 12, field_="Thiên văn", **WHY)
