"""The files of a report, by the ending of their names; what is published keeps all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from central_server.paper.document_pages import document_pages
from central_server.paper.document_words import document_words
from central_server.reports.report import Report
from central_server.web.report_document import UNSIGNED, SignOff, report_document
from central_server.web.report_sheet import report_sheet
from central_server.web.standings_sheet import SHEET_TYPE

Maker = Callable[[Report, SignOff, bool], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file; it is made of a report, its sign-off, and whether it is one of a training centre."""

    media_type: str
    make: Maker


def _machine(report: Report, _sign_off: SignOff, _training: bool) -> bytes:
    return report.as_json()


def _sheet(report: Report, sign_off: SignOff, _training: bool) -> bytes:
    return report_sheet(report, sign_off)


def _pages(report: Report, sign_off: SignOff, training: bool) -> bytes:
    return document_pages(report_document(report, sign_off, training=training))


def _words(report: Report, sign_off: SignOff, training: bool) -> bytes:
    return document_words(report_document(report, sign_off, training=training))


FORMATS: Mapping[str, Format] = {
    "pdf": Format(media_type="application/pdf", make=_pages),
    "docx": Format(
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        make=_words,
    ),
    "xlsx": Format(media_type=SHEET_TYPE, make=_sheet),
    "json": Format(media_type="application/json", make=_machine),
}


def file_of(report: Report, ending: str, sign_off: SignOff = UNSIGNED, *, training: bool) -> bytes:
    """One file, in the language of the page; `ending` is one of FORMATS."""
    return FORMATS[ending].make(report, sign_off, training)


def file_name(report: Report, ending: str) -> str:
    """The name of a file; letters that every machine takes."""
    return f"bao-cao_{report.layout}_{report.unit_code}_{report.period.first_on}_{report.period.last_on}.{ending}"
