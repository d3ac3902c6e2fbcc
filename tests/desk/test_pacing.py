"""When to call the centre again: soon at first, then seldom, and never all desks at once."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk_client.services.pacing import next_attempt_at
from tests.factories import NOW

failures = st.integers(0, 10_000)
jitters = st.floats(0, 1)


def wait_s(failures: int, jitter: float) -> float:
    """Seconds to the next try."""
    return (next_attempt_at(failures, NOW, jitter) - NOW).total_seconds()


def test_waits_double_from_half_a_minute_to_ten_minutes() -> None:
    assert [wait_s(each, 1.0) for each in range(7)] == [30, 60, 120, 240, 480, 600, 600]


def test_full_jitter_spreads_tries_over_the_whole_wait() -> None:
    assert [wait_s(5, jitter) for jitter in (0.0, 0.25, 0.5, 1.0)] == [1, 150, 300, 600]


@given(failures, jitters)
def test_a_wait_is_never_shorter_than_a_second_nor_longer_than_ten_minutes(failures: int, jitter: float) -> None:
    assert 1 <= wait_s(failures, jitter) <= 600


@given(failures, jitters)
def test_one_more_failure_never_shortens_the_wait(failures: int, jitter: float) -> None:
    assert wait_s(failures + 1, jitter) >= wait_s(failures, jitter)


@given(failures, jitters)
def test_the_next_try_lies_ahead(failures: int, jitter: float) -> None:
    assert next_attempt_at(failures, NOW, jitter) >= NOW + timedelta(seconds=1)
