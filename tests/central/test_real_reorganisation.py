"""The real reorganisations of Vĩnh Phúc, as an operator applies them: 136 communes, then 121, then 36 and no district.

The table of what became of each commune is made into a file for each day, since a file holds one day. The five
communes of which nobody has found what became are abolished without an heir: nothing is guessed.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from central_server.__main__ import cli
from central_server.central import Central
from central_server.commands import console
from central_server.services import founding
from central_server.services.reorganisation import TEMPLATE
from central_server.services.standing import standings
from central_server.storage import units
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING, Tree, UnitNode
from sync_protocol.periods import PeriodSeries
from sync_protocol.texts import folded
from sync_protocol.vocabulary import UnitLevel
from tests.central.writing import enrolled_writer
from tests.factories import StandingClock

REFERENCE = Path(founding.__file__).parents[1] / "reference"
EVE, WINTER, JUNE, SUMMER = date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1)
COLUMNS = TEMPLATE.split(",")
SERIES = PeriodSeries(last_day=20)

Row = dict[str, str]
Named = tuple[str, str]
"""The code and the name of a unit."""


def rows(name: str) -> list[Row]:
    return list(csv.DictReader(StringIO((REFERENCE / name).read_text("utf-8"))))


def stays(rows: list[Row], before: str, after: str) -> dict[Named, Named | None]:
    """What becomes of each commune in a step; None where nobody has found it."""
    return {
        (row[f"code_{before}"], row[f"name_{before}"]): (
            (row[f"code_{after}"], row[f"name_{after}"]) if row[f"code_{after}"] else None
        )
        for row in rows
        if row[f"code_{before}"]
    }


def written(on: date, became: dict[Named, Named | None], desks: dict[str, str], parent: str = "") -> Iterator[Row]:
    """The lines of a file: a commune alone is renamed, several become a new one, and the desk of its code goes on."""
    for (code, name), new in became.items():
        olds = [old for old, other in became.items() if other == new]
        heads = [old for old in olds if new and old[0] == new[0]] or olds
        line = {"effective_on": on.isoformat(), "old_code": code, "old_name": name}
        if new is None:
            yield line | {"kind": "abolish"}
        elif len(olds) > 1:
            named = {"new_code": new[0], "new_name": new[1], "new_parent_code": parent, "desk": desks[heads[0][0]]}
            yield line | {"kind": "merge", "desk_name": f"Bộ phận Một cửa {new[1]}"} | named
        elif new != (code, name) or parent:
            yield line | {"kind": "rename", "new_code": new[0], "new_name": new[1], "new_parent_code": parent}


def file_of(lines: list[Row], folder: Path) -> Path:
    path = folder / f"{lines[0]['effective_on']}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return path


def reorganise(path: Path, reason: str) -> Result:
    asked = ["unit", "reorganise", str(path), "--apply", "--reason", reason]
    return CliRunner().invoke(cli, asked, catch_exceptions=False)


def communes(on: date) -> dict[str, UnitNode]:
    """The communes of a day by their codes."""
    return {unit.code: unit for unit in units.tree(on).values() if unit.level is UnitLevel.COMMUNE}


@pytest.fixture
def province(central: Central, clock: StandingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Central:
    """The province of 2021; dossiers of November 2024 at two desks; then both reorganisations by the command."""
    monkeypatch.setattr(console, "open_central", lambda _: central)
    clock.at = datetime(2024, 11, 4, 2, tzinfo=UTC)
    founding.load(central, "units", (REFERENCE / "admin_units_vinh_phuc_2021.csv").read_text("utf-8"))
    founding.load(central, "calendar", (REFERENCE / "calendar_vn_2019_2027.csv").read_text("utf-8"))
    founding.load(central, "desks", (REFERENCE / "invented_desks.csv").read_text("utf-8"))
    desks = {row["unit_code"]: row["code"] for row in rows("invented_desks.csv")}
    for seed, (unit, count) in enumerate((("08707", 3), ("08713", 4)), start=1):
        writer = enrolled_writer(central, desks[unit], bytes([seed]) * 32)
        for _ in range(count):
            writer.receive(date(2024, 11, 4))
        writer.send()
    table = rows("admin_units_vinh_phuc_succession.csv")
    winter = list(written(WINTER, stays(table, "2021", "2025_01"), desks))
    clock.at = datetime(2024, 12, 30, 2, tzinfo=UTC)
    assert reorganise(file_of(winter, tmp_path), "Nghị quyết 1287/NQ-UBTVQH15").exit_code == 0
    going_on = desks | {line["new_code"]: line["desk"] for line in winter if line["kind"] == "merge"}
    summer = [
        {"effective_on": SUMMER.isoformat(), "kind": "rename", "old_code": "26", "old_name": "Tỉnh Vĩnh Phúc"}
        | {"new_code": "25", "new_name": "Tỉnh Phú Thọ"},
        *(
            {"effective_on": SUMMER.isoformat(), "kind": "abolish", "old_code": row["code"], "old_name": row["name"]}
            for row in rows("admin_units_vinh_phuc_2021.csv")
            if row["level"] == "district"
        ),
        *written(SUMMER, stays(table, "2025_01", "2025_07"), going_on, parent="25"),
    ]
    clock.at = datetime(2025, 6, 30, 2, tzinfo=UTC)
    assert reorganise(file_of(summer, tmp_path), "Nghị quyết 1676/NQ-UBTVQH15").exit_code == 0
    clock.at = datetime(2025, 8, 4, 2, tzinfo=UTC)
    return central


def test_each_day_has_its_communes_and_their_ancestors(province: Central) -> None:
    with reading(province.database):
        then = {day: communes(day) for day in (EVE, WINTER, JUNE, SUMMER)}
        trees = {day: units.tree(day) for day in then}

    above = {
        day: {tuple(trees[day][id_].level.value for id_ in unit.parents) for unit in found.values()}
        for day, found in then.items()
    }
    assert [len(found) for found in then.values()] == [136, 121, 121, 36]
    assert above == {
        EVE: {("district", "province")},
        WINTER: {("district", "province")},
        JUNE: {("district", "province")},
        SUMMER: {("province",)},
    }
    assert [unit.name for unit in trees[SUMMER].values() if unit.level is not UnitLevel.COMMUNE] == ["Tỉnh Phú Thọ"]


def test_each_commune_is_the_one_that_the_table_names(province: Central) -> None:
    table = rows("admin_units_vinh_phuc_succession.csv")

    with reading(province.database):
        winter, summer = communes(JUNE), communes(SUMMER)

    for found, step in ((winter, "2025_01"), (summer, "2025_07")):
        told = {(row[f"code_{step}"], row[f"name_{step}"]) for row in table if row[f"code_{step}"]}
        assert {(unit.code, unit.name) for unit in found.values()} == told


def test_a_code_that_goes_on_is_another_unit_and_a_name_moves_to_another_code(province: Central) -> None:
    with reading(province.database):
        eve, june, summer = (communes(day) for day in (EVE, JUNE, SUMMER))

    assert [each["08707"].name for each in (eve, june, summer)] == ["Phường Tích Sơn"] * 2 + ["Phường Vĩnh Yên"]
    assert eve["08707"].id == june["08707"].id != summer["08707"].id
    # The name moves to another code, and to another territory.
    assert [(code, unit.id) for code, unit in june.items() if unit.name == "Xã Vĩnh Phú"] == [
        ("09157", june["09157"].id)
    ]
    assert [(code, unit.id) for code, unit in summer.items() if unit.name == "Xã Vĩnh Phú"] == [
        ("09154", summer["09154"].id)
    ]
    assert summer["09154"].id not in {unit.id for unit in june.values()}


def test_names_that_are_equal_once_folded_are_two_units_with_fates_of_their_own(province: Central) -> None:
    with reading(province.database):
        eve, june, summer = (communes(day) for day in (EVE, JUNE, SUMMER))

    assert [eve[code].name for code in ("08746", "08794")] == ["Phường Xuân Hoà", "Xã Xuân Hòa"]
    assert folded("Xuân Hoà") == folded("Xuân Hòa")
    assert [june[code].id for code in ("08746", "08794")] == [eve[code].id for code in ("08746", "08794")]
    assert [code in summer for code in ("08746", "08794")] == [True, False]


def test_a_change_of_type_or_spelling_alone_keeps_the_unit(province: Central) -> None:
    with reading(province.database):
        eve, june = communes(EVE), communes(JUNE)

    changed = {
        code: (eve[code].name, june[code].name) for code in eve if code in june and eve[code].id == june[code].id
    }
    assert {code: names for code, names in changed.items() if names[0] != names[1]} == {
        "08725": ("Xã Định Trung", "Phường Định Trung"),
        "08746": ("Phường Xuân Hoà", "Phường Xuân Hòa"),
        "08878": ("Xã Kim Long", "Thị trấn Kim Long"),
        "09043": ("Xã Tam Hồng", "Thị trấn Tam Hồng"),
        "09106": ("Xã Lũng Hoà", "Xã Lũng Hòa"),
    }


def test_communes_that_nobody_found_end_without_an_heir(province: Central) -> None:
    lost = [row["code_2021"] for row in rows("admin_units_vinh_phuc_succession.csv") if row["check"] == "not found"]

    with reading(province.database):
        eve, winter = communes(EVE), communes(WINTER)
        desks = {desk.unit.code: desk.code for desk in units.desks(EVERYTHING, EVE)}
        closed = [units.closed_on(desks[code]) for code in lost]

    assert len(lost) == 5
    assert [code in eve for code in lost] == [True] * 5
    assert [code in winter for code in lost] == [False] * 5
    assert closed == [EVE] * 5


def test_a_desks_figures_are_told_by_the_units_of_then_and_of_today(province: Central) -> None:
    november = SERIES.month(2024, 11)

    then = {each.desk.code: each for each in standings(province, EVERYTHING, november).desks}
    today = {each.desk.code: each for each in standings(province, EVERYTHING, november, tree=Tree.TODAY).desks}

    held = {code: each.judgement.arrived for code, each in then.items() if each.judgement.arrived}
    assert {
        code: (then[code].desk.unit.name, then[code].desk.district.name, count) for code, count in held.items()
    } == {
        "H62.11.01": ("Phường Tích Sơn", "Thành phố Vĩnh Yên", 3),
        "H62.11.03": ("Phường Hội Hợp", "Thành phố Vĩnh Yên", 4),
    }
    # Both have become one ward; nothing is lost, and nothing stands under a district that is no more.
    assert [(today[code].desk.unit.name, today[code].judgement.arrived) for code in held] == [
        ("Phường Vĩnh Yên", 3),
        ("Phường Vĩnh Yên", 4),
    ]
    assert {today[code].desk.district.name for code in held} == {"Tỉnh Phú Thọ"}
    assert sum(each.judgement.arrived for each in today.values()) == sum(held.values()) == 7


def test_each_commune_of_today_has_one_desk_and_every_other_one_is_closed(province: Central) -> None:
    with reading(province.database):
        open_ones = units.desks(EVERYTHING, SUMMER)
        summer = communes(SUMMER)

    of_communes = sorted(desk.unit.code for desk in open_ones if desk.unit.level is UnitLevel.COMMUNE)
    assert of_communes == sorted(summer)
    assert [desk.unit.level for desk in open_ones if desk.unit.level is not UnitLevel.COMMUNE] == [UnitLevel.PROVINCE]
