"""The desk's own standing in a period, what it declares of it, and the paper that says both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.paper.confirmation import confirmation_sheet
from desk_client.paper.pdf import sheet_pdf
from desk_client.paper.sheet import PaperPage, Sheet
from desk_client.services.answering import AnswerNeeded, answer, answers
from desk_client.services.confirming import confirmation_of
from desk_client.services.declaring import BadDeclaration, CauseNeeded, NotNil, PeriodNotOver, declare, declared_of
from desk_client.services.signing_in import name_of
from desk_client.services.standing import OwnStanding, own_standing, period_to_declare, periods_offered
from desk_client.web.errors import error_words
from desk_client.web.formatting import number, short_day
from desk_client.web.forms import Choice
from desk_client.web.present import desk, door, language, person
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.words import CAUSES, DECLARATIONS
from sync_protocol.periods import Period, parse_period, period_name
from sync_protocol.schemas import TEXT_CHARACTERS_MAX
from sync_protocol.vocabulary import Declaration

period = Blueprint("period", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A period that may be looked at."""

    name: str
    words: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDeclaration:
    """The form of a declaration as typed."""

    declaration: str = ""
    cause: str = ""
    note: str = ""
    paper_register_last: str = ""
    certification_book_last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """An answer of this desk; `by` is the clerk's full name."""

    note: str
    by: str
    answered_at: datetime
    is_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSection:
    """What this desk answered, newest first, and what is being written: the text that was refused, and why."""

    rows: Sequence[AnswerRow]
    note: str
    note_max: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPage:
    """A period as this desk stands in it.

    verdict        in one short sentence; evidence: the centre's own words, "" before it said any
    declared_by    full name of who declared, "" before anybody did
    """

    status: StatusLine
    name: str
    words: str
    offered: list[Offered]
    own: OwnStanding
    verdict: str
    evidence: str
    declared: str
    declared_cause: str
    declared_by: str
    form: TypedDeclaration
    declarations: list[Choice]
    causes: list[Choice]
    problem: str
    is_just_saved: bool
    answering: AnswerSection


@period.get("/period")
def page() -> str:
    """The period that should be declared now, else the present one, else the one asked for."""
    return _page(_asked_for(), is_just_saved=bool(session.pop("declared", False)))


@period.post("/period")
def save() -> BaseResponse | tuple[str, int]:
    """Records the declaration, or shows it again with what is wrong."""
    asked, form = _asked_for(), _typed(request.form)
    fields = {"period": str(asked), "declaration": form.declaration, "cause": form.cause or None}
    words = {"note": form.note, "paper_register_last": form.paper_register_last}
    try:
        declared = declared_of(fields | words | {"certification_book_last": form.certification_book_last})
        declare(desk(), declared, clerk=person().clerk.username)
    except BadDeclaration:
        problem = gettext("Choose what you confirm, and keep each text short. Nothing was recorded yet.")
        return _page(asked, form, problem), 422
    except (CauseNeeded, NotNil, PeriodNotOver) as error:
        return _page(asked, form, error_words(error)), 422
    door().wake()
    session["declared"] = True
    return redirect(url_for("period.page", period=_name(asked)))


@period.post("/period/answer")
def save_answer() -> BaseResponse | tuple[str, int]:
    """Records an answer to what the supervisor reads, or shows it again with what is wrong."""
    asked, note = _asked_for(), request.form.get("note", "")
    try:
        answer(desk(), asked, note, clerk=person().clerk.username)
    except AnswerNeeded as error:
        return _page(asked, answering=_answering(asked, note, error_words(error))), 422
    door().wake()
    return redirect(url_for("period.page", period=_name(asked), _anchor="answer"))


@period.get("/period/paper")
def paper() -> str:
    """The paper that says how the desk stands, to be printed and signed."""
    name = _name(_asked_for())
    shown = PaperPage(
        sheet=_sheet(),
        pdf_url=url_for("period.paper_pdf", period=name),
        back_url=url_for("period.page", period=name),
    )
    return render_template("paper_sheet.html", page=shown)


@period.get("/period/paper.pdf")
def paper_pdf() -> Response:
    """The same paper as a file."""
    return Response(sheet_pdf(_sheet()), mimetype="application/pdf")


def _page(
    asked: Period,
    form: TypedDeclaration | None = None,
    problem: str = "",
    *,
    is_just_saved: bool = False,
    answering: AnswerSection | None = None,
) -> str:
    own = own_standing(desk(), asked)
    said = own.declaring.declared if own.declaring else None
    shown = PeriodPage(
        status=status_line_of(desk()),
        name=_name(asked),
        words=_words(asked),
        offered=[Offered(name=_name(each), words=_words(each), is_shown=each == asked) for each in _offered(asked)],
        own=own,
        verdict=_verdict(own),
        evidence=own.centre_view.evidence(language()) if own.centre_view else "",
        declared=gettext(DECLARATIONS[said.declaration]) if said else "",
        declared_cause=gettext(CAUSES[said.cause]) if said and said.cause else "",
        declared_by=name_of(desk(), own.declaring.clerk) if own.declaring else "",
        form=form or TypedDeclaration(declaration="" if own.received_count else Declaration.NIL.value),
        declarations=_choices(DECLARATIONS),
        causes=_choices(CAUSES),
        problem=problem,
        is_just_saved=is_just_saved,
        answering=answering or _answering(asked),
    )
    return render_template("period.html", page=shown)


def _answering(asked: Period, note: str = "", problem: str = "") -> AnswerSection:
    rows = [
        AnswerRow(note=each.note, by=name_of(desk(), each.clerk), answered_at=each.answered_at, is_sent=each.is_sent)
        for each in answers(desk(), asked)
    ]
    return AnswerSection(rows=rows, note=note, note_max=TEXT_CHARACTERS_MAX, problem=problem)


def _verdict(own: OwnStanding) -> str:
    """The standing in one short sentence, without a reproach while the period runs."""
    values = {"count": number(own.received_count), "threshold": number(own.threshold)}
    if own.is_open and own.working_days_left:
        left = number(own.working_days_left)
        return gettext("%(count)s of %(threshold)s entered, %(days)s working days left", **values, days=left)
    return gettext("%(count)s of %(threshold)s entered", **values)


def _sheet() -> Sheet:
    return confirmation_sheet(confirmation_of(desk(), _asked_for(), clerk=person().clerk.username))


def _asked_for() -> Period:
    """The period of the address; raises UnknownPeriod."""
    name = request.args.get("period", "")
    if name:
        return parse_period(name, desk().packs().desk.series)
    return period_to_declare(desk()) or periods_offered(desk())[0]


def _offered(asked: Period) -> list[Period]:
    """The periods to choose among, that of the page with them."""
    periods = periods_offered(desk())
    return periods if asked in periods else [*periods, asked]


def _name(shown: Period) -> str:
    return period_name(shown, desk().packs().desk.series)


def _words(shown: Period) -> str:
    return f"{short_day(shown.first_on)} – {shown.last_on.strftime('%d/%m/%Y')}"


def _typed(form: Mapping[str, str]) -> TypedDeclaration:
    return TypedDeclaration(**{name: form.get(name, "") for name in TypedDeclaration.__dataclass_fields__})


def _choices(words: Mapping[Any, str]) -> list[Choice]:
    return [Choice(value=word.value, text=gettext(text)) for word, text in words.items()]
