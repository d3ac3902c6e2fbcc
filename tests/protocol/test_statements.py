"""What a device states and what the centre confirms: exact, small, and refused when damaged."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.packing import STATEMENT_BYTES_MAX, pack_contact
from sync_protocol.periods import Period
from sync_protocol.signing import BadSignature, NotADocument, Signed, SigningKey, content_of, encoded
from sync_protocol.statements import (
    ANCESTORS_MAX,
    COUNT_MAX,
    DECLARATIONS_MAX,
    Ancestor,
    BadStatement,
    Pulled,
    Receipt,
    Statement,
    device_of,
    read_receipt,
    read_statement,
)
from sync_protocol.vocabulary import Declaration, DeviceId
from tests.protocol.golden import make

KEY = SigningKey.from_seed(b"d" * 32)
AT = datetime(2021, 10, 20, 9, 58, 1, tzinfo=UTC)
SEPTEMBER = Period(first_on=date(2021, 8, 21), last_on=date(2021, 9, 20))
OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
DECLARATIONS = ((SEPTEMBER, Declaration.COMPLETE), (OCTOBER, Declaration.NIL))

MONTH_OF_COUNTS = [
    3, 17, 5, 120, 8, 41, 99, 100, 2, 63, 7, 250, 11, 31, 19, 73, 1, 45, 300, 22, 58, 9, 13, 640, 37, 86, 4, 52, 77,
    999, 28,
]  # fmt: skip
MONTH = {date(2021, 9, 20) + timedelta(days=ahead): count for ahead, count in enumerate(MONTH_OF_COUNTS)}

STATEMENT = Statement(
    device=DeviceId("H62.11.01", 2),
    epoch=1,
    head=99_812,
    hash=hashlib.sha256(b"head").digest(),
    acknowledged=98_003,
    body_hash=hashlib.sha256(b"body").digest(),
    at=AT,
    ticket=encoded(b"123456789"),
    app_version="0.1.0",
    free_disk_mb=48_213,
    training=False,
    unsent={},
)
CONTENT: dict[str, Any] = orjson.loads(STATEMENT.signed_by(KEY).body)

RECEIPT = Receipt(
    device=DeviceId("H62.11.01", 2),
    epoch=1,
    up_to=99_812,
    hash=hashlib.sha256(b"head").digest(),
    at=AT,
    incarnation="a1b2c3",
    ticket="QUJDREVGR0hJ",
    archived_up_to=0,
)


def read(content: Mapping[str, Any]) -> Statement:
    """What is read of a well-signed statement with this content."""
    return read_statement(KEY.sign("statement", content), KEY.public)


def read_back(statement: Statement) -> Statement:
    """A statement after its journey."""
    return read_statement(statement.signed_by(KEY), KEY.public)


@pytest.mark.parametrize("statement", [STATEMENT, replace(STATEMENT, unsent=MONTH, declarations=DECLARATIONS)])
def test_a_statement_reads_back_as_it_was_made(statement: Statement) -> None:
    assert read_back(statement) == statement


@given(st.dictionaries(st.dates(), st.integers(-10_000, 10_000), max_size=40))
def test_unsent_counts_read_back_for_any_days(unsent: dict[date, int]) -> None:
    kept = {day: count for day, count in unsent.items() if count}

    assert read_back(replace(STATEMENT, unsent=unsent)).unsent == kept


@given(st.dates(date(2021, 1, 1), date(2030, 1, 1)), st.lists(st.integers(-9, 999), max_size=60))
def test_unsent_counts_read_back_for_any_run_of_days(first_on: date, counts: list[int]) -> None:
    unsent = {first_on + timedelta(days=ahead): count for ahead, count in enumerate(counts)}
    kept = {day: count for day, count in unsent.items() if count}

    assert read_back(replace(STATEMENT, unsent=unsent)).unsent == kept


def test_days_in_a_row_and_short_gaps_share_a_run() -> None:
    unsent = {date(2021, 10, 4): 3, date(2021, 10, 5): 40, date(2021, 10, 8): 1, date(2021, 10, 16): 2}

    body = replace(STATEMENT, unsent=unsent).signed_by(KEY).body

    assert orjson.loads(body)["unsent"] == [["2021-10-04", 3, 40, 0, 0, 1], ["2021-10-16", 2]]


def test_a_run_goes_on_over_seven_days_and_not_over_eight() -> None:
    unsent = {date(2021, 10, 4): 3, date(2021, 10, 11): 1, date(2021, 10, 19): 2}

    body = replace(STATEMENT, unsent=unsent).signed_by(KEY).body

    assert orjson.loads(body)["unsent"] == [["2021-10-04", 3, 0, 0, 0, 0, 0, 0, 1], ["2021-10-19", 2]]


def test_a_dossier_that_moved_stands_on_both_days() -> None:
    unsent = {date(2021, 10, 4): -1, date(2021, 10, 5): 1}

    assert read_back(replace(STATEMENT, unsent=unsent)).unsent == unsent


@pytest.mark.parametrize(
    ("unsent", "declarations", "bytes_max"),
    [
        ({}, (), 240),
        ({}, DECLARATIONS, 270),
        (MONTH, (), 320),
        (MONTH, DECLARATIONS, 350),
        (dict(zip(MONTH, range(103, 999, 29), strict=True)), DECLARATIONS, 370),
    ],
    ids=["nothing", "two declarations", "a month", "a month and two declarations", "three digits every day"],
)
def test_a_statement_as_sent_is_under_500_bytes(
    unsent: dict[date, int], declarations: tuple[tuple[Period, Declaration], ...], bytes_max: int
) -> None:
    sent = pack_contact(replace(STATEMENT, unsent=unsent, declarations=declarations).signed_by(KEY))

    assert len(sent) < bytes_max < 500


def test_a_backlog_of_two_years_still_fits_the_frame() -> None:
    unsent = {date(2021, 1, 1) + timedelta(days=ahead): 40 + ahead % 60 for ahead in range(730)}

    body = replace(STATEMENT, unsent=unsent, declarations=DECLARATIONS * 6).signed_by(KEY).body

    assert len(body) < STATEMENT_BYTES_MAX


def test_a_statement_tells_whom_it_claims_to_be_from_before_it_is_verified() -> None:
    signed = replace(STATEMENT, training=True).signed_by(KEY)

    assert device_of(Signed(signed.body, b"")) == (DeviceId("H62.11.01", 2), True)


def test_a_statement_of_another_device_is_refused() -> None:
    with pytest.raises(BadSignature):
        read_statement(STATEMENT.signed_by(KEY), SigningKey.from_seed(b"e" * 32).public)


def test_a_receipt_is_no_statement() -> None:
    with pytest.raises(NotADocument):
        read_statement(RECEIPT.signed_by(KEY), KEY.public)


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert read(CONTENT | {"battery": 80}) == STATEMENT


@pytest.mark.parametrize("field", sorted(set(CONTENT) - {"document"}))
def test_a_statement_without_one_of_its_fields_is_refused(field: str) -> None:
    with pytest.raises(BadStatement):
        read({name: value for name, value in CONTENT.items() if name != field})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("format", None),
        ("desk", 5),
        ("desk", "H62\0"),
        ("slot", -1),
        ("slot", True),
        ("slot", COUNT_MAX + 1),
        ("epoch", "1"),
        ("head", 1.5),
        ("head", COUNT_MAX + 1),
        ("hash", 5),
        ("hash", "!"),
        ("acknowledged", -1),
        ("body", None),
        ("at", "2021-10-20T09:58:01"),
        ("at", 1634723881),
        ("at", "0001-01-01T00:00:00+07:00"),
        ("ticket", None),
        ("app", 5),
        ("app", "0.1\0"),
        ("free_mb", -1),
        ("free_mb", COUNT_MAX + 1),
        ("unsent", 5),
        ("unsent", [5]),
        ("unsent", [[]]),
        ("unsent", [["2021-10-04", "3"]]),
        ("unsent", [["2021-10-04", True]]),
        ("unsent", [["2021-10-04", 3.0]]),
        ("unsent", [["04/10/2021", 3]]),
        ("unsent", [[20211004, 3]]),
        ("unsent", [["today", 0]]),
        ("unsent", [["9999-12-31", 1, 1]]),
        ("unsent", [["2021-10-04", 1, 2], ["2021-10-05", 3]]),
        ("unsent", [["2021-10-04", COUNT_MAX, 1]]),
        ("declarations", 5),
        ("declarations", [5]),
        ("declarations", [["2021-09-21..2021-10-20"]]),
        ("declarations", [[5, "nil"]]),
        ("declarations", [["2021-10", "nil"]]),
        ("declarations", [["2021-10-20..2021-09-21", "nil"]]),
        ("declarations", [["2021-09-21..2021-10-20", "none"]]),
        ("declarations", [["2021-09-21..2021-10-20", []]]),
        ("declarations", [["2021-09-21..2021-10-20", "nil"]] * (DECLARATIONS_MAX + 1)),
        ("ancestors", 5),
        ("ancestors", [[1, 2]]),
        ("ancestors", [["1", 2, "aa"]]),
        ("ancestors", [[1, 2, 3]]),
        ("ancestors", [[1, 2, "aa"]] * (ANCESTORS_MAX + 1)),
        ("pulled", 5),
        ("pulled", ["a1"]),
        ("pulled", [1, 2]),
        ("pulled", ["a1", -1]),
        ("pulled_mark", 5),
    ],
)
def test_a_statement_with_a_damaged_field_is_refused(field: str, value: object) -> None:
    with pytest.raises(BadStatement):
        read(CONTENT | {field: value})


@pytest.mark.parametrize(
    "content",
    [{}, {"desk": "H62"}, {"desk": "H62", "slot": "1", "training": False}, {"desk": 5, "slot": 1, "training": False},
     {"desk": "H\0", "slot": 1, "training": False}, {"desk": "H62", "slot": 1}],
)  # fmt: skip
def test_nobody_is_claimed_by_a_damaged_statement(content: dict[str, Any]) -> None:
    with pytest.raises(BadStatement):
        device_of(KEY.sign("statement", content))


def test_as_many_declarations_as_may_be_are_read() -> None:
    declared = ((OCTOBER, Declaration.NIL),) * DECLARATIONS_MAX

    assert read_back(replace(STATEMENT, declarations=declared)).declarations == declared


def test_what_a_later_epoch_says_of_itself_is_read() -> None:
    later = replace(
        STATEMENT, ancestors=(Ancestor(2, 7, b"b" * 32), Ancestor(1, 12, b"a" * 32)), pulled=Pulled("a1", 9, "bWFyaw")
    )

    assert read_back(later) == later


def test_what_a_statement_does_not_say_costs_no_byte() -> None:
    said = content_of(STATEMENT.signed_by(KEY), "statement")

    assert {"ancestors", "pulled"} & set(said) == set()


def test_a_receipt_names_a_fork_and_what_comes_down() -> None:
    told = replace(RECEIPT, fork=14, down_hash=b"d" * 32)

    assert read_receipt(told.signed_by(KEY), KEY.public) == told


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(set(CONTENT) - {"document"})), JSON)
def test_any_value_in_a_field_is_read_or_refused_by_name(field: str, value: object) -> None:
    try:
        signed = KEY.sign("statement", CONTENT | {field: value})
    except (TypeError, ValueError):
        # A text that is not UTF-8 cannot be written down at all.
        return

    try:
        statement = read_statement(signed, KEY.public)
    except BadStatement:
        return

    assert isinstance(statement, Statement)


def test_a_long_version_of_a_program_is_cut() -> None:
    assert read(CONTENT | {"app": "v" * 100}).app_version == "v" * 40


def test_a_receipt_reads_back_as_it_was_made() -> None:
    assert read_receipt(RECEIPT.signed_by(KEY), KEY.public) == RECEIPT


def test_a_receipt_of_another_centre_is_refused() -> None:
    with pytest.raises(BadSignature):
        read_receipt(RECEIPT.signed_by(KEY), SigningKey.from_seed(b"e" * 32).public)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("desk", None),
        ("slot", -1),
        ("epoch", None),
        ("up_to", "8"),
        ("hash", 5),
        ("at", ""),
        ("at", "0001-01-01T00:00:00+07:00"),
        ("incarnation", 5),
        ("ticket", []),
        ("archived_up_to", -1),
    ],
)
def test_a_receipt_with_a_damaged_field_is_refused(field: str, value: object) -> None:
    content = orjson.loads(RECEIPT.signed_by(KEY).body)

    with pytest.raises(BadStatement):
        read_receipt(KEY.sign("receipt", content | {field: value}), KEY.public)


def test_a_receipt_is_small() -> None:
    assert len(orjson.dumps(RECEIPT.signed_by(KEY).as_json())) < 450


def test_the_golden_statement_is_read_and_made_again() -> None:
    signed = make.document("statement.json")

    statement = read_statement(signed, make.DEVICE_KEY.public)

    assert statement == make.statement(statement.body_hash)
    assert statement.signed_by(make.DEVICE_KEY) == signed


def test_the_golden_receipt_is_read_and_made_again() -> None:
    signed = make.document("receipt.json")

    assert read_receipt(signed, make.CENTRE_KEY.public) == make.receipt()
    assert make.receipt().signed_by(make.CENTRE_KEY) == signed
