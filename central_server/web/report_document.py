"""A report in the words of its reader, as the value that page, PDF and word processor's file are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from central_server.paper.administrative import DOTS, OPEN_DAY, committee, place_of
from central_server.paper.documents import CellShown, Document, HeadShown, RowShown, TableShown
from central_server.reports.by_hand import Piece
from central_server.reports.layouts import Cut
from central_server.reports.report import Report, Row, Section
from central_server.web.formatting import local_time, number, period_text
from central_server.web.report_words import cell_text, head, made_of, row_name, sentence_text
from central_server.web.speech import gettext
from sync_protocol.errors import N_

RECEIVERS = (f"- {DOTS}{DOTS};", f"- Lưu: VT, {DOTS}.")
PLACE = HeadShown(text=N_("No."), number="(1)")
NO_KEYS = frozenset({Cut.INDICATOR, Cut.LEVEL, Cut.SERVICE_LEVEL, Cut.CLERK, Cut.MONTH, Cut.LIMITS})
"""Cuts whose rows have keys for programs alone."""

CHANGED = N_("Underlined: changed by hand, not a figure of the tables.")

Paragraphs = Sequence[Sequence[Piece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """What a report gets when it is approved; its text where somebody wrote it over, else None.

    notes        what a reader has to know besides, such as which document it corrects
    corrections  the figures that stood otherwise in that document, None where there are none
    """

    number: str = ""
    issued_on: date | None = None
    signer: str = ""
    paragraphs: Paragraphs | None = None
    notes: Sequence[str] = ()
    corrections: TableShown | None = None


UNSIGNED = SignOff()


def report_document(report: Report, sign_off: SignOff, *, training: bool) -> Document:
    """The report as a paper, in the language of the page; its letterhead is Vietnamese, as the form of papers is."""
    made = [[Piece(words)] for words in text_of(report)]
    paragraphs = made if sign_off.paragraphs is None else sign_off.paragraphs
    return Document(
        agency=committee(report.unit_name).upper(),
        number=f"Số: {sign_off.number or f'{DOTS} / BC-{DOTS}'}",
        place_and_day=f"{place_of(report.unit_name)}, {_day(sign_off.issued_on)}",
        title=gettext(report.name).upper(),
        subtitles=(gettext("Period %(period)s", period=period_text(report.period)),),
        notes=[*notes(report), *sign_off.notes],
        paragraphs=paragraphs,
        changed=gettext(CHANGED) if any(run.is_by_hand for runs in paragraphs for run in runs) else "",
        tables=[*([sign_off.corrections] if sign_off.corrections else []), *tables(report)],
        receivers=RECEIVERS,
        signer=sign_off.signer or DOTS * 4,
        training=training,
    )


def notes(report: Report) -> list[str]:
    """What a reader has to know of the figures."""
    how_many = {"covered": number(report.covered), "desks": number(report.desks)}
    return [
        gettext("As known at %(at)s", at=local_time(report.provenance.as_of)),
        gettext("Provisional figures: %(covered)s of %(desks)s desks are known to the end.", **how_many)
        if report.is_provisional
        else gettext("All %(desks)s desks are known to the end.", desks=how_many["desks"]),
    ]


def text_of(report: Report) -> list[str]:
    """The paragraphs that the figures make, ready for the press; none where there is nothing to say."""
    paragraphs: list[list[str]] = []
    for sentence in report.text:
        if sentence.opens or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append(sentence_text(report, sentence))
    return [" ".join(sentences) for sentences in paragraphs]


def tables(report: Report) -> list[TableShown]:
    """All tables of a report."""
    return [_table(each) for each in report.sections]


def _table(section: Section) -> TableShown:
    name = HeadShown(text=gettext("Name"))
    return TableShown(
        id=section.id,
        name=gettext(section.name),
        names=[replace(PLACE, text=gettext(PLACE.text)), replace(name, number="(2)")] if section.is_form else [name],
        heads=[_head(section, at) for at in range(len(section.columns))],
        rows=[_row(section, row, place) for place, row in enumerate(section.rows, start=1)],
        notes=[gettext(each) for each in section.notes],
    )


def _head(section: Section, at: int) -> HeadShown:
    column = section.columns[at]
    return HeadShown(
        text=head(column),
        number=column.number,
        group=gettext(column.group) if column.group else "",
        is_words=any(isinstance(row.cells[at], str) for row in section.rows),
    )


def _row(section: Section, row: Row, place: int) -> RowShown:
    name = row_name(section, row)
    return RowShown(
        place=number(place) if section.is_form and not row.is_total else "",
        name=name,
        key="" if row.is_total or section.rows_of in NO_KEYS or row.key == name else row.key,
        cells=[CellShown(text=cell_text(cell), made_of=made_of(cell)) for cell in row.cells],
        is_total=row.is_total,
    )


def _day(day: date | None) -> str:
    return f"ngày {day:%d} tháng {day:%m} năm {day:%Y}" if day else OPEN_DAY
