"""Founding a centre and loading its register: all of a file or nothing, and the same file again changes nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
import pytest

from central_server.central import Central, NotInitialised
from central_server.services import founding, packing_up
from central_server.services.founding import AlreadyFounded, NotTraining
from central_server.services.lines import BadFile
from central_server.storage import models, procedures, reference, units
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.calendars import BadCalendar, TimeLimit
from sync_protocol.messages import error_text
from sync_protocol.packs import PackKind, Packs, read_packs
from sync_protocol.procedures import DeadlineRules, Procedure, WaitPolicy
from sync_protocol.vocabulary import Channel, LimitUnit, UnitLevel
from tests.conftest import CALENDAR, DESK, DESKS, OTHER_DESK, PROCEDURE_LINES, REGISTER, UNITS
from tests.factories import NOW, StandingClock

TODAY = NOW.date()
LIMITS = """code,limit_value,limit_unit,fee_basis,channels,note
1.004873,5,working_day,per_case,direct|online,
2.000815,0,same_day,per_page,direct,
"""

VERSIONS = """code,name,field,level,time_limit_working_days,fee_vnd,source,service_level,on_the_spot,competent_unit,\
valid_from,valid_to
1.000001,Tên cũ,Hộ tịch,commune,3,10000,invented,level_4,four,Phòng Tư pháp,,2021-06-30
1.000001,Tên mới,Hộ tịch,commune,2,12000,invented,full_online,five,,2021-07-01,
1.000001,Tên sắp tới,Hộ tịch,commune,1,,invented,,,,2021-12-01,
1.000002,Đã bãi bỏ,Hộ tịch,commune,5,0,invented,,,,,2021-09-30
"""

DATED_LIMITS = """code,limit_value,limit_unit,fee_basis,channels,note,channel,unit_code,statutory_value,statutory_unit,\
valid_from,valid_to
1.004873,3,working_day,per_case,direct|online,,,,5,working_day,,
1.004873,2,working_day,,,,online,,5,working_day,2021-07-01,2021-12-31
1.004873,1,working_day,,,,,08707,5,working_day,2021-10-01,
"""

RULES = """name,value,valid_from
supplement_policy,suspend,
supplements_most,2,2021-10-01
after_15h_starts_next_day,on,2021-12-01
"""

HOURS = """first_on,last_on,hours
,,07:30-11:30|13:30-17:00
2021-11-01,2022-03-31,08:00-12:00|13:00-17:00
2021-05-01,2021-10-31,07:00-11:30|13:30-17:00
"""

FILES = {
    "limits": LIMITS,
    "versions": VERSIONS,
    "dated limits": DATED_LIMITS,
    "rules": RULES,
    "hours": HOURS,
}
KINDS = {"versions": "procedures", "dated limits": "limits"}

TABLES = (
    models.Centre,
    models.Unit,
    models.UnitName,
    models.UnitParent,
    models.DeskRow,
    models.Procedure,
    models.ProcedureLimit,
    models.DeadlineRule,
    models.CalendarDay,
    models.WorkingHours,
    models.Pack,
)


@pytest.fixture
def empty(make_central: Callable[..., Central]) -> Central:
    """A database with tables and nothing else."""
    return make_central(register=False)


@pytest.fixture
def founded(empty: Central) -> Central:
    """A centre without a register."""
    founding.found(empty, training=False)
    return empty


def content(central: Central) -> dict[str, list[str]]:
    """All rows of the register, in an order of their own."""
    with reading(central.database):
        return {each.__name__: sorted(map(repr, each.select().tuples())) for each in TABLES}


def packs_of(central: Central, code: str = DESK) -> Packs:
    """The reference data that a desk works by."""
    with reading(central.database):
        signed = packing_up.packs_of(code)
    return read_packs(signed, central.keys.signing.public)


def names_of_packs(central: Central, code: str = DESK) -> dict[str, str]:
    """Names of a desk's packs in force, by kind."""
    with reading(central.database):
        return packing_up.packs_in_force(code)


def version_names(procedure: Procedure, *days: date) -> list[str]:
    """The names under which a procedure was received on days."""
    return [version.name for day in days if (version := procedure.version_on(day))]


def desk_codes(central: Central) -> list[str]:
    with reading(central.database):
        return [desk.code for desk in units.desks(EVERYTHING, TODAY)]


def test_before_it_is_founded_there_is_no_centre(empty: Central) -> None:
    with pytest.raises(NotInitialised):
        empty.about()


def test_a_centre_is_founded_once(founded: Central) -> None:
    before = content(founded)

    with pytest.raises(AlreadyFounded):
        founding.found(founded, training=True)

    assert content(founded) == before


def test_a_centre_is_sealed_as_training_or_real_for_its_life(empty: Central) -> None:
    founding.found(empty, training=True)

    assert empty.about().training


def test_two_centres_differ_in_their_incarnation(make_central: Callable[..., Central]) -> None:
    first, second = make_central(register=False), make_central(register=False)
    founding.found(first, training=False)

    founding.found(second, training=False)

    assert first.about().incarnation != second.about().incarnation


@pytest.mark.parametrize("what", REGISTER)
def test_the_same_file_loaded_again_changes_nothing(central: Central, clock: StandingClock, what: str) -> None:
    before = content(central)
    clock.move(days=1)

    founding.load(central, what, REGISTER[what])

    assert content(central) == before


@pytest.mark.parametrize("name", FILES)
def test_what_is_dated_loaded_again_changes_nothing(central: Central, clock: StandingClock, name: str) -> None:
    founding.load(central, KINDS.get(name, name), FILES[name])
    before = content(central)
    clock.move(days=1)

    founding.load(central, KINDS.get(name, name), FILES[name])

    assert content(central) == before


def test_a_load_tells_how_many_rows_it_read(founded: Central) -> None:
    counts = [founding.load(founded, what, text) for what, text in REGISTER.items()]

    assert counts == [7, 6, 6, 3]


def test_units_stand_under_their_parents(central: Central) -> None:
    with reading(central.database):
        tree = units.tree(TODAY)
        by_code = {unit.code: unit for unit in tree.values()}

    commune = by_code["08707"]
    assert [tree[parent].name for parent in commune.parents] == ["Thành phố Vĩnh Yên", "Tỉnh Vĩnh Phúc"]
    assert (commune.level, by_code["243"].level) == (UnitLevel.COMMUNE, UnitLevel.DISTRICT)


def test_a_district_supervises_its_communes_and_a_districts_own_desk_stands_by_itself(central: Central) -> None:
    with reading(central.database):
        supervisors = {desk.code: desk.district.code for desk in units.desks(EVERYTHING, TODAY)}

    assert supervisors == {
        "H62.11": "243",
        "H62.11.01": "243",
        "H62.11.02": "243",
        "H62.12": "246",
        "H62.12.01": "246",
        "H62.12.02": "246",
    }


def test_a_corrected_name_takes_the_place_of_the_old_one(central: Central) -> None:
    founding.load(central, "desks", DESKS.replace("Phường Tích Sơn", "Phường Tích Sơn (mới)"))

    with reading(central.database):
        desk = units.desk(EVERYTHING, "H62.11.01", TODAY)

    assert desk is not None
    assert desk.name == "Bộ phận Một cửa Phường Tích Sơn (mới)"
    assert len(desk_codes(central)) == 6


def test_limits_replace_those_of_the_list_of_procedures(central: Central) -> None:
    founding.load(central, "limits", LIMITS)

    with reading(central.database):
        loaded = {each.code: each for each in procedures.procedures_of(UnitLevel.COMMUNE, TODAY)}

    limit = loaded["1.004873"].limits[0].committed
    assert limit is not None
    assert (int(limit.value), limit.unit) == (5, LimitUnit.WORKING_DAY)
    assert loaded["2.000815"].channels == (Channel.DIRECT,)


def test_a_desk_is_told_the_version_in_force_and_keeps_those_of_other_days(central: Central) -> None:
    founding.load(central, "procedures", VERSIONS)

    procedure = packs_of(central).procedures["1.000001"]

    assert (procedure.name, procedure.service_level, procedure.on_the_spot) == ("Tên mới", "full_online", "five")
    assert (procedure.fee_vnd, procedure.competent_unit) == (12000, "")
    assert version_names(procedure, date(2021, 6, 30), date(2021, 7, 1), date(2021, 12, 1)) == [
        "Tên cũ",
        "Tên mới",
        "Tên sắp tới",
    ]
    assert [each.competent_unit for each in procedure.other_versions] == ["Phòng Tư pháp", ""]


def test_each_version_brings_its_limit_from_its_first_day_on(central: Central) -> None:
    founding.load(central, "procedures", VERSIONS)

    packs = packs_of(central)
    limits = [
        packs.limit_of("1.000001", on, Channel.DIRECT)
        for on in (date(2021, 6, 30), date(2021, 7, 1), date(2021, 12, 1))
    ]

    assert [limit.value for limit in limits if limit] == [3, 2, 1]


def test_a_procedure_that_ended_is_received_no_more_but_stays_for_late_entries(central: Central) -> None:
    founding.load(central, "procedures", VERSIONS)

    procedure = packs_of(central).procedures["1.000002"]

    assert not procedure.is_received_on(TODAY)
    assert procedure.is_received_on(date(2021, 9, 30))
    assert packs_of(central).limit_of("1.000002", date(2021, 9, 30), Channel.DIRECT) is not None


def test_a_procedure_that_ended_is_known_by_its_last_name_and_one_to_come_by_its_first(central: Central) -> None:
    header = VERSIONS.partition("\n")[0]
    ended = [
        "1.000004,Tên đầu,Hộ tịch,commune,,,x,,,,,2020-12-31",
        "1.000004,Tên cuối,Hộ tịch,commune,,,x,,,,2021-01-01,2021-09-30",
    ]
    to_come = [
        "1.000005,Tên đầu,Hộ tịch,commune,,,x,,,,2022-01-01,",
        "1.000005,Tên sau,Hộ tịch,commune,,,x,,,,2023-01-01,",
    ]

    founding.load(central, "procedures", "\n".join([header, *ended, *to_come]) + "\n")

    known = packs_of(central).procedures
    assert (known["1.000004"].name, known["1.000005"].name) == ("Tên cuối", "Tên đầu")


def test_a_version_for_a_while_is_in_force_to_its_last_day(central: Central, clock: StandingClock) -> None:
    header = VERSIONS.partition("\n")[0]
    usual = "1.000003,Thường lệ,Hộ tịch,commune,3,0,x,,,,,"
    trial = "1.000003,Thí điểm,Hộ tịch,commune,3,0,x,,,,2021-09-01,2021-10-04"
    founding.load(central, "procedures", f"{header}\n{usual}\n{trial}\n")

    today = packs_of(central).procedures["1.000003"].name
    clock.move(days=1)
    founding.load(central, "calendar", CALENDAR)

    assert (today, packs_of(central).procedures["1.000003"].name) == ("Thí điểm", "Thường lệ")


def test_a_procedure_that_is_known_is_ended_and_changed_by_loading_it_again(central: Central) -> None:
    header = VERSIONS.partition("\n")[0]
    founding.load(central, "procedures", f"{header}\n1.000002,Đã bãi bỏ,Hộ tịch,commune; province,5,0,x,,five,,,\n")

    procedure = packs_of(central).procedures["1.000002"]
    founding.load(central, "procedures", f"{header}\n1.000002,Đã bãi bỏ,Hộ tịch,province,5,9,x,,,,,2021-09-30\n")

    assert procedure.is_received_on(TODAY)
    assert "1.000002" not in packs_of(central).procedures
    with reading(central.database):
        [ended] = [each for each in procedures.procedures_of(UnitLevel.PROVINCE, TODAY) if each.code == "1.000002"]
    assert (ended.valid_to, ended.fee_vnd, ended.on_the_spot) == (date(2021, 9, 30), 9, "none")


def test_programs_of_before_are_offered_only_what_is_received_today(central: Central) -> None:
    founding.load(central, "procedures", VERSIONS)

    with reading(central.database):
        [pack] = [each for each in packing_up.packs_of(DESK) if b'"procedures"' in each.body]
    listed = {each["code"]: each for each in orjson.loads(pack.body)["content"]["procedures"]}

    assert "1.000002" not in listed
    assert (listed["1.000001"]["name"], listed["1.000001"]["limit"]) == ("Tên mới", ["2", "working_day"])


def test_a_version_comes_into_force_with_the_first_load_after_its_day(central: Central, clock: StandingClock) -> None:
    founding.load(central, "procedures", VERSIONS)
    clock.at = datetime(2021, 12, 1, 2, 0, tzinfo=UTC)

    founding.load(central, "calendar", CALENDAR)

    assert packs_of(central).procedures["1.000001"].name == "Tên sắp tới"


def test_a_file_without_the_further_columns_leaves_them_as_they_are(central: Central) -> None:
    founding.load(central, "procedures", VERSIONS)
    short = "code,name,field,level,time_limit_working_days,fee_vnd,source\n1.000001,Tên sửa,Hộ tịch,commune,9,10000,x\n"

    founding.load(central, "procedures", short)

    corrected = packs_of(central).procedures["1.000001"].version_on(date(2021, 6, 30))
    assert corrected is not None
    assert (corrected.name, corrected.service_level, corrected.valid_to) == ("Tên sửa", "level_4", date(2021, 6, 30))
    assert corrected.competent_unit == "Phòng Tư pháp"
    assert corrected.limits[0].committed == TimeLimit(value=Decimal(3), unit=LimitUnit.WORKING_DAY)


@pytest.mark.parametrize(
    ("code", "on", "channel", "days"),
    [
        (OTHER_DESK, date(2021, 6, 30), Channel.ONLINE, 3),
        (OTHER_DESK, date(2021, 7, 1), Channel.ONLINE, 2),
        (OTHER_DESK, date(2021, 7, 1), Channel.DIRECT, 3),
        (OTHER_DESK, date(2021, 12, 31), Channel.ONLINE, 2),
        (OTHER_DESK, date(2022, 1, 1), Channel.ONLINE, 3),
        (DESK, date(2021, 9, 30), Channel.DIRECT, 3),
        (DESK, date(2021, 10, 1), Channel.DIRECT, 1),
        (DESK, date(2021, 10, 1), Channel.ONLINE, 1),
    ],
)
def test_a_limit_is_that_of_unit_channel_and_day(
    central: Central, code: str, on: date, channel: Channel, days: int
) -> None:
    founding.load(central, "limits", DATED_LIMITS)

    limit = packs_of(central, code).limit_of("1.004873", on, channel)

    assert limit == TimeLimit(value=Decimal(days), unit=LimitUnit.WORKING_DAY)


def test_the_legal_limit_stands_beside_the_one_that_was_promised(central: Central) -> None:
    founding.load(central, "limits", DATED_LIMITS)

    limit = packs_of(central).procedures["1.004873"].limit_on(TODAY, Channel.DIRECT)

    assert limit is not None
    assert (limit.statutory, limit.committed) == (
        TimeLimit(value=Decimal(5), unit=LimitUnit.WORKING_DAY),
        TimeLimit(value=Decimal(3), unit=LimitUnit.WORKING_DAY),
    )


def test_the_legal_limit_holds_where_nothing_was_promised(central: Central) -> None:
    header = DATED_LIMITS.partition("\n")[0]

    founding.load(central, "limits", f"{header}\n1.004873,,,none,direct,,,,5,working_day,,\n")

    assert packs_of(central).limit_of("1.004873", TODAY, Channel.DIRECT) == TimeLimit(
        value=Decimal(5), unit=LimitUnit.WORKING_DAY
    )


def test_a_unit_that_promises_more_says_nothing_of_the_procedure_itself(central: Central) -> None:
    founding.load(central, "limits", DATED_LIMITS)

    procedure = packs_of(central).procedures["1.004873"]

    assert procedure.channels == (Channel.DIRECT, Channel.ONLINE)
    assert procedure.fee_basis == "per_case"


def test_a_file_of_limits_without_dates_leaves_dates_and_legal_limits_as_they_are(central: Central) -> None:
    founding.load(central, "limits", DATED_LIMITS)

    founding.load(central, "limits", LIMITS)

    limit = packs_of(central).procedures["1.004873"].limit_on(TODAY, Channel.DIRECT)
    assert limit is not None
    assert (str(limit.committed and limit.committed.value), str(limit.statutory and limit.statutory.value)) == (
        "5",
        "5",
    )


def test_only_the_packs_that_a_limit_changes_are_issued_anew(central: Central) -> None:
    founding.load(central, "limits", DATED_LIMITS)
    before = {code: names_of_packs(central, code) for code in (DESK, OTHER_DESK)}
    header = DATED_LIMITS.partition("\n")[0]

    founding.load(central, "limits", f"{header}\n1.004873,2,working_day,,,,,08707,,,2021-10-01,\n")

    after = {code: names_of_packs(central, code) for code in (DESK, OTHER_DESK)}
    assert after[OTHER_DESK] == before[OTHER_DESK]
    assert after[DESK] | {"desk": before[DESK]["desk"]} == before[DESK]
    assert after[DESK]["desk"] != before[DESK]["desk"]


def test_without_rules_of_its_own_a_desk_follows_the_decree(central: Central) -> None:
    assert packs_of(central).desk.rules == DeadlineRules()


def test_a_rule_holds_from_its_day_on_and_the_desk_knows_those_of_other_days(central: Central) -> None:
    founding.load(central, "rules", RULES)

    told = packs_of(central).desk.rules

    assert (told.supplement_policy, told.supplements_most, told.after_15h_starts_next_day) == ("suspend", 2, False)
    assert told.on(date(2021, 9, 30)) == DeadlineRules(supplement_policy=WaitPolicy.SUSPEND)
    assert told.on(date(2021, 12, 1)).after_15h_starts_next_day
    assert told.on(date(2021, 12, 1)).supplements_most == 2


def test_rules_of_later_days_leave_those_of_the_decree_in_force(central: Central) -> None:
    founding.load(central, "rules", "name,value,valid_from\nextensions_most,2,2021-12-01\n")

    told = packs_of(central).desk.rules

    assert told.extensions_most == 1
    assert [told.on(day).extensions_most for day in (date(2021, 11, 30), date(2021, 12, 1))] == [1, 2]


def test_a_rule_holds_on_its_first_day(central: Central) -> None:
    founding.load(central, "rules", f"name,value,valid_from\nextensions_most,0,{TODAY}\nsupplements_most,99,\n")

    told = packs_of(central).desk.rules

    assert (told.valid_from, told.extensions_most, told.supplements_most) == (TODAY, 0, 99)


@pytest.mark.parametrize("name", ["versions", "dated limits", "rules", "hours"])
def test_the_order_of_rows_does_not_matter(make_central: Callable[..., Central], name: str) -> None:
    first, second = make_central(), make_central()
    header, *rows = FILES[name].splitlines()
    what = KINDS.get(name, name)

    founding.load(first, what, "\n".join([header, *rows]) + "\n")
    founding.load(second, what, "\n".join([header, *reversed(rows)]) + "\n")

    assert names_of_packs(second) == names_of_packs(first)


def test_a_version_and_a_season_may_last_one_day_and_a_fee_may_be_high(central: Central) -> None:
    header = VERSIONS.partition("\n")[0]

    founding.load(central, "procedures", f"{header}\n1.000006,Tên,Hộ tịch,commune,3,1000000000,x,,,,{TODAY},{TODAY}\n")
    founding.load(central, "hours", f"first_on,last_on,hours\n{TODAY},{TODAY},07:00-11:00\n")

    told = packs_of(central)
    assert told.procedures["1.000006"].fee_vnd == 1_000_000_000
    assert told.calendar.hours_on(TODAY) == ((time(7), time(11)),)


def test_hours_follow_the_season(central: Central) -> None:
    founding.load(central, "hours", HOURS)

    calendar = packs_of(central).calendar

    assert calendar.hours_on(date(2021, 4, 30)) == ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
    assert calendar.hours_on(date(2021, 10, 31)) == ((time(7), time(11, 30)), (time(13, 30), time(17)))
    assert calendar.hours_on(date(2021, 11, 1)) == ((time(8), time(12)), (time(13), time(17)))


def test_a_calendar_loaded_again_leaves_the_hours_alone(central: Central) -> None:
    founding.load(central, "hours", HOURS)
    before = packs_of(central).calendar

    founding.load(central, "calendar", CALENDAR)

    assert packs_of(central).calendar == before


def test_the_reason_of_a_bad_word_names_those_that_fit(central: Central) -> None:
    with pytest.raises(BadFile) as refusal:
        founding.load(central, "limits", LIMITS + "2.000884,3,week,per_case,direct,\n")

    assert "same_day, hour, half_day, working_day, calendar_day" in error_text(refusal.value, "vi")
    assert "dòng 4" in error_text(refusal.value, "vi")


@pytest.mark.parametrize("what", founding.TEMPLATES)
def test_a_template_is_a_file_without_rows(central: Central, what: str) -> None:
    before = content(central)

    assert founding.load(central, what, founding.TEMPLATES[what] + "\n") == 0
    assert what in ("calendar", "hours") or content(central) == before


def test_names_are_kept_composed_whatever_the_file_holds(founded: Central) -> None:
    decomposed = "code,name,level,parent_code\n26,Ti\u0309nh Vi\u0303nh Phu\u0301c,province,\n"

    founding.load(founded, "units", decomposed)

    with reading(founded.database):
        assert [unit.name for unit in units.tree(TODAY).values()] == ["Tỉnh Vĩnh Phúc"]


def test_a_file_from_a_spreadsheet_is_read_with_its_byte_order_mark_and_line_ends(founded: Central) -> None:
    count = founding.load(founded, "units", "\ufeff" + UNITS.replace("\n", "\r\n"))

    assert count == 7


def test_columns_may_stand_in_another_order_and_others_beside_them(founded: Central) -> None:
    text = "note,parent_code,level,name,code\nx,,province,Tỉnh Vĩnh Phúc,26\n"

    founding.load(founded, "units", text)

    with reading(founded.database):
        assert [unit.code for unit in units.tree(TODAY).values()] == ["26"]


UNIT = "code,name,level,parent_code\n26,Tỉnh Vĩnh Phúc,province,\n"
BAD_FILES: dict[str, tuple[str, str, int]] = {
    "an empty file": ("units", "", 1),
    "another header": ("units", "mã,tên,cấp,cha\n", 1),
    "the header of another file": ("units", DESKS, 1),
    "an unknown parent": ("units", UNIT + "243,Thành phố Vĩnh Yên,district,99\n", 3),
    "an unknown level": ("units", UNIT + "243,Thành phố Vĩnh Yên,quận,26\n", 3),
    "a row cut short": ("units", UNIT + "243,Thành phố Vĩnh Yên\n", 3),
    "a NUL": ("units", UNIT + "243,Thành\0phố,district,26\n", 3),
    "a bad row after a blank line": ("units", UNIT + "\n\n243,Thành phố Vĩnh Yên,quận,26\n", 5),
    "a line break inside a name": ("units", UNIT + '243,"Thành\tphố",district,26\n', 3),
    "a field without end": ("units", UNIT + "243," + "x" * 200_000 + ",district,26\n", 3),
    "an unknown unit": ("desks", DESKS + "H62.13,Bộ phận Một cửa,999,H62.13,02110000000\n", 8),
    "a limit that is no number": ("procedures", PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,ba,0,x\n", 8),
    "a limit below 0": ("procedures", PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,-3,0,x\n", 8),
    "a limit that is not a number at all": (
        "procedures",
        PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,NaN,0,x\n",
        8,
    ),
    "an endless limit": ("procedures", PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,Infinity,0,x\n", 8),
    "a limit of an unknown procedure": ("limits", LIMITS + "9.999999,3,working_day,per_case,direct,\n", 4),
    "a limit in an unknown unit": ("limits", LIMITS + "2.000884,3,week,per_case,direct,\n", 4),
    "an unknown channel": ("limits", LIMITS + "2.000884,3,working_day,per_case,fax,\n", 4),
    "no channel": ("limits", LIMITS + "2.000884,3,working_day,per_case,,\n", 4),
    "a fee that is no number": ("procedures", PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,3,mười,x\n", 8),
    "a fee below 0": ("procedures", PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,3,-1,x\n", 8),
    "a fee that no column holds": ("procedures", PROCEDURE_LINES + "9.000001,Tên,Lĩnh vực,commune,3,2000000000,x\n", 8),
    "an unknown level of service": ("procedures", VERSIONS + "9.000001,Tên,Lĩnh vực,commune,3,0,x,toàn trình,,,,\n", 6),
    "an unknown way of doing it": ("procedures", VERSIONS + "9.000001,Tên,Lĩnh vực,commune,3,0,x,,six,,,\n", 6),
    "a version that begins on no day": (
        "procedures",
        VERSIONS + "9.000001,Tên,Lĩnh vực,commune,3,0,x,,,,hôm nay,\n",
        6,
    ),
    "a version that ends before it begins": (
        "procedures",
        VERSIONS + "9.000001,Tên,Lĩnh vực,commune,3,0,x,,,,2021-10-04,2021-10-03\n",
        6,
    ),
    "a limit of an unknown unit": ("limits", DATED_LIMITS + "2.000884,3,working_day,,,,,999,,,,\n", 5),
    "a limit of an unknown channel": ("limits", DATED_LIMITS + "2.000884,3,working_day,,,,fax,,,,,\n", 5),
    "a legal limit below 0": ("limits", DATED_LIMITS + "2.000884,3,working_day,,direct,,,,-1,working_day,,\n", 5),
    "a legal limit in an unknown unit": ("limits", DATED_LIMITS + "2.000884,3,working_day,,direct,,,,1,month,,\n", 5),
    "a limit that ends before it begins": (
        "limits",
        DATED_LIMITS + "2.000884,3,working_day,,direct,,,,,,2021-10-04,2021-10-03\n",
        5,
    ),
    "an unknown rule": ("rules", RULES + "extension_policy,restart,\n", 5),
    "a policy that is none": ("rules", RULES + "payment_policy,forget,\n", 5),
    "a switch that is neither on nor off": ("rules", RULES + "after_15h_starts_next_day,yes,\n", 5),
    "a count that is no number": ("rules", RULES + "extensions_most,một,\n", 5),
    "a count below 0": ("rules", RULES + "extensions_most,-1,\n", 5),
    "a count beyond reason": ("rules", RULES + "extensions_most,100,\n", 5),
    "a rule from no day": ("rules", RULES + "extensions_most,2,2021-02-30\n", 5),
    "hours that are none": ("hours", HOURS + "2022-05-01,2022-10-31,sáng và chiều\n", 5),
    "hours out of order": ("hours", HOURS + "2022-05-01,2022-10-31,13:30-17:00|07:00-11:30\n", 5),
    "hours that touch": ("hours", HOURS + "2022-05-01,2022-10-31,07:00-11:30|11:30-17:00\n", 5),
    "hours beyond midnight": ("hours", HOURS + "2022-05-01,2022-10-31,20:00-24:00\n", 5),
    "a season without an end": ("hours", HOURS + "2022-05-01,,07:00-11:30\n", 5),
    "a season that ends before it begins": ("hours", HOURS + "2022-05-01,2022-04-01,07:00-11:30\n", 5),
    "a season inside another": ("hours", HOURS + "2022-01-01,2022-01-31,07:00-11:30\n", 5),
    "two kinds of usual hours": ("hours", HOURS + ",,07:00-11:30\n", 5),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_line_is_named_by_its_number_and_nothing_of_the_file_is_loaded(central: Central, name: str) -> None:
    what, text, line = BAD_FILES[name]
    before = content(central)

    with pytest.raises(BadFile) as refusal:
        founding.load(central, what, text)

    assert refusal.value.values["line"] == line
    assert content(central) == before


@pytest.mark.parametrize(
    "row",
    ["2021-13-01,off,x,y", "2021-09-02,holiday,x,y", "2021-09-02,off,twice,y", "02/09/2021,off,x,y"],
    ids=["no date", "no kind", "stated twice", "the order of spreadsheets"],
)
def test_a_bad_calendar_leaves_the_one_in_use(central: Central, row: str) -> None:
    before = content(central)

    with pytest.raises((BadCalendar, BadFile)):
        founding.load(central, "calendar", CALENDAR + row + "\n")

    assert content(central) == before


def test_a_new_calendar_takes_the_place_of_the_old_one(central: Central) -> None:
    founding.load(central, "calendar", "date,kind,name,status\n2021-10-05,off,Nghỉ,announced\n")

    with reading(central.database):
        calendar = reference.calendar()

    assert not calendar.is_working_day(datetime(2021, 10, 5).date())
    assert calendar.is_working_day(datetime(2021, 9, 2).date())


def test_desks_of_every_level_have_a_pack_of_procedures_even_where_the_lists_are_alike(central: Central) -> None:
    with reading(central.database):
        names = {level: reference.pack_names({PackKind.PROCEDURES: level.value})["procedures"] for level in UnitLevel}

    assert len(set(names.values())) == 3


def test_a_pack_that_comes_back_into_force_is_the_one_issued_before(central: Central) -> None:
    with reading(central.database):
        before = reference.pack_names({PackKind.CALENDAR: ""})
    founding.load(central, "calendar", "date,kind,name,status\n2021-10-05,off,Nghỉ,announced\n")

    founding.load(central, "calendar", CALENDAR)

    with reading(central.database):
        assert reference.pack_names({PackKind.CALENDAR: ""}) == before


def test_the_clock_of_a_training_centre_can_be_set_and_goes_on_from_there(
    make_central: Callable[..., Central], clock: StandingClock
) -> None:
    training = make_central(training=True)

    founding.set_clock(training, datetime(2021, 9, 21, 1, 0, tzinfo=UTC))
    clock.move(hours=2)

    assert training.now() == datetime(2021, 9, 21, 3, 0, tzinfo=UTC)


def test_the_clock_of_a_real_centre_cannot_be_set(central: Central) -> None:
    with pytest.raises(NotTraining):
        founding.set_clock(central, datetime(2021, 9, 21, tzinfo=UTC))

    assert central.now() == NOW


def test_a_naive_instant_is_never_stored(make_central: Callable[..., Central]) -> None:
    training = make_central(training=True)

    with pytest.raises(ValueError, match="naive"):
        founding.set_clock(training, datetime(2021, 9, 21))

    assert training.now() == NOW


def test_the_reference_data_that_comes_along_loads(founded: Central) -> None:
    from importlib.resources import files

    folder: Any = files("central_server").joinpath("reference")
    order = [
        ("units", "admin_units_vinh_phuc_2021"),
        ("procedures", "procedures"),
        ("limits", "procedure_limits"),
        ("procedures", "invented_procedures"),
        ("limits", "invented_procedure_limits"),
        ("calendar", "calendar_vn_2019_2027"),
        ("desks", "invented_desks"),
    ]

    for what, name in order:
        founding.load(founded, what, folder.joinpath(f"{name}.csv").read_text("utf-8"))

    assert len(desk_codes(founded)) == 146
