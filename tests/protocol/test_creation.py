"""When an entry was made: what is concluded is true whatever the clock of the machine shows."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.creation import DRIFT, Span, made_within, surely_made_after
from sync_protocol.entries import Header
from tests.factories import NOW

HEADER = Header(
    slot=1,
    epoch=1,
    sequence=9,
    kind="receive",
    version=1,
    subject="1-1-9",
    happened_at=NOW,
    recorded_at=NOW,
    monotonic_ms=1_000,
    boot="boot0001",
    offset_ms=None,
    clerk="an.nv",
    pack=2,
)
HOUR = timedelta(hours=1)
TWENTY_YEARS_S = 20 * 366 * 86_400

wrong = st.integers(-TWENTY_YEARS_S, TWENTY_YEARS_S).map(lambda seconds: timedelta(seconds=seconds))
waits = st.integers(0, 90 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def sealed(made_at: datetime, clock_wrong_by: timedelta, boot: str = "boot0001", **values: object) -> Header:
    """An entry as a machine seals it whose clock is wrong, and whose first run began at NOW."""
    since_ms = round((made_at - NOW).total_seconds() * 1_000) if boot == "boot0001" else 5_000
    at = made_at + clock_wrong_by
    return replace(HEADER, recorded_at=at, monotonic_ms=since_ms, boot=boot, **values)  # type: ignore[arg-type]


@given(before=waits, after=waits, off=wrong, then_off=wrong, is_same_run=st.booleans(), known=st.none() | wrong)
def test_the_span_holds_the_moment_whatever_the_clock_shows(
    before: timedelta,
    after: timedelta,
    off: timedelta,
    then_off: timedelta,
    is_same_run: bool,
    known: timedelta | None,
) -> None:
    """The clock is wrong, is set to another wrong time after the entry, and is measured there."""
    made_at = NOW + before
    offset_ms = None if known is None else round(known.total_seconds() * 1_000)
    header = sealed(made_at, off, offset_ms=offset_ms)
    measured = sealed(
        made_at + after,
        then_off,
        "boot0001" if is_same_run else "boot0002",
        offset_ms=round(-then_off.total_seconds() * 1_000),
        sequence=10,
    )

    span = made_within(header, stated_without_at=NOW, arrived_at=made_at + after, measured=measured)

    assert span.first is not None
    assert span.first <= made_at <= span.last
    assert not surely_made_after(span, made_at)


@given(off=wrong, is_stated=st.booleans())
def test_a_clock_alone_proves_nothing(off: timedelta, is_stated: bool) -> None:
    stated_at = NOW - HOUR if is_stated else None
    header = replace(HEADER, recorded_at=NOW + off, offset_ms=0)

    span = made_within(header, stated_without_at=stated_at, arrived_at=NOW + HOUR)

    assert span == Span(stated_at, NOW + HOUR)
    assert not surely_made_after(span, NOW - HOUR)


def test_a_statement_without_the_entry_proves_that_it_was_made_after() -> None:
    span = made_within(HEADER, stated_without_at=NOW, arrived_at=NOW + HOUR)

    assert surely_made_after(span, NOW - HOUR)
    assert not surely_made_after(span, NOW)


def test_a_clock_that_was_measured_afterwards_in_one_run_tells_to_the_minute() -> None:
    header = sealed(NOW + HOUR, timedelta(days=-4_000))
    measured = sealed(NOW + 3 * HOUR, timedelta(days=-4_000), offset_ms=4_000 * 86_400_000, sequence=10)

    span = made_within(header, stated_without_at=NOW, arrived_at=NOW + 3 * HOUR, measured=measured)

    assert span == Span(NOW + HOUR - DRIFT, NOW + HOUR + DRIFT)


def test_a_claim_that_contradicts_what_was_seen_is_passed_over() -> None:
    measured = replace(HEADER, sequence=10, monotonic_ms=2_000, offset_ms=86_400_000 * 30)

    span = made_within(HEADER, stated_without_at=NOW - HOUR, arrived_at=NOW, measured=measured)

    assert span == Span(NOW - HOUR, NOW)
