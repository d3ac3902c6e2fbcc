"""A published report in words: what it says of itself, and where a figure stands that is otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from central_server.reports.differences import Difference, Figure
from central_server.services.versions import Version
from central_server.web.formatting import day_text, local_time, period_text
from central_server.web.report_words import cell_text, head, made_of, row_name
from central_server.web.speech import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceShown:
    """A figure that stood otherwise, at its address in words."""

    table: str
    row: str
    column: str
    old: str
    new: str


def difference_shown(each: Difference) -> DifferenceShown:
    """A figure that stood otherwise, in words."""
    return DifferenceShown(
        table=gettext(each.section.name),
        row=row_name(each.section, each.row) or gettext("Total"),
        column=head(each.column),
        old=_figure_text(each.old),
        new=_figure_text(each.new),
    )


def imprint(version: Version) -> Sequence[tuple[str, str]]:
    """What a published report says of itself, each with its name."""
    report, manuscript = version.report, version.manuscript
    approved = manuscript.approved
    facts = [
        (gettext("Document"), version.document_number),
        (gettext("Date of issue"), day_text(version.issued_on)),
        (gettext("Unit"), report.unit_name),
        (gettext("Period"), period_text(report.period)),
        (gettext("Figures as of"), local_time(report.provenance.as_of)),
        (gettext("Units as of"), day_text(report.provenance.units_on)),
        (gettext("Prepared by"), manuscript.prepared.name),
        (gettext("Approved by"), approved.name if approved else ""),
    ]
    if manuscript.is_provisional:
        facts.append((gettext("Figures"), gettext("Provisional: they may still grow by what is on its way")))
    if version.corrects:
        facts.append((gettext("Corrects the document"), version.corrects))
        facts.append((gettext("Reason of the correction"), manuscript.reason))
    if report.provenance.snapshot:
        facts.append((gettext("Fingerprint of the closed figures"), report.provenance.snapshot))
    return facts


def _figure_text(figure: Figure) -> str:
    """A figure, of a rate with what it is made of: two rates may look alike and be made of other numbers."""
    parts = made_of(figure)
    return f"{cell_text(figure)} ({parts})" if parts else cell_text(figure)
