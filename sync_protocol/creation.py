"""When an entry was made, as far as anybody can know: a span, since a desk's clock may be wrong by years or jump.

Order never follows from it. It answers one question, whether an entry was surely made after an instant, and a wrong
clock can only make the answer "not surely".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_protocol.entries import Header

DRIFT = timedelta(minutes=2)
"""How far a measured clock may be off within one run of a machine: the measure itself, and a poor crystal."""


@dataclass(frozen=True, slots=True)
class Span:
    """Both ends inclusive, aware UTC by the centre's clock; `first` is None where nothing is known."""

    first: datetime | None
    last: datetime


def made_within(
    header: Header, *, stated_without_at: datetime | None, arrived_at: datetime, measured: Header | None = None
) -> Span:
    """The span in which an entry was made.

    stated_without_at  when the device last stated a journal that ended before this entry, by the centre's clock
    arrived_at         when the entry arrived
    measured           a later entry of the same journal, sealed after the device had measured its clock anew
    What the device says of its clock narrows the span where it agrees with what the centre has seen, and is else
    passed over. Source: design §5, "Wall clocks are evidence, kept as offset measurements and intervals, never order".
    """
    seen = Span(stated_without_at, arrived_at)
    claimed = _claimed(header, measured)
    if claimed is None:
        return seen
    first = max(filter(None, (seen.first, claimed - DRIFT)))
    last = min(seen.last, claimed + DRIFT)
    return Span(first, last) if first <= last else seen


def surely_made_after(span: Span, instant: datetime) -> bool:
    """Whether no moment of the span lies at or before an instant."""
    return span.first is not None and span.first > instant


def _claimed(header: Header, measured: Header | None) -> datetime | None:
    """When the entry was made by a clock that was measured after it, and has run since without a start in between.

    An offset from before the entry proves nothing: the clock may have been set in between.
    """
    if measured is None or measured.offset_ms is None or measured.boot != header.boot:
        return None
    ran_ms = measured.monotonic_ms - header.monotonic_ms
    if ran_ms < 0 or measured.offset_ms == header.offset_ms:
        return None
    try:
        return measured.recorded_at + timedelta(milliseconds=measured.offset_ms - ran_ms)
    except OverflowError:
        return None
