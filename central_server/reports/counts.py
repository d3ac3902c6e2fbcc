"""The sets of dossiers that every report counts, for one row of it: a desk, a procedure, a province."""

from collections.abc import Iterable
from typing import NamedTuple

RECEIVED = ("received_direct", "received_online", "received_post")
IN_TIME = ("resolved_early", "resolved_on_time")
RESOLVED = (*IN_TIME, "resolved_late", "resolved_no_limit")
ENDED_OTHERWISE = ("withdrawn", "sent_back", "stopped")
IN_PROCESS = ("in_time", "awaiting", "overdue", "due_unknown")
DELIVERED = ("delivered_counter", "delivered_post", "delivered_online")
WORKLOAD = ("carried_over", *RECEIVED)
DUE = (*IN_TIME, "resolved_late", "overdue")
PAID = ("paid_cash", "paid_non_cash", "paid_unstated")
RATED = ("rated_very_satisfied", "rated_satisfied", "rated_not_satisfied")
ONLINE_BY_LEVEL = ("received_online_partial", "received_online_full", "received_online_unlisted")
"""The numbers of a row that each figure which consists of several is made of."""


class Counts(NamedTuple):
    """Numbers of dossiers in a period [A, B]; what was voided, refused or only filed online is nowhere among them.

    carried_over  received before A and not closed before A
    received_…    received in the period, by channel
    resolved_…    with a result in the period: its day before, on or after the due day; without a due day
    withdrawn, sent_back, stopped  closed in the period without a result
    in_time       open at the end of B, due on B or later, or without a due day; awaiting: waiting for papers or payment
    overdue       open at the end of B, due before it, at a desk that is known past the due day
    due_unknown   the same at one that is not (đến hạn, chưa rõ kết quả): outside every rate, beside it
    delivered_…   handed over in the period, by the way it went
    supplemented  received in the period, and papers were asked for at any time since
    paid_…        payment noted in the period and standing, by its way; unstated: nobody wrote down which
    rated_…       by the citizen's answer, the one given last, in the period in which it was given
    received_online_…  of those received online, by what the reference says of the procedure on the last day of the
                  period: partly online (level 3), fully (level 4), or neither
    received_offered, received_online_offered  received in the period of procedures offered online, in all and online
    received_on_the_spot  received in the period of procedures that desks may do wholly themselves (*4 tại chỗ*)
    Those that follow from the procedure are filled by `procedure_numbers.with_facts`.
    Source: domain guide 10.2.
    """

    carried_over: int = 0
    received_direct: int = 0
    received_online: int = 0
    received_post: int = 0
    resolved_early: int = 0
    resolved_on_time: int = 0
    resolved_late: int = 0
    resolved_no_limit: int = 0
    withdrawn: int = 0
    sent_back: int = 0
    stopped: int = 0
    in_time: int = 0
    awaiting: int = 0
    overdue: int = 0
    due_unknown: int = 0
    delivered_counter: int = 0
    delivered_post: int = 0
    delivered_online: int = 0
    supplemented: int = 0
    paid_cash: int = 0
    paid_non_cash: int = 0
    paid_unstated: int = 0
    rated_very_satisfied: int = 0
    rated_satisfied: int = 0
    rated_not_satisfied: int = 0
    received_online_partial: int = 0
    received_online_full: int = 0
    received_online_unlisted: int = 0
    received_offered: int = 0
    received_online_offered: int = 0
    received_on_the_spot: int = 0

    def sum(self, names: Iterable[str]) -> int:
        """Some of the numbers together."""
        return sum(getattr(self, name) for name in names)

    @property
    def received_new(self) -> int:
        """Received in the period, however."""
        return self.sum(RECEIVED)

    @property
    def workload(self) -> int:
        """All that there was to do in the period."""
        return self.sum(WORKLOAD)

    @property
    def resolved(self) -> int:
        """With a result in the period."""
        return self.sum(RESOLVED)

    @property
    def closed_other(self) -> int:
        """Closed in the period without a result."""
        return self.sum(ENDED_OTHERWISE)

    @property
    def in_process(self) -> int:
        """Open at the end of the period."""
        return self.sum(IN_PROCESS)

    @property
    def due(self) -> int:
        """What the basis *đến hạn* consists of: the report's own columns, so that they add up to it."""
        return self.sum(DUE)

    @property
    def delivered(self) -> int:
        """Handed over in the period, however."""
        return self.sum(DELIVERED)

    def check(self) -> None:
        """The identities that hold in every row; only a fault of the counting breaks one."""
        done = self.resolved + self.closed_other + self.in_process
        assert self.workload == done, f"workload {self.workload} is not what became of it, {done}"
        split = self.sum(ONLINE_BY_LEVEL)
        # A row that is not of procedures is not split.
        assert split in (0, self.received_online), f"of {self.received_online} online, {split} are of a level"
        assert self.supplemented <= self.received_new, "papers are asked for of what was received"


NAMES = Counts._fields


def total(rows: Iterable[Counts]) -> Counts:
    """The sum of rows; of none, nothing."""
    return Counts(*map(sum, zip(*rows, strict=True)))
