"""Reference packs: what a desk is told, signed, named by its content, and refused when it does not fit."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from sync_protocol.calendars import Season, TimeLimit, WorkingCalendar
from sync_protocol.packs import (
    PackKind,
    Packs,
    calendar_content,
    desk_content,
    pack_hash,
    procedures_content,
    read_pack,
    read_packs,
    signed_pack,
)
from sync_protocol.periods import PeriodSeries
from sync_protocol.procedures import DeadlineRules, OnTheSpot, Procedure, ProcedureLimit, ServiceLevel, WaitPolicy
from sync_protocol.signing import BadSignature, NotADocument, SigningKey
from sync_protocol.vocabulary import Channel, LimitUnit
from tests.protocol.golden import make

KEY = make.CENTRE_KEY
VALUES: dict[PackKind, Any] = {
    PackKind.PROCEDURES: {procedure.code: procedure for procedure in make.PROCEDURES},
    PackKind.CALENDAR: make.CALENDAR,
    PackKind.DESK: make.PROFILE,
}


def test_there_is_a_value_here_of_every_kind() -> None:
    assert set(VALUES) == set(PackKind) == set(make.CONTENTS)


@pytest.mark.parametrize("kind", PackKind)
def test_a_pack_reads_back_as_it_was_made(kind: PackKind) -> None:
    assert read_pack(signed_pack(KEY, kind, make.CONTENTS[kind]), KEY.public) == (kind, VALUES[kind])


@pytest.mark.parametrize("kind", PackKind)
def test_the_golden_packs_are_read_and_made_again(kind: PackKind) -> None:
    signed = make.document(f"pack_{kind.value}.json")

    assert read_pack(signed, KEY.public) == (kind, VALUES[kind])
    assert make.packs()[kind] == signed


def test_equal_content_has_one_name() -> None:
    calendar = {"hours": [["07:30", "11:30"]], "days_off": [], "make_up_days": []}
    reordered = {"days_off": [], "make_up_days": [], "hours": [["07:30", "11:30"]]}

    first, second = (pack_hash(signed_pack(KEY, PackKind.CALENDAR, each)) for each in (calendar, reordered))

    assert first == second
    assert first != pack_hash(make.packs()[PackKind.CALENDAR])
    assert len(first) == 43


def test_a_pack_of_another_centre_is_refused() -> None:
    with pytest.raises(BadSignature):
        read_pack(make.packs()[PackKind.DESK], SigningKey.from_seed(b"x" * 32).public)


def test_a_desk_works_by_one_pack_of_each_kind() -> None:
    assert read_packs(make.packs().values(), KEY.public) == Packs(
        procedures=VALUES[PackKind.PROCEDURES], calendar=make.CALENDAR, desk=make.PROFILE
    )


@pytest.mark.parametrize("missing", PackKind)
def test_a_desk_does_not_work_without_one_of_them(missing: PackKind) -> None:
    packs = [pack for kind, pack in make.packs().items() if kind is not missing]

    with pytest.raises(NotADocument):
        read_packs(packs, KEY.public)


PROCEDURE = make.CONTENTS[PackKind.PROCEDURES]["procedures"][0]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (PackKind.PROCEDURES, {}),
        (PackKind.PROCEDURES, {"procedures": None}),
        (PackKind.PROCEDURES, {"procedures": [{"code": "1.001193"}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["x", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["-1", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["9999", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["NaN", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["1", "year"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"channels": ["pigeon"]}]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"days_off": ["2021-02-30"]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"hours": []}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"hours": [["11:30", "07:30"]]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"hours": [["07:30"]]}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"level": "hamlet"}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"period_last_day": 0}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"period_last_day": "20"}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"serials": {"first": 0, "per_slot": 1000}}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"serials": {"from": 1}}),
    ],
)  # fmt: skip
def test_a_pack_whose_content_does_not_fit_is_no_document(kind: PackKind, content: dict[str, Any]) -> None:
    with pytest.raises(NotADocument):
        read_pack(signed_pack(KEY, kind, content), KEY.public)


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"format": None}, {"kind": "weather"}, {"kind": None}, {"content": None}, {"content": []}]
)
def test_a_pack_of_another_form_is_no_document(change: dict[str, Any]) -> None:
    document = {"format": 1, "kind": "calendar", "content": make.CONTENTS[PackKind.CALENDAR]}

    with pytest.raises(NotADocument):
        read_pack(KEY.sign("pack", document | change), KEY.public)


def test_a_calendar_is_written_in_order() -> None:
    calendar = WorkingCalendar(
        days_off=frozenset({date(2021, 9, 3), date(2021, 9, 2)}),
        make_up_days=frozenset(),
        hours=((time(7, 30), time(11, 30)),),
    )

    _, value = read_pack(signed_pack(KEY, PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR]), KEY.public)

    assert make.CONTENTS[PackKind.CALENDAR]["days_off"] == ["2021-09-02", "2021-09-03"]
    assert value.days_off == calendar.days_off


def test_a_province_may_count_its_months_otherwise() -> None:
    legal = replace(make.PROFILE, series=PeriodSeries(last_day=14))

    assert read_pack(signed_pack(KEY, PackKind.DESK, desk_content(legal)), KEY.public) == (PackKind.DESK, legal)


# What later programs say, and programs of before do not read

TODAY = date(2021, 10, 4)
THREE_DAYS, FIVE_DAYS = (TimeLimit(value=Decimal(n), unit=LimitUnit.WORKING_DAY) for n in (3, 5))

CURRENT = Procedure(
    code="1.001193",
    name="Đăng ký khai sinh",
    field="Hộ tịch",
    limits=(
        ProcedureLimit(statutory=FIVE_DAYS, committed=THREE_DAYS),
        ProcedureLimit(
            statutory=FIVE_DAYS, channel=Channel.ONLINE, valid_from=date(2021, 7, 1), valid_to=date(2021, 12, 31)
        ),
        ProcedureLimit(valid_from=date(2022, 1, 1)),
    ),
    channels=(Channel.DIRECT, Channel.ONLINE),
    valid_from=date(2021, 7, 1),
    service_level=ServiceLevel.LEVEL_4,
    on_the_spot=OnTheSpot.FOUR,
    competent_unit="Phòng Tư pháp",
    fee_vnd=0,
    fee_basis="per_case",
)
EARLIER = replace(CURRENT, name="Khai sinh", valid_from=None, valid_to=date(2021, 6, 30), fee_vnd=None, fee_basis="")
LATER = replace(CURRENT, name="Đăng ký khai sinh (mới)", valid_from=date(2022, 1, 1), service_level=ServiceLevel.NONE)
VERSIONED = replace(CURRENT, other_versions=(EARLIER, LATER))
ENDED = replace(EARLIER, code="1.000002", other_versions=(replace(EARLIER, code="1.000002", valid_to=TODAY),))
PLAIN = make.PROCEDURES[1]

RULES = DeadlineRules(
    supplement_policy=WaitPolicy.SUSPEND,
    payment_policy=WaitPolicy.RESTART,
    after_15h_starts_next_day=True,
    supplements_most=2,
    extensions_most=3,
    supplement_request_days=5,
    valid_from=date(2021, 7, 1),
    other_versions=(DeadlineRules(), DeadlineRules(extensions_most=2, valid_from=date(2022, 1, 1))),
)


def procedures_read(*procedures: Procedure, on: date = TODAY) -> dict[str, Procedure]:
    """Procedures as a desk reads them of a pack."""
    content = procedures_content(procedures, on)
    return dict(read_pack(signed_pack(KEY, PackKind.PROCEDURES, content), KEY.public)[1])


@pytest.mark.parametrize("on", [date(2021, 6, 30), TODAY, date(2022, 1, 1)])
def test_all_that_is_said_of_procedures_reads_back_on_any_day(on: date) -> None:
    read = procedures_read(VERSIONED, PLAIN, ENDED, on=on)

    assert read == {each.code: each for each in (VERSIONED, PLAIN, ENDED)}


def test_what_is_told_of_a_unit_reads_back() -> None:
    profile = replace(make.PROFILE, limits={"1.001193": CURRENT.limits, "1.004873": ()}, rules=RULES)

    assert read_pack(signed_pack(KEY, PackKind.DESK, desk_content(profile)), KEY.public)[1] == profile


def test_hours_of_seasons_read_back() -> None:
    summer = Season(first_on=date(2021, 4, 16), last_on=date(2021, 10, 15), hours=((time(7), time(11, 30)),))
    calendar = replace(make.CALENDAR, seasons=(summer,))

    assert read_pack(signed_pack(KEY, PackKind.CALENDAR, calendar_content(calendar)), KEY.public)[1] == calendar


def test_programs_of_before_read_the_version_and_the_limit_of_the_day() -> None:
    content = procedures_content([VERSIONED, PLAIN, ENDED], TODAY)

    assert [(each["name"], each["limit"]) for each in content["procedures"]] == [
        ("Đăng ký khai sinh", ["3", "working_day"]),
        ("Cấp Giấy xác nhận tình trạng hôn nhân", ["3", "working_day"]),
    ]


def test_programs_of_before_read_that_there_is_no_limit_any_more() -> None:
    [told] = procedures_content([replace(CURRENT, valid_to=None)], date(2022, 1, 1))["procedures"]

    assert told["limit"] is None


def test_nothing_is_written_that_says_nothing() -> None:
    [told] = procedures_content([PLAIN], TODAY)["procedures"]

    assert set(told) == {"code", "name", "field", "limit", "channels"}
    assert set(desk_content(make.PROFILE)) == set(make.CONTENTS[PackKind.DESK])
    assert not {"limits", "rules"} & set(desk_content(make.PROFILE))


def test_only_the_rules_that_differ_from_the_decree_are_written() -> None:
    told = desk_content(replace(make.PROFILE, rules=DeadlineRules(extensions_most=2)))

    assert told["rules"] == {"extensions_most": 2}


def test_rules_that_this_program_does_not_know_are_left_to_later_ones() -> None:
    content = desk_content(make.PROFILE) | {"rules": {"supplements_most": 2, "holidays_restart": True}}

    profile = read_pack(signed_pack(KEY, PackKind.DESK, content), KEY.public)[1]

    assert profile.rules == DeadlineRules(supplements_most=2)


def test_what_later_programs_say_of_serials_is_left_to_them() -> None:
    content = desk_content(make.PROFILE) | {"serials": {"first": 1, "per_slot": 1000, "digits": 6}}

    assert read_pack(signed_pack(KEY, PackKind.DESK, content), KEY.public)[1] == make.PROFILE


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2000, 1, 1), "Khai sinh"),
        (date(2021, 6, 30), "Khai sinh"),
        (date(2021, 7, 1), "Đăng ký khai sinh"),
        (date(2021, 12, 31), "Đăng ký khai sinh"),
        (date(2022, 1, 1), "Đăng ký khai sinh (mới)"),
    ],
)
def test_a_dossier_points_at_the_version_of_its_day(day: date, name: str) -> None:
    version = procedures_read(VERSIONED)["1.001193"].version_on(day)

    assert version is not None
    assert version.name == name
    assert version.limits == CURRENT.limits


def test_a_procedure_is_received_from_its_first_to_its_last_day() -> None:
    procedure = replace(CURRENT, valid_from=date(2021, 7, 1), valid_to=date(2021, 12, 31))
    days = [date(2021, 6, 30), date(2021, 7, 1), date(2021, 12, 31), date(2022, 1, 1)]

    assert [procedure.is_received_on(day) for day in days] == [False, True, True, False]


def test_when_a_version_for_a_while_has_ended_the_one_before_is_in_force_again() -> None:
    for_a_while = replace(CURRENT, name="Thí điểm", valid_from=date(2021, 8, 1), valid_to=date(2021, 8, 31))
    procedure = replace(for_a_while, other_versions=(CURRENT,))
    days = [date(2021, 7, 31), date(2021, 8, 1), date(2021, 9, 1)]

    assert [version.name for day in days if (version := procedure.version_on(day))] == [
        "Đăng ký khai sinh",
        "Thí điểm",
        "Đăng ký khai sinh",
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2021, 6, 30), DeadlineRules()),
        (date(2021, 7, 1), RULES),
        (date(2022, 1, 1), DeadlineRules(extensions_most=2, valid_from=date(2022, 1, 1))),
    ],
)
def test_rules_are_those_of_the_day(day: date, expected: DeadlineRules) -> None:
    assert RULES.on(day) == expected


def test_before_its_first_rules_a_province_follows_the_decree() -> None:
    first = DeadlineRules(supplements_most=2, valid_from=date(2021, 7, 1))

    assert first.on(date(2021, 6, 30)) == DeadlineRules()


SAID = procedures_content([VERSIONED], TODAY)["procedures"][0]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (PackKind.PROCEDURES, {"procedures": [SAID | {"valid_from": "hôm nay"}]}),
        (PackKind.PROCEDURES, {"procedures": [SAID | {"service_level": "level_5"}]}),
        (PackKind.PROCEDURES, {"procedures": [SAID | {"on_the_spot": "six"}]}),
        (PackKind.PROCEDURES, {"procedures": [SAID | {"limits": [{"committed": ["3"]}]}]}),
        (PackKind.PROCEDURES, {"procedures": [SAID | {"limits": [{"statutory": ["3", "week"]}]}]}),
        (PackKind.PROCEDURES, {"procedures": [SAID | {"limits": [{"channel": "fax"}]}]}),
        (PackKind.PROCEDURES, {"procedures": [SAID], "other_versions": [{"code": "1.001193"}]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"seasons": [{"first_on": "2021-04-16"}]}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"limits": {"1.001193": [{"committed": ["-3", "hour"]}]}}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"rules": {"supplement_policy": "forget"}}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"rules": {"supplements_most": "many"}}),
    ],
)
def test_a_pack_whose_further_content_does_not_fit_is_no_document(kind: PackKind, content: dict[str, Any]) -> None:
    with pytest.raises(NotADocument):
        read_pack(signed_pack(KEY, kind, content), KEY.public)
