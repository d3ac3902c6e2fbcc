"""The indicators of reports as data: what each one counts, out of what, and the name of that base.

Each figure is a sum of the numbers of a row, so that tables add up and each one leads to its dossiers. What is due and
not known is an indicator of its own and part of no rate. Source: domain guide 10.2 and 10.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from central_server.reports.counts import (
    DELIVERED,
    DUE,
    ENDED_OTHERWISE,
    IN_PROCESS,
    IN_TIME,
    PAID,
    RATED,
    RECEIVED,
    RESOLVED,
    WORKLOAD,
    Counts,
)
from central_server.reports.rates import Basis, Rate
from sync_protocol.errors import N_

BASES: dict[Basis, tuple[str, ...]] = {
    Basis.DUE: DUE,
    Basis.DUE_AND_CLOSED: (*DUE, *ENDED_OTHERWISE),
    Basis.RESOLVED: RESOLVED,
    Basis.RESOLVED_AND_CLOSED: (*RESOLVED, *ENDED_OTHERWISE),
    Basis.RECEIVED: RECEIVED,
    Basis.WORKLOAD: WORKLOAD,
    Basis.DELIVERED: DELIVERED,
    Basis.OFFERED: ("received_offered",),
    Basis.PAID: PAID,
    Basis.RATED: RATED,
}
"""The numbers of a row that each base consists of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A count, or a rate where it has a basis; `id` stands in files and never changes its meaning.

    name  a text of the catalogue; counts: the numbers of a row that it adds up
    """

    id: str
    name: str
    counts: tuple[str, ...]
    basis: Basis | None = None

    def of(self, row: Counts) -> int | Rate:
        """What it is of a row."""
        count = row.sum(self.counts)
        if self.basis is None:
            return count
        return Rate(numerator=count, denominator=row.sum(BASES[self.basis]), basis=self.basis)


INDICATORS: Sequence[Indicator] = (
    Indicator(id="carried_over", name=N_("Carried over from before"), counts=("carried_over",)),
    Indicator(id="received_new", name=N_("Newly received"), counts=RECEIVED),
    Indicator(id="workload", name=N_("In hand in all"), counts=WORKLOAD),
    Indicator(id="received_direct", name=N_("Received in person"), counts=("received_direct",)),
    Indicator(id="received_online", name=N_("Received online"), counts=("received_online",)),
    Indicator(id="received_post", name=N_("Received by public post"), counts=("received_post",)),
    Indicator(
        id="received_not_online",
        name=N_("Received in person or by public post"),
        counts=("received_direct", "received_post"),
    ),
    Indicator(id="online_share", name=N_("Share online"), counts=("received_online",), basis=Basis.RECEIVED),
    Indicator(id="post_share", name=N_("Share by public post"), counts=("received_post",), basis=Basis.RECEIVED),
    Indicator(id="resolved", name=N_("Resolved"), counts=RESOLVED),
    Indicator(id="resolved_early", name=N_("Resolved early"), counts=("resolved_early",)),
    Indicator(id="resolved_on_time", name=N_("Resolved on the day"), counts=("resolved_on_time",)),
    Indicator(id="resolved_late", name=N_("Resolved late"), counts=("resolved_late",)),
    Indicator(id="resolved_no_limit", name=N_("Resolved, without a limit"), counts=("resolved_no_limit",)),
    Indicator(id="resolved_in_time", name=N_("Resolved early or on the day"), counts=IN_TIME),
    Indicator(
        id="on_time_or_closed",
        name=N_("On the day, or ended without a result"),
        counts=("resolved_on_time", *ENDED_OTHERWISE),
    ),
    Indicator(
        id="resolved_or_closed", name=N_("Resolved, or ended without a result"), counts=(*RESOLVED, *ENDED_OTHERWISE)
    ),
    Indicator(id="due", name=N_("Fallen due"), counts=DUE),
    Indicator(id="late_or_overdue", name=N_("Resolved late or overdue"), counts=("resolved_late", "overdue")),
    Indicator(id="in_process", name=N_("In process"), counts=IN_PROCESS),
    Indicator(id="in_process_in_time", name=N_("In process, in time"), counts=("in_time", "awaiting")),
    Indicator(id="in_time_not_awaiting", name=N_("In process, in time, not waiting"), counts=("in_time",)),
    Indicator(id="awaiting", name=N_("Waiting for the citizen"), counts=("awaiting",)),
    Indicator(id="overdue", name=N_("Overdue, no result"), counts=("overdue",)),
    Indicator(id="due_unknown", name=N_("Due, result not known"), counts=("due_unknown",)),
    Indicator(id="closed_other", name=N_("Ended without a result"), counts=ENDED_OTHERWISE),
    Indicator(id="sent_back", name=N_("Sent back"), counts=("sent_back",)),
    Indicator(id="withdrawn", name=N_("Withdrawn"), counts=("withdrawn",)),
    Indicator(id="sent_back_or_withdrawn", name=N_("Sent back or withdrawn"), counts=("sent_back", "withdrawn")),
    Indicator(id="stopped", name=N_("Processing stopped"), counts=("stopped",)),
    Indicator(id="delivered", name=N_("Results handed over"), counts=DELIVERED),
    Indicator(id="delivered_post", name=N_("Handed over by public post"), counts=("delivered_post",)),
    Indicator(id="on_time_rate_due", name=N_("Rate in time"), counts=IN_TIME, basis=Basis.DUE),
    Indicator(id="on_time_rate_due_and_closed", name=N_("Rate in time"), counts=IN_TIME, basis=Basis.DUE_AND_CLOSED),
    Indicator(id="on_time_rate_resolved", name=N_("Rate in time"), counts=IN_TIME, basis=Basis.RESOLVED),
    Indicator(
        id="on_time_rate_resolved_and_closed",
        name=N_("Rate in time"),
        counts=IN_TIME,
        basis=Basis.RESOLVED_AND_CLOSED,
    ),
    Indicator(id="on_time_rate_received", name=N_("Rate in time"), counts=IN_TIME, basis=Basis.RECEIVED),
    Indicator(id="late_rate", name=N_("Rate late"), counts=("resolved_late", "overdue"), basis=Basis.DUE),
    Indicator(
        id="sent_back_or_withdrawn_rate",
        name=N_("Rate sent back or withdrawn"),
        counts=("sent_back", "withdrawn"),
        basis=Basis.DUE,
    ),
    Indicator(id="resolution_rate", name=N_("Rate resolved"), counts=RESOLVED, basis=Basis.RECEIVED),
    Indicator(id="early_share", name=N_("Share early"), counts=("resolved_early",), basis=Basis.RESOLVED),
    Indicator(id="on_time_share", name=N_("Share on the day"), counts=("resolved_on_time",), basis=Basis.RESOLVED),
    Indicator(
        id="delivered_post_share",
        name=N_("Share handed over by public post"),
        counts=("delivered_post",),
        basis=Basis.DELIVERED,
    ),
    Indicator(id="supplemented", name=N_("Papers were asked for"), counts=("supplemented",)),
    Indicator(
        id="supplement_rate", name=N_("Share with papers asked for"), counts=("supplemented",), basis=Basis.RECEIVED
    ),
    Indicator(id="paid", name=N_("Payments noted"), counts=PAID),
    Indicator(id="paid_non_cash", name=N_("Paid without cash"), counts=("paid_non_cash",)),
    Indicator(id="non_cash_rate", name=N_("Share paid without cash"), counts=("paid_non_cash",), basis=Basis.PAID),
    Indicator(id="rated", name=N_("Citizens' answers"), counts=RATED),
    Indicator(id="satisfaction_very", name=N_("Very satisfied"), counts=("rated_very_satisfied",), basis=Basis.RATED),
    Indicator(id="satisfaction_yes", name=N_("Satisfied"), counts=("rated_satisfied",), basis=Basis.RATED),
    Indicator(id="satisfaction_no", name=N_("Not satisfied"), counts=("rated_not_satisfied",), basis=Basis.RATED),
    Indicator(
        id="received_online_partial",
        name=N_("Received online, partly online procedures"),
        counts=("received_online_partial",),
    ),
    Indicator(
        id="received_online_full", name=N_("Received online, fully online procedures"), counts=("received_online_full",)
    ),
    Indicator(
        id="received_online_unlisted",
        name=N_("Received online, procedures not offered online"),
        counts=("received_online_unlisted",),
    ),
    Indicator(id="received_offered", name=N_("Received of procedures offered online"), counts=("received_offered",)),
    Indicator(
        id="online_rate_offered",
        name=N_("Share online"),
        counts=("received_online_offered",),
        basis=Basis.OFFERED,
    ),
    Indicator(id="on_the_spot", name=N_("Received of procedures done on the spot"), counts=("received_on_the_spot",)),
    Indicator(
        id="on_the_spot_share",
        name=N_("Share received of procedures done on the spot"),
        counts=("received_on_the_spot",),
        basis=Basis.RECEIVED,
    ),
)
"""In the order of reports."""

BY_ID = {each.id: each for each in INDICATORS}
