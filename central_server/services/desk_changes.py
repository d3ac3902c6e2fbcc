"""Why the desks of a report have other figures than when it was published: the causes that a restatement tells."""

from central_server.reports.differences import of_desks
from central_server.reports.report import Report
from central_server.services.snapshots import Change, Stood, differing
from central_server.storage import growth

RECEIVED = "received_new"
"""The figure whose differences are the dossiers that came, went or changed their day."""


def desk_changes(before: Report, now: Report) -> list[Change]:
    """How many dossiers each desk has received more or fewer for which cause, inside the caller's transaction.

    before  as it was published; of one that was kept without the ends of the ledgers nothing is told
    now     the same report with the figures of this moment
    """
    if not before.provenance.ledgers:
        return []
    return differing(_stood(before), _stood(now), now.period, growth.gained(before.provenance.ledgers, now.period))


def _stood(report: Report) -> Stood:
    provenance = report.provenance
    return Stood(at=provenance.as_of, arrived=of_desks(report, RECEIVED), incarnation=provenance.incarnation)
