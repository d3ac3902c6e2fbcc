"""When to call the centre again."""

from datetime import datetime, timedelta

FIRST_WAIT_S = 30
LONGEST_WAIT_S = 600


def next_attempt_at(failures: int, now: datetime, jitter: float) -> datetime:
    """30 s doubled per failure before this one, at most 10 min, full jitter (0..1) so that desks spread."""
    wait_s = min(FIRST_WAIT_S * 2 ** min(failures, 5), LONGEST_WAIT_S)
    return now + timedelta(seconds=max(1.0, wait_s * jitter))
