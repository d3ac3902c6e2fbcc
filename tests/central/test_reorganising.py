"""Units merge, split, end and get other names and parents: what was before stays, and nothing that arrived is lost."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.services import enrolment, founding, reorganising, signing_in
from central_server.services.enrolment import UnknownDesk
from central_server.services.lines import BadFile
from central_server.services.reorganisation import TEMPLATE
from central_server.services.reorganising import NoReason
from central_server.services.standing import desk_story, standings, unit_id
from central_server.storage import models, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING, Scope, Tree
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role, Standing
from tests.central.browsing import PASSWORD
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, DESKS, OTHER_DESK, UNITS
from tests.factories import StandingClock

HEADER = f"{TEMPLATE}\n"
ON = date(2021, 10, 11)
OCTOBER, NOVEMBER = (PeriodSeries(last_day=20).month(2021, month) for month in (10, 11))
MERGE = (
    HEADER
    + "2021-10-11,merge,08707,Phường Tích Sơn,08707,Phường Vĩnh Yên,,,H62.11.01,Bộ phận Một cửa Phường Vĩnh Yên,\n"
    + "2021-10-11,merge,08710,Phường Liên Bảo,08707,Phường Vĩnh Yên,,,,,\n"
)
"""The code of one parent goes to the new unit, and one of the two desks goes on for it."""

WHY: dict[str, Any] = {"by": "tinh", "reason": "Nghị quyết 1287/NQ-UBTVQH15"}


@pytest.fixture
def writers(central: Central, clock: StandingClock) -> list[Writer]:
    """Machines of both desks, each with a dossier before the day and one after it."""
    made = [enrolled_writer(central, code, bytes([n]) * 32) for n, code in ((1, DESK), (2, OTHER_DESK))]
    for writer in made:
        writer.receive(date(2021, 10, 4))
        writer.send()
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    return made


def told(
    central: Central, tree: Tree = Tree.PERIOD, period: Any = OCTOBER
) -> dict[str, tuple[str, str, Standing, int]]:
    """By desk: its unit, who supervises it, its standing, and what arrived."""
    return {
        each.desk.code: (each.desk.unit.name, each.desk.district.name, each.judgement.standing, each.judgement.arrived)
        for each in standings(central, EVERYTHING, period, tree=tree).desks
    }


def everything(central: Central) -> list[list[Any]]:
    with reading(central.database):
        return [
            list(model.select().tuples())
            for model in (models.Unit, models.UnitName, models.UnitParent, models.DeskRow, models.DeskPast)
        ]


def test_a_preview_tells_what_would_change_and_changes_nothing(central: Central, writers: list[Writer]) -> None:
    signing_in.add_user(
        central, username="lienbao", full_name="Lê Thị Hà", role=Role.SUPERVISOR, unit_code="08710", password=PASSWORD
    )
    before = everything(central)

    preview = reorganising.preview(central, MERGE)

    plan = preview.plan
    assert [unit.name for unit in plan.ended] == ["Phường Tích Sơn", "Phường Liên Bảo"]
    assert [(unit.code, unit.name) for unit in plan.begun] == [("08707", "Phường Vĩnh Yên")]
    assert [(desk.code, successor) for desk, successor in plan.closed] == [(OTHER_DESK, DESK)]
    assert [desk.code for desk, _, _ in plan.kept_on] == [DESK]
    assert (preview.machines, preview.people) == (1, ["lienbao"])
    assert everything(central) == before


def test_a_merged_desk_is_not_judged_in_the_period_and_what_it_sent_still_counts(
    central: Central, writers: list[Writer]
) -> None:
    reorganising.reorganise(central, MERGE, **WHY)

    assert told(central)[OTHER_DESK] == ("Phường Liên Bảo", "Thành phố Vĩnh Yên", Standing.EXEMPT, 1)
    assert told(central)[DESK][:2] == ("Phường Vĩnh Yên", "Thành phố Vĩnh Yên")
    assert OTHER_DESK not in told(central, period=NOVEMBER)


def test_a_period_before_the_day_shows_the_units_of_then(central: Central, writers: list[Writer]) -> None:
    reorganising.reorganise(central, MERGE, **WHY)
    september = PeriodSeries(last_day=20).month(2021, 9)

    nodes = {each.desk.code: each.desk for each in standings(central, EVERYTHING, september).desks}

    assert (nodes[DESK].unit.name, nodes[DESK].name) == ("Phường Tích Sơn", "Bộ phận Một cửa Phường Tích Sơn")
    assert nodes[OTHER_DESK].unit.name == "Phường Liên Bảo"


def test_under_the_units_of_today_all_that_came_together_stands_together(
    central: Central, writers: list[Writer]
) -> None:
    reorganising.reorganise(central, MERGE, **WHY)
    now = unit_id(central, "08707", OCTOBER, tree=Tree.TODAY)

    under = standings(central, EVERYTHING, OCTOBER, under=now, tree=Tree.TODAY).desks

    assert {each.desk.code: each.desk.unit.name for each in under} == dict.fromkeys(
        (DESK, OTHER_DESK), "Phường Vĩnh Yên"
    )
    assert [each.desk.code for each in standings(central, Scope(root=now), OCTOBER, tree=Tree.TODAY).desks] == [
        DESK, OTHER_DESK,
    ]  # fmt: skip
    assert [each.desk.code for each in standings(central, Scope(root=now), OCTOBER).desks] == [DESK]


def test_whoever_supervises_what_took_over_sees_the_desks_of_before_and_nobody_else_does(
    central: Central, writers: list[Writer]
) -> None:
    reorganising.reorganise(central, MERGE, **WHY)
    with reading(central.database):
        new, other = units.unit_by_code("08707", ON), units.unit_by_code("08761", ON)
    assert new
    assert other

    story = desk_story(central, Scope(root=new.id), OTHER_DESK, OCTOBER)

    assert story.standing.desk.unit.name == "Phường Liên Bảo"
    with pytest.raises(UnknownDesk):
        desk_story(central, Scope(root=other.id), OTHER_DESK, OCTOBER)


def test_what_a_closed_desk_sends_later_is_kept_and_shown(central: Central, writers: list[Writer]) -> None:
    reorganising.reorganise(central, MERGE, **WHY)

    writers[1].receive(date(2021, 10, 22))
    writers[1].send(writers[1].contact(first=writers[1].head))

    assert told(central, period=NOVEMBER)[OTHER_DESK] == ("Phường Liên Bảo", "Thành phố Vĩnh Yên", Standing.EXEMPT, 1)
    assert desk_story(central, EVERYTHING, OTHER_DESK, NOVEMBER).standing.judgement.arrived == 1


def test_a_closed_desk_is_told_that_it_is_not_judged_and_gets_no_new_machine(
    central: Central, writers: list[Writer]
) -> None:
    reorganising.reorganise(central, MERGE, **WHY)

    answer = writers[1].send(writers[1].alone(acknowledged=writers[1].head))

    assert {each["standing"] for each in answer.standings} == {"exempt"}
    with pytest.raises(UnknownDesk):
        enrolment.invite(central, OTHER_DESK)


def test_a_rename_keeps_the_unit_and_a_move_its_desks(central: Central) -> None:
    file = (
        HEADER
        + "2021-10-11,rename,08761,,08761,Xã Lập Thạch,,243,,,\n"
        + "2021-10-11,parent_change,08770,Xã Ngọc Mỹ,,,,243,,,\n"
        + "2021-10-11,abolish,246,Huyện Lập Thạch,,,,,H62.12.01,,\n"
    )
    with reading(central.database):
        before = units.unit_by_code("08761", ON)

    reorganising.reorganise(central, file, **WHY)

    with reading(central.database):
        after, moved = units.unit_by_code("08761", ON), units.unit_by_code("08770", ON)
        parent = units.unit_by_code("243", ON)
        assert units.unit_by_code("246", ON) is None
    assert before
    assert after
    assert moved
    assert parent
    assert (after.id, after.name, after.parents[0]) == (before.id, "Xã Lập Thạch", parent.id)
    assert moved.parents[0] == parent.id
    assert told(central)["H62.12.01"][:2] == ("Xã Lập Thạch", "Thành phố Vĩnh Yên")
    assert told(central)["H62.12"][2] is Standing.EXEMPT


def test_a_split_opens_the_desks_that_are_named_and_closes_the_others(central: Central) -> None:
    file = (
        HEADER
        + "2021-10-11,split,08770,,08770,Xã Ngọc Mỹ,,,H62.12.02,,\n"
        + "2021-10-11,split,08770,,08771,Xã Quang Sơn,,,H62.12.03,Bộ phận Một cửa Xã Quang Sơn,02110000099\n"
    )

    reorganising.reorganise(central, file, **WHY)

    nodes = {each.desk.code: each.desk for each in standings(central, EVERYTHING, OCTOBER).desks}
    assert (nodes["H62.12.02"].unit.name, nodes["H62.12.03"].unit.name) == ("Xã Ngọc Mỹ", "Xã Quang Sơn")
    assert (nodes["H62.12.03"].registered_on, nodes["H62.12.03"].phone) == (ON, "02110000099")


@pytest.mark.parametrize(
    ("lines", "number", "reason"),
    [
        ("2021-10-11,merge,99999,,08707,Phường A,,,,,\n", 2, "no unit has the old code"),
        ("2021-10-11,merge,08707,Phường Liên Bảo,08707,Phường A,,,,,\n", 2, "another name"),
        ("2021-10-11,merge,08707,,08707,Phường A,,,,,\n", 2, "two units at least"),
        ("2021-10-11,melt,08707,,08707,Phường A,,,,,\n", 2, '"melt" stands where'),
        ("2021-10-41,rename,08707,,,Phường A,,,,,\n", 2, "write it like"),
        ("2021-10-11,rename,08707,,,Phường A,,,,,\n2021-10-12,rename,08710,,,Phường B,,,,,\n", 3, "the same day"),
        ("2021-10-11,rename,08707,,,Phường A,,,,,\n2021-10-11,abolish,08707,,,,,,,,\n", 3, "says already"),
        ("2021-10-11,split,08707,,08707,Phường A,,,,,\n", 2, "two new units"),
        ("2021-10-11,rename,08707,,08710,Phường A,,,,,\n", 2, "another unit has the new code"),
        ("2021-10-11,abolish,246,,,,,,,,\n", 2, "still belong to one that ends"),
        ("2021-10-11,parent_change,08707,,,,,08710,,,\n", 2, "higher level"),
        ("2021-10-11,parent_change,08707,,,,,999,,,\n", 2, "higher level"),
        ("2021-10-11,parent_change,08707,,,,,,,,\n", 2, "new parent is missing"),
        (
            "2021-10-11,split,08707,,08707,P. A,,,H62.12.01,,\n2021-10-11,split,08707,,08708,P. B,,,,,\n",
            2,
            "not one of",
        ),
        ("2021-10-11,split,08707,,08707,P. A,,,H62.99,,\n2021-10-11,split,08707,,08708,P. B,,,,,\n", 2, "needs a name"),
        ("", 1, "it names no unit"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_nothing_is_changed(
    central: Central, lines: str, number: int, reason: str
) -> None:
    before = everything(central)

    with pytest.raises(BadFile) as raised:
        reorganising.reorganise(central, HEADER + lines, **WHY)

    assert raised.value.values["line"] == number
    assert reason in str(raised.value.values["reason"])
    assert everything(central) == before
    assert reorganising.made(central) == []


def test_it_needs_a_reason_and_is_kept_with_it_and_its_file(central: Central) -> None:
    with pytest.raises(NoReason):
        reorganising.reorganise(central, MERGE, by="tinh", reason=" ")

    reorganising.reorganise(central, MERGE, **WHY)

    [made] = reorganising.made(central)
    assert (made.effective_on, made.done_by, made.reason, made.file) == (ON, "tinh", WHY["reason"], MERGE)
    with pytest.raises(DatabaseError), write_transaction(central.database):
        models.ReorganisationRow.update(reason="").execute()


def test_the_same_file_a_second_time_is_refused(central: Central) -> None:
    reorganising.reorganise(central, MERGE, **WHY)

    with pytest.raises(BadFile):
        reorganising.reorganise(central, MERGE, **WHY)


def test_a_register_that_is_older_than_the_reorganisation_is_not_loaded_over_it(
    central: Central, writers: list[Writer]
) -> None:
    reorganising.reorganise(central, MERGE, **WHY)
    before = everything(central)

    reopened = "code,name,unit_code,identifier_code,phone\nH62.11.02,Bộ phận Một cửa,08707,,\n"
    for what, text in (("units", UNITS), ("desks", DESKS), ("desks", reopened)):
        with pytest.raises(BadFile):
            founding.load(central, what, text)

    assert everything(central) == before


def test_a_reorganisation_to_come_changes_nothing_before_its_day(central: Central, clock: StandingClock) -> None:
    clock.at = datetime(2021, 10, 8, 2, tzinfo=UTC)
    reorganising.reorganise(central, MERGE, **WHY)

    with reading(central.database):
        eve, day = (units.desks(EVERYTHING, ON - timedelta(days=back)) for back in (1, 0))

    assert (OTHER_DESK in [desk.code for desk in eve], OTHER_DESK in [desk.code for desk in day]) == (True, False)
