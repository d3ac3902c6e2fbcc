"""Founding a centre and loading its register: all of a file or nothing, and the same file again changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from central_server.central import Central, NotInitialised
from central_server.services import founding
from central_server.services.founding import AlreadyFounded, BadFile, NotTraining
from central_server.storage import models, reference, units
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.calendars import BadCalendar
from sync_protocol.packs import PackKind
from sync_protocol.vocabulary import Channel, LimitUnit, UnitLevel
from tests.conftest import CALENDAR, DESKS, PROCEDURE_LINES, REGISTER, UNITS
from tests.factories import NOW, StandingClock

TODAY = NOW.date()
LIMITS = """code,limit_value,limit_unit,fee_basis,channels,note
1.004873,5,working_day,per_case,direct|online,
2.000815,0,same_day,per_page,direct,
"""

TABLES = (
    models.Centre,
    models.Unit,
    models.UnitName,
    models.UnitParent,
    models.DeskRow,
    models.Procedure,
    models.CalendarDay,
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


def test_limits_loaded_again_change_nothing(central: Central, clock: StandingClock) -> None:
    founding.load(central, "limits", LIMITS)
    before = content(central)
    clock.move(days=1)

    founding.load(central, "limits", LIMITS)

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
        loaded = {each.code: each for each in reference.procedures_of(UnitLevel.COMMUNE)}

    limit = loaded["1.004873"].limit
    assert limit is not None
    assert (int(limit.value), limit.unit) == (5, LimitUnit.WORKING_DAY)
    assert loaded["2.000815"].channels == (Channel.DIRECT,)


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
