"""A report in the words of its reader, as the value that page, PDF and word processor's file are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from central_server.paper.administrative import DOTS, OPEN_DAY, committee, place_of
from central_server.paper.documents import CellShown, Document, RowShown, Run, TableShown
from central_server.reports.layouts import Cut
from central_server.reports.report import Report, Row, Section
from central_server.web.formatting import local_time, number, period_text
from central_server.web.report_words import cell_text, head, made_of, row_name, sentence_text
from central_server.web.speech import gettext
from sync_protocol.errors import N_

RECEIVERS = (f"- {DOTS}{DOTS};", f"- Lưu: VT, {DOTS}.")
CHANGED = N_("Underlined: changed by hand, not a figure of the tables.")

Paragraphs = Sequence[Sequence[Run]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """What a report gets when it is approved; its text where somebody wrote it over, else None."""

    number: str = ""
    issued_on: date | None = None
    signer: str = ""
    paragraphs: Paragraphs | None = None


UNSIGNED = SignOff()


def report_document(report: Report, sign_off: SignOff, *, training: bool) -> Document:
    """The report as a paper, in the language of the page; its letterhead is Vietnamese, as the form of papers is."""
    paragraphs = text_of(report) if sign_off.paragraphs is None else sign_off.paragraphs
    return Document(
        agency=committee(report.unit_name).upper(),
        number=f"Số: {sign_off.number or f'{DOTS} / BC-{DOTS}'}",
        place_and_day=f"{place_of(report.unit_name)}, {_day(sign_off.issued_on)}",
        title=gettext(report.name).upper(),
        subtitles=(gettext("Period %(period)s", period=period_text(report.period)),),
        notes=notes(report),
        paragraphs=paragraphs,
        changed=gettext(CHANGED) if any(run.is_changed for runs in paragraphs for run in runs) else "",
        name_head=gettext("Name"),
        tables=tables(report),
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


def text_of(report: Report) -> Paragraphs:
    """The text that the figures make: one paragraph, ready for the press; none where there is nothing to say."""
    words = " ".join(sentence_text(report, each) for each in report.text)
    return [[Run(text=words)]] if words else []


def tables(report: Report) -> list[TableShown]:
    """All tables of a report."""
    return [_table(each) for each in report.sections]


def _table(section: Section) -> TableShown:
    return TableShown(
        id=section.id,
        name=gettext(section.name),
        heads=[head(column) for column in section.columns],
        rows=[_row(section, row) for row in section.rows],
    )


def _row(section: Section, row: Row) -> RowShown:
    name = row_name(section, row)
    return RowShown(
        name=name,
        key="" if section.rows_of == Cut.INDICATOR or row.key == name else row.key,
        cells=[CellShown(text=cell_text(cell), made_of=made_of(cell)) for cell in row.cells],
        is_total=row.is_total,
    )


def _day(day: date | None) -> str:
    return f"ngày {day:%d} tháng {day:%m} năm {day:%Y}" if day else OPEN_DAY
