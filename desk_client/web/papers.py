"""The papers of a dossier, to be looked at, printed and kept as a file; that one is printed is noted by a button."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from desk_client.paper.pdf import sheet_pdf
from desk_client.paper.sheet import PaperPage
from desk_client.services.printing import print_paper, prints_so_far, sheet_of
from desk_client.web.present import desk, door, person
from sync_protocol.vocabulary import PaperForm

COPY_DIGITS_MAX = 4

papers = Blueprint("papers", __name__)


@papers.get("/dossiers/<dossier_id>/papers/<form>")
def paper(dossier_id: str, form: str) -> str:
    """A paper as it was printed last, or as it would be; looking at it changes nothing."""
    wanted, copy = _form(form), _copy()
    sheet, prints = sheet_of(desk(), dossier_id, wanted, copy), prints_so_far(desk(), dossier_id, wanted)
    page = PaperPage(
        sheet=sheet,
        pdf_url=url_for("papers.pdf", dossier_id=dossier_id, form=form, copy=copy),
        back_url=url_for("dossiers.dossier", dossier_id=dossier_id),
        print_url=url_for("papers.note_print", dossier_id=dossier_id, form=form),
        prints=prints,
    )
    return render_template("paper_sheet.html", page=page)


@papers.get("/dossiers/<dossier_id>/papers/<form>.pdf")
def pdf(dossier_id: str, form: str) -> Response:
    """The same paper as a file."""
    wanted = _form(form)
    sheet = sheet_of(desk(), dossier_id, wanted, _copy())
    name = "-".join(filter(None, (wanted.value, sheet.code)))
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(sheet_pdf(sheet), mimetype="application/pdf", headers=headers)


@papers.post("/dossiers/<dossier_id>/papers/<form>")
def note_print(dossier_id: str, form: str) -> BaseResponse:
    """Notes the print and shows that copy, which the browser begins to print."""
    return redirect(noted_print(dossier_id, _form(form), after=_number(request.form.get("after", "")) or 0))


def noted_print(dossier_id: str, form: PaperForm, *, after: int) -> str:
    """Notes that a paper is printed now; gives the address of that copy, at which the browser begins to print.

    after  how often it had been printed when somebody asked for it: a double click is one print
    """
    clerk = person().clerk.username
    asked = {"dossier": dossier_id, "paper": form.value, "after": after}
    copy, is_new = door().saved.save(asked, lambda: print_paper(desk(), dossier_id, form, clerk=clerk))
    if is_new:
        door().wake()
    return url_for("papers.paper", dossier_id=dossier_id, form=form.value, copy=copy, print=1)


def _form(text: str) -> PaperForm:
    return next((each for each in PaperForm if each.value == text), None) or abort(404)


def _copy() -> int | None:
    text = request.args.get("copy", "")
    if not text:
        return None
    copy = _number(text)
    return abort(404) if copy is None else copy


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= COPY_DIGITS_MAX
    return int(text) if is_number else None
