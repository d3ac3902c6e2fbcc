"""The book of complaints: what is entered with its document, and what corrects it; never about who complained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from central_server.services import complaints as book
from central_server.services.complaints import COLUMNS, DOCUMENT_CHARACTERS_MAX, BadComplaint, ComplaintLine
from central_server.storage.complaints import Finding
from central_server.web.present import central, is_changer, language, signed_in
from central_server.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.messages import error_text

FINDING_NAMES = {
    Finding.PENDING: N_("not decided yet"),
    Finding.UPHELD: N_("upheld: the staff was at fault"),
    Finding.NOT_UPHELD: N_("not upheld"),
    Finding.MISTAKEN: N_("entered by mistake"),
}
NUMBER_DIGITS_MAX = 9

complaints = Blueprint("complaints", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintsPage:
    """The page; `typed` stands in the form, `corrects` is the number of the complaint that it corrects, or 0."""

    lines: Sequence[tuple[ComplaintLine, str]]
    findings: Sequence[tuple[str, str]]
    can_change: bool
    today: str
    document_max: int
    typed: Mapping[str, str]
    corrects: int
    problem: str


@complaints.get("/complaints")
def show() -> str:
    """The book, with the form to add to it; an address that names a complaint offers to correct that one."""
    return _page({}, "", corrects=_number(request.args.get("corrects", "")))


@complaints.post("/complaints")
def record() -> Response | tuple[str, int]:
    """Adds a row; what cannot be is told on the page, with what was typed."""
    typed = {name: request.form.get(name, "").strip()[: DOCUMENT_CHARACTERS_MAX + 1] for name in COLUMNS}
    corrects = _number(request.form.get("corrects", ""))
    try:
        book.record(central(), signed_in().person.scope, typed, by=signed_in().person.username, corrects=corrects)
    except BadComplaint as error:
        return _page(typed, error_text(error, language()), corrects=corrects), HTTPStatus.BAD_REQUEST
    return redirect(url_for("complaints.show"), HTTPStatus.SEE_OTHER)


def _page(typed: Mapping[str, str], problem: str, *, corrects: int) -> str:
    lines = book.book(central(), signed_in().person.scope)
    corrected = next((each for each in lines if each.is_standing and each.told.complaint == corrects), None)
    page = ComplaintsPage(
        lines=[(each, gettext(FINDING_NAMES[each.told.finding])) for each in lines],
        findings=[
            (each.value, gettext(name)) for each, name in FINDING_NAMES.items() if corrected or each != Finding.MISTAKEN
        ],
        can_change=is_changer(),
        today=central().today().isoformat(),
        document_max=DOCUMENT_CHARACTERS_MAX,
        typed=typed or (_typed(corrected) if corrected else {}),
        corrects=corrects if corrected else 0,
        problem=problem,
    )
    return render_template("complaints.html", page=page)


def _typed(line: ComplaintLine) -> dict[str, str]:
    told = line.told
    return {
        "received_on": told.received_on.isoformat(),
        "unit_code": line.unit_code,
        "clerk": told.clerk,
        "dossier_code": told.dossier_code,
        "finding": told.finding.value,
        "answer_due_on": told.answer_due_on.isoformat(),
        "answered_on": told.answered_on.isoformat() if told.answered_on else "",
        "document": told.document,
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX else 0
