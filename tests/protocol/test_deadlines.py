"""The appointment of a dossier: the published examples, waits, extensions, and a calendar stepped through by hand."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.calendars import OFFICE_HOURS, Season, TimeLimit, WorkingCalendar, parse_calendar
from sync_protocol.deadlines import (
    DUE_SOON_WORKING_DAYS,
    DueState,
    days_left,
    due_at,
    due_state,
    is_held,
    original_due_at,
    promised_at,
)
from sync_protocol.dossiers import Dossier, DueSet, Wait, read_state, state_bytes
from sync_protocol.instants import LOCAL
from sync_protocol.packs import (
    LIMITS_KEPT,
    PackKind,
    Packs,
    calendar_content,
    desk_content,
    procedures_content,
    read_packs,
    signed_pack,
)
from sync_protocol.procedures import DeadlineRules, Procedure, ProcedureLimit, WaitPolicy
from sync_protocol.vocabulary import Channel, DossierStage, LimitUnit, Source, WaitKind
from tests.factories import CENTRE_KEY, profile

TABLE = Path(__file__).parents[2] / "central_server" / "reference" / "calendar_vn_2019_2027.csv"

with TABLE.open(encoding="utf-8", newline="") as file:
    CALENDAR = parse_calendar(csv.DictReader(file))

CODE = "1.004873"
NOON = "2026-11-18 12:00"
RESTART, SUSPEND = WaitPolicy.RESTART, WaitPolicy.SUSPEND
BOTH_SUSPEND = DeadlineRules(supplement_policy=SUSPEND, payment_policy=SUSPEND)


def local(text: str) -> datetime:
    """The instant of a local wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


def shown(instant: datetime | None) -> str:
    """An instant in local wall time."""
    return f"{instant.astimezone(LOCAL):%Y-%m-%d %H:%M}" if instant else "none"


def days(value: float | str, unit: LimitUnit = LimitUnit.WORKING_DAY) -> TimeLimit:
    """A limit, in working days where nothing else is said."""
    return TimeLimit(value=Decimal(str(value)), unit=unit)


def procedure(*limits: ProcedureLimit, **said: Any) -> Procedure:
    """A procedure with limits."""
    values: dict[str, Any] = {"code": CODE, "name": "Xác nhận", "field": "Hộ tịch", "channels": tuple(Channel)}
    return Procedure(limits=limits, **values | said)


def packs(
    limit: TimeLimit | None = None,
    *limits: ProcedureLimit,
    rules: DeadlineRules | None = None,
    own: Sequence[ProcedureLimit] = (),
    calendar: WorkingCalendar = CALENDAR,
) -> Packs:
    """Reference data with one procedure, of one limit or of several."""
    all_limits = (ProcedureLimit(committed=limit), *limits) if limit else limits
    return Packs(
        procedures={CODE: procedure(*all_limits)},
        calendar=calendar,
        desk=profile(rules=rules or DeadlineRules(), limits={CODE: tuple(own)} if own else {}),
    )


def dossier(received: str = "2026-11-02 09:00", *timeline: Wait | DueSet, **said: Any) -> Dossier:
    """A dossier received at a local wall time."""
    values: dict[str, Any] = {
        "id": "1.1.3",
        "dossier_code": "H62.11.01-261102-0001",
        "procedure_code": CODE,
        "channel": Channel.DIRECT,
        "stage": DossierStage.PROCESSING,
        "received_at": local(received),
        "recorded_at": local(received),
        "received_by": "an.nv",
        "timeline": timeline,
    }
    return Dossier(**values | said)


def wait(since: str, until: str = "", kind: WaitKind = WaitKind.SUPPLEMENT) -> Wait:
    """A wait between local wall times, open where it has no end."""
    return Wait(kind=kind, since=local(since), until=local(until) if until else None)


def named(at: str, due_on: str, *, is_extension: bool = True) -> DueSet:
    """A date that a person named at a local wall time."""
    return DueSet(at=local(at), due_on=date.fromisoformat(due_on), is_extension=is_extension)


# The published examples


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        ("2026-02-12 09:00", days(3), "2026-02-24 09:00"),
        ("2026-08-28 09:00", days(5), "2026-09-09 09:00"),
        ("2026-08-21 09:00", days(1), "2026-08-22 09:00"),
        ("2025-12-31 09:00", days(1), "2026-01-05 09:00"),
        ("2026-11-18 09:00", days(3), "2026-11-23 09:00"),
        ("2026-11-18 17:30", days(3), "2026-11-25 07:00"),
        ("2026-11-21 20:00", days(2), "2026-11-26 07:00"),
        ("2026-11-18 15:00", days(0, LimitUnit.SAME_DAY), "2026-11-18 17:00"),
        ("2026-11-18 15:01", days(0, LimitUnit.SAME_DAY), "2026-11-19 17:00"),
        ("2026-11-23 15:30", days(0, LimitUnit.SAME_DAY), "2026-11-25 17:00"),
        ("2026-02-06 09:00", days(15, LimitUnit.CALENDAR_DAY), "2026-02-23 09:00"),
        ("2026-04-16 09:00", days(15, LimitUnit.CALENDAR_DAY), "2026-05-04 09:00"),
    ],
)
def test_the_published_examples_are_met(received: str, limit: TimeLimit, expected: str) -> None:
    promised = promised_at(packs(limit), CODE, Channel.DIRECT, local(received))

    assert shown(promised) == expected
    assert shown(due_at(dossier(received), packs(limit))) == expected


# Which limit


def test_a_procedure_that_is_not_known_here_promises_nothing() -> None:
    assert promised_at(packs(days(3)), "9.999999", Channel.DIRECT, local("2026-11-18 09:00")) is None
    assert due_at(dossier(procedure_code="9.999999"), packs(days(3))) is None


def test_a_procedure_without_a_limit_promises_nothing() -> None:
    assert promised_at(packs(), CODE, Channel.DIRECT, local("2026-11-18 09:00")) is None
    assert due_at(dossier(), packs()) is None


def test_the_appointment_uses_what_was_committed_else_what_the_law_says() -> None:
    both = packs(None, ProcedureLimit(statutory=days(5), committed=days(3)))
    by_law = packs(None, ProcedureLimit(statutory=days(5)))

    assert both.limit_of(CODE, date(2026, 11, 2), Channel.DIRECT) == days(3)
    assert by_law.limit_of(CODE, date(2026, 11, 2), Channel.DIRECT) == days(5)


@pytest.mark.parametrize(
    ("on", "channel", "expected"),
    [
        (date(2025, 6, 30), Channel.DIRECT, 7),
        (date(2025, 7, 1), Channel.DIRECT, 5),
        (date(2025, 7, 1), Channel.ONLINE, 3),
        (date(2025, 12, 31), Channel.ONLINE, 3),
        (date(2026, 1, 1), Channel.ONLINE, 5),
        (date(2026, 3, 1), Channel.ONLINE, 2),
    ],
)
def test_the_limit_of_the_channel_comes_first_and_then_the_latest(on: date, channel: Channel, expected: int) -> None:
    told = packs(
        days(7),
        ProcedureLimit(committed=days(5), valid_from=date(2025, 7, 1)),
        ProcedureLimit(
            committed=days(3), channel=Channel.ONLINE, valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31)
        ),
        ProcedureLimit(committed=days(2), channel=Channel.ONLINE, valid_from=date(2026, 3, 1)),
    )

    assert told.limit_of(CODE, on, channel) == days(expected)


def test_the_units_own_limit_wins_even_over_that_of_the_channel() -> None:
    told = packs(
        None,
        ProcedureLimit(committed=days(3), channel=Channel.DIRECT),
        own=[ProcedureLimit(committed=days(1), valid_from=date(2026, 11, 2))],
    )

    assert told.limit_of(CODE, date(2026, 11, 1), Channel.DIRECT) == days(3)
    assert told.limit_of(CODE, date(2026, 11, 2), Channel.DIRECT) == days(1)


def test_packs_remember_some_limits_each_of_its_procedure_day_and_channel() -> None:
    """Asked again, in any order and after many others, they say the same."""
    since = ProcedureLimit(committed=days(1), channel=Channel.ONLINE, valid_from=date(2026, 11, 2))
    told = packs(days(3), since)
    asked = list(product([CODE, "1.000000"], (date(2026, 11, n) for n in (1, 2)), [Channel.DIRECT, Channel.ONLINE]))
    first = [told.limit_of(*each) for each in asked]

    for number in range(LIMITS_KEPT + 1):
        told.limit_of(f"2.{number:06}", date(2026, 11, 1), Channel.DIRECT)

    assert first == [days(3), days(3), days(3), days(1), None, None, None, None]
    assert [told.limit_of(*each) for each in reversed(asked)] == first[::-1]
    assert len(told._limits) <= LIMITS_KEPT


def test_a_dossier_keeps_the_limit_of_its_day_of_reception() -> None:
    told = packs(days(5), ProcedureLimit(committed=days(2), valid_from=date(2026, 11, 3)))

    assert shown(due_at(dossier("2026-11-02 09:00"), told)) == "2026-11-09 09:00"
    assert shown(due_at(dossier("2026-11-03 09:00"), told)) == "2026-11-05 09:00"


# When it begins


def test_an_out_of_area_dossier_counts_from_its_arrival_at_the_competent_unit() -> None:
    arrived = dossier(out_of_area=True, arrived_at=local("2026-11-05 09:00"))

    assert shown(due_at(arrived, packs(days(3)))) == "2026-11-10 09:00"


def test_until_it_has_arrived_an_out_of_area_dossier_counts_from_reception() -> None:
    assert shown(due_at(dossier(out_of_area=True), packs(days(3)))) == "2026-11-05 09:00"


def test_forwarding_moves_nothing_of_a_dossier_of_the_area() -> None:
    assert shown(due_at(dossier(arrived_at=local("2026-11-05 09:00")), packs(days(3)))) == "2026-11-05 09:00"


def test_a_dossier_taken_in_on_a_saturday_morning_begins_on_monday() -> None:
    assert shown(due_at(dossier("2026-11-07 08:00"), packs(days(1)))) == "2026-11-10 07:00"


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        ("2026-11-18 15:00", days(3), "2026-11-23 15:00"),
        ("2026-11-18 15:01", days(3), "2026-11-25 07:00"),
        ("2026-11-20 16:00", days(1, LimitUnit.HOUR), "2026-11-23 08:00"),
        ("2026-11-18 15:01", days(0, LimitUnit.SAME_DAY), "2026-11-19 17:00"),
    ],
)
def test_where_the_province_says_so_papers_of_the_late_afternoon_begin_on_the_next_working_day(
    received: str, limit: TimeLimit, expected: str
) -> None:
    told = packs(limit, rules=DeadlineRules(after_15h_starts_next_day=True))

    assert shown(promised_at(told, CODE, Channel.DIRECT, local(received))) == expected


@pytest.mark.parametrize("stage", [DossierStage.REGISTERED, DossierStage.NOT_ACCEPTED])
def test_what_was_not_received_has_no_appointment(stage: DossierStage) -> None:
    assert due_at(dossier(stage=stage), packs(days(3))) is None


# Waits


def test_after_the_papers_came_the_limit_is_counted_again() -> None:
    held = dossier("2026-11-02 09:00", wait("2026-11-04 10:00", "2026-11-12 14:00"))

    assert shown(due_at(held, packs(days(3)))) == "2026-11-17 14:00"


def test_a_limit_that_is_counted_again_begins_as_the_first_one_does() -> None:
    held = dossier("2026-11-02 09:00", wait("2026-11-04 10:00", "2026-11-14 10:00"))

    assert shown(due_at(held, packs(days(3)))) == "2026-11-19 07:00"


def test_after_a_payment_the_time_waited_is_added() -> None:
    held = dossier("2026-11-02 09:00", wait("2026-11-03 10:00", "2026-11-06 10:00", WaitKind.PAYMENT))

    assert shown(due_at(held, packs(days(5)))) == "2026-11-12 09:00"


@pytest.mark.parametrize(
    ("kind", "expected"), [(WaitKind.SUPPLEMENT, "2026-11-12 09:00"), (WaitKind.PAYMENT, "2026-11-13 10:00")]
)
def test_each_policy_can_be_the_other_one(kind: WaitKind, expected: str) -> None:
    held = dossier("2026-11-02 09:00", wait("2026-11-03 10:00", "2026-11-06 10:00", kind))
    turned = DeadlineRules(supplement_policy=SUSPEND, payment_policy=RESTART)

    assert shown(due_at(held, packs(days(5), rules=turned))) == expected


@pytest.mark.parametrize(
    ("limit", "since", "until", "expected"),
    [
        # Friday to Monday is one working day.
        (days(5), "2026-11-06 10:00", "2026-11-09 10:00", "2026-11-10 09:00"),
        # Within one day no working day has passed.
        (days(5), "2026-11-03 10:00", "2026-11-03 16:00", "2026-11-09 09:00"),
        # Handed in after closing, it goes on the next day.
        (days(5), "2026-11-03 10:00", "2026-11-03 18:00", "2026-11-10 09:00"),
        # A weekend alone is no working time at all.
        (days(5), "2026-11-07 08:00", "2026-11-08 20:00", "2026-11-09 09:00"),
        # The 24th of November is a day off.
        (days(5), "2026-11-06 10:00", "2026-11-25 10:00", "2026-11-26 09:00"),
        # Seven calendar days later is Monday the 16th, as the 14th is a Saturday.
        (days(5, LimitUnit.CALENDAR_DAY), "2026-11-03 10:00", "2026-11-10 10:00", "2026-11-16 09:00"),
        # Two hours of the morning.
        (days(4, LimitUnit.HOUR), "2026-11-02 09:30", "2026-11-02 11:30", "2026-11-02 17:00"),
        # From Monday 10:00 to Tuesday 10:00 are eight working hours.
        (days(4, LimitUnit.HOUR), "2026-11-02 10:00", "2026-11-03 10:00", "2026-11-03 15:00"),
        (days(1, LimitUnit.HALF_DAY), "2026-11-02 10:00", "2026-11-03 10:00", "2026-11-03 15:00"),
        (days("0.5"), "2026-11-02 10:00", "2026-11-03 10:00", "2026-11-03 15:00"),
        (days(0, LimitUnit.SAME_DAY), "2026-11-02 10:00", "2026-11-02 11:00", "2026-11-03 08:00"),
    ],
)
def test_the_time_waited_is_added_in_the_limits_own_kind_of_time(
    limit: TimeLimit, since: str, until: str, expected: str
) -> None:
    held = dossier("2026-11-02 09:00", wait(since, until))

    assert shown(due_at(held, packs(limit, rules=BOTH_SUSPEND))) == expected


def test_while_it_waits_a_dossier_keeps_the_date_of_before() -> None:
    held = dossier(
        "2026-11-02 09:00",
        wait("2026-11-03 10:00", "2026-11-04 10:00", WaitKind.PAYMENT),
        wait("2026-11-05 10:00"),
        stage=DossierStage.AWAITING_SUPPLEMENT,
    )

    assert shown(due_at(held, packs(days(5)))) == "2026-11-10 09:00"
    assert is_held(held)


def test_a_wait_before_the_arrival_at_the_competent_unit_changes_nothing() -> None:
    paid_before = dossier(
        "2026-11-02 09:00",
        wait("2026-11-02 10:00", "2026-11-04 10:00", WaitKind.PAYMENT),
        out_of_area=True,
        arrived_at=local("2026-11-05 09:00"),
    )

    assert shown(due_at(paid_before, packs(days(3)))) == "2026-11-10 09:00"


def test_of_a_wait_over_the_arrival_only_the_later_part_counts() -> None:
    paid_after = dossier(
        "2026-11-02 09:00",
        wait("2026-11-02 10:00", "2026-11-09 10:00", WaitKind.PAYMENT),
        out_of_area=True,
        arrived_at=local("2026-11-05 09:00"),
    )

    assert shown(due_at(paid_after, packs(days(3)))) == "2026-11-12 09:00"


def test_a_wait_follows_the_rules_of_the_day_on_which_it_ended() -> None:
    rules = DeadlineRules(supplement_policy=SUSPEND, valid_from=date(2026, 11, 10), other_versions=(DeadlineRules(),))
    before = dossier("2026-11-02 09:00", wait("2026-11-04 10:00", "2026-11-09 14:00"))
    after = dossier("2026-11-02 09:00", wait("2026-11-04 10:00", "2026-11-10 14:00"))

    assert shown(due_at(before, packs(days(3), rules=rules))) == "2026-11-12 14:00"
    assert shown(due_at(after, packs(days(3), rules=rules))) == "2026-11-11 09:00"


# Dates that a person named


def test_an_extension_moves_the_appointment_to_closing_time_of_its_day() -> None:
    extended = dossier("2026-11-02 09:00", named("2026-11-04 09:00", "2026-11-20"))

    assert shown(due_at(extended, packs(days(3)))) == "2026-11-20 17:00"


def test_the_original_appointment_stays_known_beside_waits_and_extensions() -> None:
    moved = dossier(
        "2026-11-02 09:00", wait("2026-11-03 10:00", "2026-11-06 10:00"), named("2026-11-09 09:00", "2026-11-20")
    )

    assert shown(original_due_at(moved, packs(days(3)))) == "2026-11-05 09:00"


def test_a_limit_that_is_counted_again_forgets_the_extension_before_it() -> None:
    moved = dossier(
        "2026-11-02 09:00", named("2026-11-03 09:00", "2026-12-31"), wait("2026-11-04 10:00", "2026-11-06 10:00")
    )

    assert shown(due_at(moved, packs(days(3)))) == "2026-11-11 10:00"


def test_the_time_waited_is_added_to_an_extension_in_working_days() -> None:
    moved = dossier(
        "2026-11-02 09:00", named("2026-11-03 09:00", "2026-11-20"), wait("2026-11-04 10:00", "2026-11-06 10:00")
    )

    assert shown(due_at(moved, packs(days(5, LimitUnit.CALENDAR_DAY), rules=BOTH_SUSPEND))) == "2026-11-25 17:00"


def test_an_extension_named_during_a_wait_knows_of_what_was_waited_before() -> None:
    moved = dossier(
        "2026-11-02 09:00", wait("2026-11-03 10:00", "2026-11-10 10:00"), named("2026-11-09 10:00", "2026-11-18")
    )

    assert shown(due_at(moved, packs(days(3), rules=BOTH_SUSPEND))) == "2026-11-19 17:00"


def test_an_extension_named_during_a_wait_is_forgotten_when_the_limit_is_counted_again() -> None:
    moved = dossier(
        "2026-11-02 09:00", wait("2026-11-03 10:00", "2026-11-10 10:00"), named("2026-11-09 10:00", "2026-11-30")
    )

    assert shown(due_at(moved, packs(days(3)))) == "2026-11-13 10:00"


def test_the_printed_date_of_a_dossier_taken_over_stands() -> None:
    opening = dossier(
        "2026-10-20 09:00", named("2026-10-20 09:00", "2026-11-13", is_extension=False), source=Source.OPENING
    )

    assert shown(due_at(opening, packs(days(3)))) == "2026-11-13 17:00"
    assert shown(original_due_at(opening, packs(days(3)))) == "2026-11-13 17:00"


def test_the_printed_date_stands_even_where_the_procedure_is_not_known_here() -> None:
    opening = dossier(
        "2026-10-20 09:00",
        named("2026-10-20 09:00", "2026-11-13", is_extension=False),
        source=Source.OPENING,
        procedure_code="9.999999",
    )

    assert shown(due_at(opening, packs(days(3)))) == "2026-11-13 17:00"


def test_what_cannot_be_counted_again_moves_by_the_time_waited() -> None:
    opening = dossier(
        "2026-10-20 09:00",
        named("2026-10-20 09:00", "2026-11-13", is_extension=False),
        wait("2026-11-02 10:00", "2026-11-04 10:00"),
        procedure_code="9.999999",
    )

    assert shown(due_at(opening, packs(days(3)))) == "2026-11-17 17:00"


def test_a_correction_of_the_slips_date_corrects_the_original_appointment_too() -> None:
    opening = dossier(
        "2026-10-20 09:00",
        named("2026-10-20 09:00", "2026-11-13", is_extension=False),
        named("2026-10-26 09:00", "2026-11-16", is_extension=False),
        named("2026-11-09 09:00", "2026-11-27"),
    )

    assert shown(original_due_at(opening, packs(days(3)))) == "2026-11-16 17:00"
    assert shown(due_at(opening, packs(days(3)))) == "2026-11-27 17:00"


@pytest.mark.parametrize(
    "sealed",
    [
        dossier("9999-12-30 09:00"),
        dossier(
            "2026-11-02 09:00", named("2026-11-03 09:00", "9999-12-31"), wait("2026-11-04 09:00", "2026-11-09 09:00")
        ),
        dossier("2026-11-02 09:00", wait("2026-11-04 09:00", "9999-12-30 09:00")),
    ],
    ids=["received", "named", "waited"],
)
@pytest.mark.parametrize("unit", [LimitUnit.WORKING_DAY, LimitUnit.CALENDAR_DAY, LimitUnit.HOUR])
def test_what_lies_beyond_every_calendar_breaks_nothing_and_ends_soon(sealed: Dossier, unit: LimitUnit) -> None:
    answers = [due_at(sealed, packs(days(3650, unit), rules=rules)) for rules in (DeadlineRules(), BOTH_SUSPEND)]

    assert all(due is None or due.year < 2060 for due in answers)


def test_days_left_are_counted_only_so_far() -> None:
    far, now = local("9999-12-30 17:00"), local(NOON)

    assert 2500 < days_left(far, now, CALENDAR) < 2700
    assert -2700 < days_left(now, local("9000-01-01 09:00"), CALENDAR) < -2500


# How it stands


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2026-11-18 09:00", 0),
        ("2026-11-18 17:00", 0),
        ("2026-11-19 09:00", 1),
        ("2026-11-23 09:00", 3),
        ("2026-11-25 09:00", 4),
        ("2026-11-17 17:00", -1),
        ("2026-11-16 17:00", -2),
        ("2026-11-13 17:00", -3),
    ],
)
def test_days_left_are_working_days_and_the_hour_does_not_count(due: str, expected: int) -> None:
    assert days_left(local(due), local(NOON), CALENDAR) == expected


def test_a_date_that_has_passed_is_never_due_today() -> None:
    assert days_left(local("2026-11-20 17:00"), local("2026-11-21 08:00"), CALENDAR) == -1
    assert days_left(local("2026-11-20 17:00"), local("2026-11-23 08:00"), CALENDAR) == -1
    assert days_left(local("2026-11-20 17:00"), local("2026-11-25 08:00"), CALENDAR) == -2


def test_a_date_named_on_a_day_off_is_not_due_the_day_before() -> None:
    assert days_left(local("2026-11-21 17:00"), local("2026-11-20 08:00"), CALENDAR) == 1


@pytest.mark.parametrize(
    ("received", "state"),
    [
        ("2026-11-18 09:00", DueState.IN_TIME),
        ("2026-11-17 09:00", DueState.DUE_SOON),
        ("2026-11-16 09:00", DueState.DUE_SOON),
        ("2026-11-13 09:00", DueState.DUE_TODAY),
        ("2026-11-12 09:00", DueState.OVERDUE),
    ],
)
def test_an_open_dossier_is_judged_by_the_working_days_left(received: str, state: DueState) -> None:
    assert DUE_SOON_WORKING_DAYS == 2
    assert due_state(dossier(received), packs(days(3)), local(NOON)) is state


@pytest.mark.parametrize(
    ("resolved", "state"),
    [
        ("2026-11-04 16:00", DueState.EARLY),
        ("2026-11-05 07:00", DueState.ON_TIME),
        ("2026-11-05 23:59", DueState.ON_TIME),
        ("2026-11-06 00:00", DueState.LATE),
    ],
)
@pytest.mark.parametrize("stage", [DossierStage.RESOLVED, DossierStage.DELIVERED])
def test_a_resolved_dossier_is_judged_by_the_date(stage: DossierStage, resolved: str, state: DueState) -> None:
    done = dossier("2026-11-02 09:00", stage=stage, resolved_at=local(resolved))

    assert due_state(done, packs(days(3)), local(NOON)) is state


@pytest.mark.parametrize("stage", [DossierStage.RECEIVED, DossierStage.RESOLVED, DossierStage.DELIVERED])
def test_without_a_limit_a_dossier_is_neither_in_time_nor_late(stage: DossierStage) -> None:
    done = dossier(stage=stage, resolved_at=local("2026-11-04 09:00"))

    assert due_state(done, packs(), local(NOON)) is DueState.NO_LIMIT


@pytest.mark.parametrize("stage", [DossierStage.AWAITING_SUPPLEMENT, DossierStage.AWAITING_PAYMENT])
def test_a_dossier_that_waits_for_the_citizen_is_held_and_never_overdue(stage: DossierStage) -> None:
    held = dossier("2026-10-01 09:00", wait("2026-10-02 09:00"), stage=stage)

    assert due_state(held, packs(days(3)), local(NOON)) is DueState.HELD


@pytest.mark.parametrize(
    "stage",
    [
        DossierStage.REGISTERED,
        DossierStage.NOT_ACCEPTED,
        DossierStage.WITHDRAWN,
        DossierStage.SENT_BACK,
        DossierStage.STOPPED,
        DossierStage.VOIDED,
    ],
)
def test_what_ended_without_a_result_or_counts_nowhere_is_not_judged(stage: DossierStage) -> None:
    assert due_state(dossier("2026-10-01 09:00", stage=stage), packs(days(3)), local(NOON)) is DueState.NOT_JUDGED


# A calendar stepped through by hand: days one by one, hours a quarter at a time

FIRST_ON = date(2026, 1, 5)
QUARTER = timedelta(minutes=15)


class SteppedCalendar:
    """The rules once more, by another road: every day and every quarter of an hour is looked at."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar

    def works_on(self, day: date) -> bool:
        is_weekend = day.isoweekday() in (6, 7)
        return day in self.calendar.make_up_days or not (is_weekend or day in self.calendar.days_off)

    def works_at(self, at: datetime) -> bool:
        """Whether the quarter that begins at a local wall time is worked."""
        hours = next(
            (season.hours for season in self.calendar.seasons if season.first_on <= at.date() <= season.last_on),
            self.calendar.hours,
        )
        return self.works_on(at.date()) and any(opens <= at.time() < closes for opens, closes in hours)

    def start(self, at: datetime) -> datetime:
        while not (self.works_at(at) or (self.works_at(at - QUARTER) and (at - QUARTER).date() == at.date())):
            at += QUARTER
        return at

    def closing(self, day: date) -> datetime:
        at = datetime.combine(day, time(23, 45))
        hours = next(
            (season.hours for season in self.calendar.seasons if season.first_on <= day <= season.last_on),
            self.calendar.hours,
        )
        while not any(opens <= at.time() < closes for opens, closes in hours):
            at -= QUARTER
        return at + QUARTER

    def later(self, at: datetime, quarters: int) -> datetime:
        while quarters:
            quarters -= self.works_at(at)
            at += QUARTER
        return at

    def days_later(self, day: date, count: int) -> date:
        while count:
            day += timedelta(days=1)
            count -= self.works_on(day)
        return day

    def quarters_between(self, since: datetime, until: datetime) -> int:
        count = 0
        while since < until:
            count += self.works_at(since)
            since += QUARTER
        return count

    def days_between(self, since: date, until: date) -> int:
        count = 0
        while since < until:
            since += timedelta(days=1)
            count += self.works_on(since)
        return count

    def at_hour(self, day: date, hour: datetime) -> datetime:
        """The hour of another day, in the hours of this one."""
        wanted = datetime.combine(day, hour.time())
        if wanted >= self.closing(day):
            return self.closing(day)
        while not (self.works_at(wanted) or self.works_at(wanted - QUARTER)):
            wanted += QUARTER
        return wanted

    def due(self, received: datetime, limit: TimeLimit) -> datetime:
        start = self.start(received)
        match limit.unit:
            case LimitUnit.SAME_DAY:
                is_late = (start.hour, start.minute) > (15, 0)
                return self.closing(self.days_later(start.date(), 1 if is_late else 0))
            case LimitUnit.HOUR:
                return self.later(start, int(limit.value * 4))
            case LimitUnit.HALF_DAY:
                whole_day = self.quarters_between(
                    datetime.combine(start.date(), time()), datetime.combine(start.date(), time(23, 45))
                )
                return self.later(start, int(limit.value * whole_day / 2))
            case LimitUnit.WORKING_DAY:
                return self.at_hour(self.days_later(start.date(), int(limit.value)), start)
        day = start.date()
        for _ in range(int(limit.value)):
            day += timedelta(days=1)
        return self.at_hour(self.working_from(day), start)

    def working_from(self, day: date) -> date:
        while not self.works_on(day):
            day += timedelta(days=1)
        return day

    def moved(self, due: datetime, since: datetime, until: datetime, unit: LimitUnit) -> datetime:
        since, until = self.start(since), self.start(until)
        match unit:
            case LimitUnit.WORKING_DAY:
                return self.at_hour(self.days_later(due.date(), self.days_between(since.date(), until.date())), due)
            case LimitUnit.CALENDAR_DAY:
                day = due.date()
                while since.date() < until.date():
                    day, since = day + timedelta(days=1), since + timedelta(days=1)
                return self.at_hour(self.working_from(day), due)
            case _:
                return self.later(due, self.quarters_between(since, until))


summer = Season(
    first_on=date(2026, 2, 9), last_on=date(2026, 2, 20), hours=((time(7, 30), time(11)), (time(13), time(16, 30)))
)
offsets = st.integers(0, 75)
calendars = st.builds(
    WorkingCalendar,
    days_off=st.frozensets(offsets.map(lambda offset: FIRST_ON + timedelta(days=offset)), max_size=25),
    make_up_days=st.frozensets(offsets.map(lambda offset: FIRST_ON + timedelta(days=offset)), max_size=4),
    hours=st.sampled_from([OFFICE_HOURS, ((time(8), time(12)), (time(13, 15), time(17, 15))), ((time(7), time(15)),)]),
    seasons=st.sampled_from([(), (summer,)]),
)
walls = st.integers(0, 40 * 96).map(lambda quarters: datetime.combine(FIRST_ON, time()) + quarters * QUARTER)
waits_on = st.integers(0, 9 * 96)
limits = st.one_of(
    st.builds(
        TimeLimit,
        value=st.integers(1, 15).map(Decimal),
        unit=st.sampled_from([LimitUnit.HOUR, LimitUnit.HALF_DAY, LimitUnit.WORKING_DAY, LimitUnit.CALENDAR_DAY]),
    ),
    st.just(TimeLimit(value=Decimal(0), unit=LimitUnit.SAME_DAY)),
    st.builds(TimeLimit, value=st.integers(1, 40).map(lambda n: Decimal(n) / 4), unit=st.just(LimitUnit.HOUR)),
)
policies = st.sampled_from([RESTART, SUSPEND])


def instant(wall: datetime) -> datetime:
    """The instant of a local wall time."""
    return wall.replace(tzinfo=LOCAL).astimezone(UTC)


def wall_of(at: datetime | None) -> datetime | None:
    """The local wall time of an instant."""
    return at.astimezone(LOCAL).replace(tzinfo=None) if at else None


@given(calendar=calendars, limit=limits, received=walls)
def test_an_appointment_is_the_one_of_a_calendar_stepped_through(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime
) -> None:
    promised = promised_at(packs(limit, calendar=calendar), CODE, Channel.DIRECT, instant(received))

    assert wall_of(promised) == SteppedCalendar(calendar).due(received, limit)


Gaps = list[tuple[str, int, int]]


def lived(received: datetime, gaps: Gaps) -> tuple[Wait | DueSet, ...]:
    """A timeline of waits and extensions, each so many quarters after the one before it."""
    at, parts = received, list[Wait | DueSet]()
    for kind, gap, length in gaps:
        at += gap * QUARTER
        if kind == "extension":
            parts.append(DueSet(at=instant(at), due_on=at.date() + timedelta(days=length // 48), is_extension=True))
            continue
        parts.append(Wait(kind=WaitKind(kind), since=instant(at), until=instant(at + length * QUARTER)))
        at += length * QUARTER
    return tuple(parts)


def stepped(calendar: WorkingCalendar, limit: TimeLimit, received: datetime, gaps: Gaps, rules: DeadlineRules) -> Any:
    """The appointment in force at the end of a timeline, by stepping."""
    steps, at = SteppedCalendar(calendar), received
    due, unit = steps.due(received, limit), limit.unit
    for kind, gap, length in gaps:
        at += gap * QUARTER
        if kind == "extension":
            due, unit = steps.closing(at.date() + timedelta(days=length // 48)), LimitUnit.WORKING_DAY
            continue
        since, at = at, at + length * QUARTER
        policy = rules.supplement_policy if kind == "supplement" else rules.payment_policy
        if policy is RESTART:
            due, unit = steps.due(at, limit), limit.unit
        else:
            due = steps.moved(due, since, at, unit)
    return due


gaps = st.lists(
    st.tuples(st.sampled_from(["supplement", "payment", "extension"]), st.integers(1, 4 * 96), waits_on), max_size=4
)
rules_of_a_province = st.builds(DeadlineRules, supplement_policy=policies, payment_policy=policies)


@given(calendar=calendars, limit=limits, received=walls, gaps=gaps, rules=rules_of_a_province)
def test_waits_and_extensions_move_it_as_a_calendar_stepped_through_does(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime, gaps: Gaps, rules: DeadlineRules
) -> None:
    lives = replace(dossier(), received_at=instant(received), timeline=lived(received, gaps))

    due = due_at(lives, packs(limit, calendar=calendar, rules=rules))

    assert wall_of(due) == stepped(calendar, limit, received, gaps, rules)


@given(calendar=calendars, limit=limits, received=walls, gaps=gaps, rules=rules_of_a_province)
def test_no_appointment_that_was_counted_lies_on_a_day_off(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime, gaps: Gaps, rules: DeadlineRules
) -> None:
    waits = [gap for gap in gaps if gap[0] != "extension"]
    lives = replace(dossier(), received_at=instant(received), timeline=lived(received, waits))

    due = due_at(lives, packs(limit, calendar=calendar, rules=rules))

    assert due is not None
    assert SteppedCalendar(calendar).works_on(due.astimezone(LOCAL).date())


@given(calendar=calendars, limit=limits, received=walls, later=waits_on)
def test_who_comes_later_is_never_promised_an_earlier_day(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime, later: int
) -> None:
    told = packs(limit, calendar=calendar)

    first = promised_at(told, CODE, Channel.DIRECT, instant(received))
    second = promised_at(told, CODE, Channel.DIRECT, instant(received + later * QUARTER))

    assert first is not None
    assert second is not None
    assert first.astimezone(LOCAL).date() <= second.astimezone(LOCAL).date()


@given(calendar=calendars, limit=limits, received=walls, gap=st.integers(0, 96), length=waits_on, more=waits_on)
def test_a_longer_wait_never_brings_the_appointment_nearer(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime, gap: int, length: int, more: int
) -> None:
    told = packs(limit, calendar=calendar, rules=BOTH_SUSPEND)
    shorter, longer = (
        replace(dossier(), received_at=instant(received), timeline=lived(received, [("payment", gap, each)]))
        for each in (length, length + more)
    )

    first, second = due_at(shorter, told), due_at(longer, told)

    assert first is not None
    assert second is not None
    assert original_due_at(shorter, told) <= first  # type: ignore[operator]
    assert first.astimezone(LOCAL).date() <= second.astimezone(LOCAL).date()


@given(calendar=calendars, limit=limits, received=walls, gaps=gaps, gap=st.integers(1, 96), length=waits_on)
def test_a_limit_counted_again_knows_nothing_of_what_was_before(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime, gaps: Gaps, gap: int, length: int
) -> None:
    told = packs(limit, calendar=calendar, rules=DeadlineRules(payment_policy=RESTART))
    timeline = lived(received, [*gaps, ("payment", gap, length)])
    lives = replace(dossier(), received_at=instant(received), timeline=timeline)
    [*_, last] = timeline
    assert isinstance(last, Wait)
    assert last.until is not None

    assert due_at(lives, told) == promised_at(told, CODE, Channel.DIRECT, last.until)


@given(calendar=calendars, limit=limits, received=walls, gaps=gaps, rules=rules_of_a_province, data=st.data())
def test_the_order_in_which_events_reached_the_ledger_does_not_matter(
    calendar: WorkingCalendar,
    limit: TimeLimit,
    received: datetime,
    gaps: Gaps,
    rules: DeadlineRules,
    data: st.DataObject,
) -> None:
    told = packs(limit, calendar=calendar, rules=rules)
    lives = replace(dossier(), received_at=instant(received), timeline=lived(received, gaps))
    mixed = replace(lives, timeline=tuple(data.draw(st.permutations(lives.timeline))))

    assert due_at(mixed, told) == due_at(lives, told)


def over_the_wire(told: Packs) -> Packs:
    """Reference data as the other end reads it."""
    contents = {
        PackKind.PROCEDURES: procedures_content(told.procedures.values(), FIRST_ON),
        PackKind.CALENDAR: calendar_content(told.calendar),
        PackKind.DESK: desk_content(told.desk),
    }
    signed = [signed_pack(CENTRE_KEY, kind, content) for kind, content in contents.items()]
    return read_packs(signed, CENTRE_KEY.public)


@given(calendar=calendars, limit=limits, received=walls, gaps=gaps, rules=rules_of_a_province)
def test_both_ends_give_the_same_appointment(
    calendar: WorkingCalendar, limit: TimeLimit, received: datetime, gaps: Gaps, rules: DeadlineRules
) -> None:
    told = packs(limit, calendar=calendar, rules=rules)
    lives = replace(dossier(), received_at=instant(received), timeline=lived(received, gaps))

    elsewhere = due_at(read_state(state_bytes(lives)), over_the_wire(told))

    assert elsewhere == due_at(lives, told)
