"""Dossier codes that two machines never both print."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.dossier_codes import (
    CODE_PATTERN,
    BadDossierCode,
    BadSerialRule,
    SerialRule,
    SerialsExhausted,
    dossier_code,
    next_serial,
    parse_code,
    serial_blocks,
)

RULE = SerialRule()


@pytest.mark.parametrize(
    ("slot", "blocks"),
    [
        (1, (range(1, 1000), range(100000, 101000))),
        (2, (range(1000, 2000), range(101000, 102000))),
        (9, (range(8000, 9000), range(108000, 109000))),
        (10, (range(9000, 10000), range(109000, 110000))),
        (11, (range(110000, 111000),)),
        (900, (range(999000, 1000000),)),
        (901, ()),
    ],
)
def test_each_slot_owns_its_thousand_and_a_reserve_of_six_digits(slot: int, blocks: tuple[range, ...]) -> None:
    assert serial_blocks(slot, RULE) == blocks


def test_a_higher_first_number_moves_the_blocks_up() -> None:
    rule = SerialRule(first=5500)

    assert serial_blocks(1, rule)[0] == range(5500, 6000)
    assert serial_blocks(2, rule)[0] == range(6000, 7000)
    assert serial_blocks(6, rule) == (range(105000, 106000),)


@pytest.mark.parametrize(
    ("last", "slot", "expected"),
    [
        (None, 1, 1),
        (1, 1, 2),
        (None, 2, 1000),
        (1998, 2, 1999),
        (999, 1, 100000),
        (100000, 1, 100001),
        (None, 11, 110000),
    ],
)
def test_the_next_serial_stays_in_the_blocks_of_the_slot(last: int | None, slot: int, expected: int) -> None:
    assert next_serial(last, slot, RULE) == expected


def test_the_next_serial_rises_when_the_rule_changes_during_a_day() -> None:
    assert next_serial(12, 1, SerialRule(first=5000)) == 5000
    assert next_serial(5012, 1, RULE) == 100000


def test_a_slot_without_numbers_says_so() -> None:
    with pytest.raises(SerialsExhausted) as caught:
        next_serial(100999, 1, RULE)

    assert caught.value.code == "serials_exhausted"


@pytest.mark.parametrize(("first", "per_slot"), [(0, 1000), (10000, 1000), (1, 0), (1, 10000)])
def test_a_rule_without_room_is_refused(first: int, per_slot: int) -> None:
    with pytest.raises(BadSerialRule):
        SerialRule(first=first, per_slot=per_slot)


@pytest.mark.parametrize(
    ("identifier", "serial", "expected"),
    [
        ("H62.31.04", 1, "H62.31.04-211004-0001"),
        ("H62.35", 1042, "H62.35-211004-1042"),
        ("000.01.02.H62", 100000, "000.01.02.H62-211004-100000"),
    ],
)
def test_a_code_holds_unit_day_and_serial(identifier: str, serial: int, expected: str) -> None:
    code = dossier_code(identifier, date(2021, 10, 4), serial)

    assert code == expected
    assert parse_code(code) == (identifier, date(2021, 10, 4), serial)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "H62.31.04-211004-001",
        "H62.31.04-211304-0001",
        "H62.31.04-210229-0001",
        "h62.31.04-211004-0001",
        "H62.31.04-211004-0001\n",
        "H6262-211004-0001",
        "A.B.C.D.E.F.G-211004-0001",
        "H62.31.04-211004-1234567",
        "H62-٢١١٠٠٤-0001",
    ],
)
def test_what_is_not_a_code_is_refused(code: str) -> None:
    with pytest.raises(BadDossierCode):
        parse_code(code)


@pytest.mark.parametrize(
    ("identifier", "received_on", "serial"),
    [
        ("H62-31", date(2021, 10, 4), 1),
        ("H62.31.04", date(1999, 10, 4), 1),
        ("H62.31.04", date(2021, 10, 4), 1000000),
        ("", date(2021, 10, 4), 1),
    ],
)
def test_parts_that_do_not_make_a_code_are_refused(identifier: str, received_on: date, serial: int) -> None:
    with pytest.raises(BadDossierCode):
        dossier_code(identifier, received_on, serial)


rules = st.builds(SerialRule, first=st.integers(1, 9999), per_slot=st.integers(1, 9999))
slots = st.integers(1, 2000)


@given(rule=rules, slot=slots, other_slot=slots)
def test_two_slots_never_share_a_serial(rule: SerialRule, slot: int, other_slot: int) -> None:
    blocks = sorted((block.start, block.stop) for each in {slot, other_slot} for block in serial_blocks(each, rule))

    assert all(earlier[1] <= later[0] for earlier, later in pairwise(blocks))


@given(rule=rules, slot=slots)
def test_every_serial_lies_above_the_first_and_fits_a_code(rule: SerialRule, slot: int) -> None:
    ends = [serial for block in serial_blocks(slot, rule) for serial in (block[0], block[-1])]

    assert all(rule.first <= serial <= 9999 or 100000 <= serial <= 999999 for serial in ends)


@given(rule=st.builds(SerialRule, first=st.integers(1, 9999), per_slot=st.integers(1, 50)), slot=st.integers(1, 300))
def test_a_day_uses_each_serial_of_a_slot_once(rule: SerialRule, slot: int) -> None:
    owned = [serial for block in serial_blocks(slot, rule) for serial in block]

    used = [next_serial(last, slot, rule) for last in [None, *owned[:-1]]]

    assert used == owned


@given(
    identifier=st.from_regex(r"[A-Z0-9]{1,3}(\.[A-Z0-9]{1,3}){0,5}", fullmatch=True),
    received_on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    serial=st.integers(1, 999999),
)
def test_a_code_is_read_back_as_its_parts(identifier: str, received_on: date, serial: int) -> None:
    code = dossier_code(identifier, received_on, serial)

    assert CODE_PATTERN.fullmatch(code)
    assert parse_code(code) == (identifier, received_on, serial)


def test_later_epochs_own_blocks_that_no_slot_and_no_other_epoch_owns() -> None:
    blocks = [block for slot in (1, 2, 100) for epoch in range(1, 9) for block in serial_blocks(slot, RULE, epoch)]
    ordered = sorted((block.start, block.stop) for block in blocks)

    assert all(end <= start for (_, end), (start, _) in pairwise(ordered))
    assert serial_blocks(1, RULE, 2) == (range(200_000, 201_000),)
    assert next_serial(45, 1, RULE, 2) == 200_000
