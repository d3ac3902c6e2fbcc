"""A published report in words: what it says of itself, and where a figure stands that is otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from central_server.reports.differences import Difference, Figure, at_desks
from central_server.services.snapshots import Change
from central_server.services.versions import Version
from central_server.web.closing import CAUSE_WORDS
from central_server.web.formatting import day_text, local_time, number, period_text, signed
from central_server.web.report_words import cell_text, head, made_of, row_name
from central_server.web.speech import gettext

DESKS_MAX = 3
"""So many desks are named beside a figure; the table by desk has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceShown:
    """A figure that stood otherwise, at its address in words; `where` it does, and why, by desk."""

    table: str
    row: str
    column: str
    old: str
    new: str
    where: Sequence[str]


def differences_shown(differences: Sequence[Difference], changes: Sequence[Change]) -> list[DifferenceShown]:
    """Figures that stood otherwise, in words; `changes` say why at which desk."""
    causes: dict[str, list[str]] = {}
    for each in changes:
        causes.setdefault(each.desk, []).append(f"{gettext(CAUSE_WORDS[each.cause])}: {signed(each.dossiers)}")
    return [_shown(each, _where(at_desks(each, differences), causes)) for each in differences]


def _where(desks: Sequence[Difference], causes: Mapping[str, Sequence[str]]) -> list[str]:
    """The desks where a figure differs, those that differ most first, each with the dossiers gained and lost there."""
    told = [_at_desk(each, causes.get(each.row.key, ())) for each in sorted(desks, key=_size, reverse=True)]
    others = len(told) - DESKS_MAX
    if others > 0:
        return [*told[:DESKS_MAX], gettext("and %(count)s more desks", count=number(others))]
    return told


def _size(each: Difference) -> int:
    return abs(_count(each.new) - _count(each.old))


def _at_desk(each: Difference, causes: Sequence[str]) -> str:
    size = _count(each.new) - _count(each.old)
    told = f"{each.row.name}: {signed(size)}" if size else each.row.name
    return f"{told} ({'; '.join(causes)})" if causes else told


def _count(figure: Figure) -> int:
    return figure if isinstance(figure, int) else 0


def _shown(each: Difference, where: Sequence[str]) -> DifferenceShown:
    return DifferenceShown(
        table=gettext(each.section.name),
        row=row_name(each.section, each.row) or gettext("Total"),
        column=head(each.column),
        old=_figure_text(each.old),
        new=_figure_text(each.new),
        where=where,
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
