"""The files of a published report: those of any report, drawn once, in Vietnamese, and kept as they were published."""

from collections.abc import Callable, Sequence

from flask_babel import force_locale

from central_server.paper.documents import CellShown, HeadShown, RowShown, TableShown
from central_server.reports.by_hand import pieces
from central_server.reports.report import Report
from central_server.services.publishing import Drawn
from central_server.services.versions import Manuscript, Version
from central_server.web.publication_words import DifferenceShown, differences_shown
from central_server.web.report_document import Paragraphs, SignOff, text_of
from central_server.web.report_files import FORMATS, file_of
from central_server.web.speech import gettext

LANGUAGE = "vi"


def drawing(*, training: bool) -> Callable[[Version], Drawn]:
    """What draws all files of a version; `training` marks those of a training centre."""

    def drawn(version: Version) -> Drawn:
        with force_locale(LANGUAGE):
            sign_off = _sign_off(version)
            return {ending: file_of(version.report, ending, sign_off, training=training) for ending in FORMATS}

    return drawn


def worded(report: Report) -> str:
    """The text of a report as it is published, a line a paragraph."""
    with force_locale(LANGUAGE):
        return "\n".join(text_of(report))


def paragraphs(manuscript: Manuscript) -> Paragraphs:
    """The text of a manuscript; numbers that are none of the report's are marked as changed by hand."""
    return [pieces(line, manuscript.made) for line in manuscript.text.split("\n") if line]


def _sign_off(version: Version) -> SignOff:
    return SignOff(
        number=version.document_number,
        issued_on=version.issued_on if version.document_number else None,
        signer=version.manuscript.approved.name if version.manuscript.approved else "",
        paragraphs=paragraphs(version.manuscript),
        notes=_notes(version),
        corrections=_corrections(version) if version.corrections else None,
    )


def _notes(version: Version) -> Sequence[str]:
    notes = []
    if not version.report.provenance.snapshot:
        notes.append(gettext("The period was not closed when this report was made; its figures are provisional."))
    if version.corrects:
        reason = version.manuscript.reason
        notes.append(gettext("Corrects the document %(number)s: %(reason)s", number=version.corrects, reason=reason))
    return notes


def _corrections(version: Version) -> TableShown:
    shown = differences_shown(version.corrections, version.manuscript.changes)
    has_where = any(each.where for each in shown)
    return TableShown(
        id="corrections",
        name=gettext("Corrections"),
        names=[HeadShown(text=gettext("Figure"))],
        heads=[
            HeadShown(text=gettext("Published before")),
            HeadShown(text=gettext("Correct figure")),
            *([HeadShown(text=gettext("Where, and why"), is_words=True)] if has_where else []),
        ],
        rows=[
            RowShown(
                place="",
                name=f"{each.table}: {each.row}, {each.column}",
                key="",
                cells=[CellShown(text=text) for text in _cells(each, has_where=has_where)],
                is_total=False,
            )
            for each in shown
        ],
    )


def _cells(each: DifferenceShown, *, has_where: bool) -> list[str]:
    return [each.old, each.new, *(["; ".join(each.where)] if has_where else [])]
