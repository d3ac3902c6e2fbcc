"""What is kept in memory of units, desks and judgements is never old, whichever process has changed what it is of."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest

from central_server.central import Central
from central_server.services.standing import standings
from central_server.storage import counters, knowing, register, units
from central_server.storage.database import DATABASE_FILE, open_database, reading, write_transaction
from central_server.storage.latest import Latest
from central_server.storage.models import RegisterMark
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import UnitLevel
from tests.central.history import Life
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK, close
from tests.factories import NOW, StandingClock

DAY = date(2021, 10, 15)
OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
SPLIT = date(2021, 10, 10)

CHANGES: dict[str, Callable[[], None]] = {
    "a unit is added": lambda: register.insert_unit("x", UnitLevel.COMMUNE, "09999", "Xã Mới", unit_id("243"), SPLIT),
    "a name is spelt otherwise": lambda: register.respell_unit(unit_id("08707"), "Phường Tích-Sơn"),
    "a unit has another name": lambda: register.rename_unit(unit_id("08707"), "08708", "Phường Khác", SPLIT),
    "a unit has another parent": lambda: register.move_unit(unit_id("08707"), unit_id("246"), SPLIT),
    "a unit ends": lambda: register.end_unit(unit_id("08707"), SPLIT),
    "a desk is added": lambda: register.open_desk("H62.11.99", unit_id("08707"), "Bộ phận Một cửa", "", SPLIT),
    "a desk has another telephone": lambda: register.keep_desk(
        code=DESK,
        unit_id=unit_id("08707"),
        name="Bộ phận Một cửa Phường Tích Sơn",
        identifier_code=DESK,
        phone="02110000077",
        valid_from=date(2019, 1, 1),
    ),
    "a desk is that of another unit": lambda: register.move_desk(DESK, unit_id("08710"), "Bộ phận Một cửa", SPLIT),
    "a desk is closed": lambda: register.close_desk(DESK, OTHER_DESK, SPLIT),
}


@pytest.fixture
def other(central: Central) -> Iterator[Central]:
    """Another process of the same centre."""
    url = central.settings.database
    process = replace(central, database=open_database(central.settings.data / DATABASE_FILE, url))
    yield process
    close(process)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def unit_id(code: str) -> str:
    unit = units.unit_by_code(code, DAY)
    assert unit
    return unit.id


def told(central: Central) -> tuple[object, ...]:
    """All that a process tells of units and desks."""
    with reading(central.database):
        in_period = (units.desks_in(EVERYTHING, OCTOBER, today) for today in (None, DAY))
        return dict(units.tree(DAY)), units.desks(EVERYTHING, DAY), *in_period


class Undone(Exception):
    """A change is not to be after all."""


def respell_and_undo(central: Central) -> None:
    with write_transaction(central.database):
        register.respell_unit(unit_id("08707"), "Phường Chưa Có")
        assert "Phường Chưa Có" in str(told(central))
        raise Undone


def mark(central: Central) -> str:
    with reading(central.database):
        return str(RegisterMark.select(RegisterMark.mark).scalar())


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_process_tells_at_once_what_another_one_has_changed(
    central: Central, other: Central, change: Callable[[], None]
) -> None:
    before = told(other)

    with write_transaction(central.database):
        change()
    after = told(other)

    assert after != before
    assert after == told(central)


def test_a_change_that_is_undone_is_told_by_nobody(central: Central, other: Central) -> None:
    before = told(central)

    with pytest.raises(Undone):
        respell_and_undo(central)
    with write_transaction(other.database):
        register.respell_unit(unit_id("08710"), "Phường Liên-Bảo")

    assert told(central) == told(other) != before
    assert "Phường Chưa Có" not in str(told(central))


def test_contacts_leave_the_memory_of_units_and_desks_as_it_is(writer: Writer, central: Central) -> None:
    before = mark(central)

    writer.receive()
    writer.send()

    assert mark(central) == before != ""


def test_a_kept_judgement_lasts_until_the_very_instant_at_which_a_statement_goes_stale(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    writer.receive()
    writer.send()
    tomorrow = NOW + timedelta(days=1)
    at_instants = []
    for instant in (NOW, NOW + timedelta(hours=5), tomorrow, tomorrow + timedelta(milliseconds=1), tomorrow):
        clock.at = instant
        desk = next(each for each in standings(central, EVERYTHING, OCTOBER).desks if each.desk.code == DESK)
        at_instants.append(desk.judgement.is_covered)

    assert at_instants == [True, True, True, False, True]


@pytest.mark.parametrize("seed", [12, 13])
def test_what_is_kept_of_all_devices_is_what_is_read_of_them_by_name(
    central: Central, clock: StandingClock, seed: int
) -> None:
    life, kept, read = Life(central, clock, Random(seed)), [], []
    life.begin()
    for _ in range(120):
        life.go_on()
        with reading(central.database):
            kept.append(knowing.devices_now())
            read.append(knowing.devices_now(units.desk_codes()))

    assert kept == read
    assert sum(one != other for one, other in pairwise(read)) > 20


def test_a_device_that_is_new_before_others_moves_what_is_kept_of_none(central: Central) -> None:
    enrolled_writer(central, OTHER_DESK, seed=b"\x02" * 32)
    with reading(central.database):
        before = knowing.devices_now()

    enrolled_writer(central)
    with reading(central.database):
        after = knowing.devices_now()

    assert after.keys() - before.keys() == {DESK}
    assert after[OTHER_DESK] is before[OTHER_DESK]


def test_what_a_device_holds_back_is_known_at_once(writer: Writer, central: Central) -> None:
    with reading(central.database):
        knowing.devices_now()
    with write_transaction(central.database):
        counters.replace_unsent(writer.device, {DAY: 3})

    with reading(central.database):
        [known] = knowing.devices_now()[DESK]

    assert known.present.unsent == {DAY: 3}


def test_of_the_desks_that_are_named_alone_devices_are_known(writer: Writer, central: Central) -> None:
    with reading(central.database):
        known = [knowing.devices_now(desks).keys() for desks in ([], [OTHER_DESK], [OTHER_DESK, DESK])]

    assert known == [set(), set(), {DESK}]


def test_only_what_is_otherwise_than_before_is_made_again() -> None:
    latest: Latest[str, int, list[int]] = Latest()
    before = latest.of_all(["a", "b", "c"], [1, 2, 3], lambda given: [given])

    after = latest.of_all(["c", "x", "b"], [3, 9, 4], lambda given: [given])

    assert after == [[3], [9], [4]]
    assert after[0] is before[2]
    assert latest.of_all(["b", "a"], [4, 1], lambda given: [0]) == [[4], [1]]
