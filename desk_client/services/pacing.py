"""When to call the centre again."""

from datetime import datetime, timedelta

FIRST_WAIT_S = 30
LONGEST_WAIT_S = 600
RETRY_AFTER_S_MAX = 3_600
"""The longest wait that is granted to a centre that asks for one."""


def next_attempt_at(failures: int, now: datetime, jitter: float) -> datetime:
    """30 s doubled per failure before this one, at most 10 min, full jitter (0..1) so that desks spread."""
    wait_s = min(FIRST_WAIT_S * 2 ** min(failures, 5), LONGEST_WAIT_S)
    return now + timedelta(seconds=max(1.0, wait_s * jitter))


def batch_after(entries: int, *, arrived: bool, entries_max: int) -> int:
    """How many entries the next batch carries: twice as many once one has arrived, half of one that was too much."""
    return min(entries * 2, entries_max) if arrived else max(entries // 2, 1)
