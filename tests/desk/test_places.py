"""Places in a ledger that is the desk's no more: they hold until the present ledger names their entries."""

from pathlib import Path
from random import Random

import pytest

from desk_client.desk import Desk
from desk_client.storage import placing
from desk_client.storage.database import write_transaction
from tests.factories import StandingClock, enrolled_desk

JOURNAL = (2, 1)
"""Slot and epoch of another machine."""

LENGTH = 12


@pytest.fixture
def desk(field_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(field_path / "desk", clock=clock)


@pytest.mark.parametrize("seed", range(20))
def test_places_are_those_of_the_last_ledger_that_named_them(desk: Desk, seed: int) -> None:
    """Three ledgers in turn name the entries of a journal, run by run; each breaks off somewhere."""
    chance = Random(seed)
    expected: dict[int, int] = {}
    for _ in range(3):
        ledger = sequence = 1
        until = chance.randint(1, LENGTH)
        while sequence <= until:
            last = chance.randint(sequence, until)
            with write_transaction(desk.database):
                placing.put_run(*JOURNAL, sequence, last, ledger)
            expected |= {each: ledger + each - sequence for each in range(sequence, last + 1)}
            ledger += last - sequence + chance.randint(1, 3)
            sequence = last + 1
        with write_transaction(desk.database):
            found = {each: placing.place_of(*JOURNAL, each)[0] for each in expected}
            order = [sequence for *_, sequence in placing.in_order((*JOURNAL, each) for each in range(1, LENGTH + 1))]
            placing.let_places_be_former()
        assert found == expected
        assert order == sorted(range(1, LENGTH + 1), key=lambda each: expected.get(each, placing.UNPLACED))
        expected = {each: place + placing.FORMER_LEDGER for each, place in expected.items()}


def test_an_entry_that_was_released_in_a_former_ledger_stands_where_the_present_one_names_it(desk: Desk) -> None:
    with write_transaction(desk.database):
        placing.put_released((*JOURNAL, 5), 9)
        placing.let_places_be_former()
        former = placing.place_of(*JOURNAL, 5)[0]

        placing.put_run(*JOURNAL, 4, 6, 2)

        assert (former, placing.place_of(*JOURNAL, 5)[0]) == (placing.FORMER_LEDGER + 9, 3)
