"""Taking in a spreadsheet: give the file, see what would become of each row, then take it in."""

from io import BytesIO
from pathlib import PurePath
from typing import IO

from flask import Blueprint, Request, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.import_jobs import ImportJob, ImportUnderWay, TooManyImports
from desk_client.services.importing import Order, keep_mapping, mapping_for
from desk_client.sheets.grids import FILE_BYTES_MAX, BadSheet, FileTooLarge
from desk_client.sheets.reading import read_sheet
from desk_client.web.errors import error_words, refused
from desk_client.web.import_page import file_page, give_page, mapping_of, progress_of, refused_csv
from desk_client.web.present import desk, door, person
from desk_client.web.speech import gettext
from sync_protocol.errors import FieldSyncError
from sync_protocol.vocabulary import Source

UPLOAD_BYTES_MAX = FILE_BYTES_MAX + 64 * 1024
"""The file with the fields beside it."""

NAME_CHARACTERS_MAX = 120
UPLOAD = "importing.give"

importing = Blueprint("importing", __name__)


class MemoryRequest(Request):
    """A request whose uploads stay in memory: a temporary file would hold citizens' names in the clear."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def widen_upload() -> None:
    """Lets the form that takes a file be as large as a file may be; every other form stays small."""
    if request.endpoint == UPLOAD:
        request.max_content_length = UPLOAD_BYTES_MAX


@importing.get("/import")
def page() -> str:
    """The form that takes a file."""
    return _give_page()


@importing.post("/import")
def give() -> BaseResponse | tuple[str, int]:
    """Reads a file and tries its rows under the mapping that fits it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _give_page(gettext("Choose a file first. Nothing was taken in.")), 422
    name = PurePath(file.filename).name[:NAME_CHARACTERS_MAX]
    sheet = read_sheet(file.read(), name)
    order = Order(sheet=sheet, mapping=mapping_for(desk(), sheet), source=_source())
    job = door().imports.begin(desk(), order, clerk=person().clerk.username, name=name)
    return redirect(url_for("importing.one", token=job.token))


@importing.get("/import/<token>")
def one(token: str) -> str:
    """A file: its columns, and what became or would become of its rows."""
    return render_template("import_file.html", page=file_page(_job(token)))


@importing.get("/import/<token>/progress")
def progress(token: str) -> str:
    """The part of that page that changes."""
    return render_template("_import_news.html", progress=progress_of(_job(token)))


@importing.post("/import/<token>/mapping")
def map_columns(token: str) -> BaseResponse:
    """Tries the rows under another mapping, which is remembered for files with these columns."""
    job = _job(token)
    mapping = mapping_of(request.form, len(job.order.sheet.header))
    job.try_again(desk(), mapping, _source())
    keep_mapping(desk(), job.order.sheet, mapping)
    return redirect(url_for("importing.one", token=token))


@importing.post("/import/<token>/take")
def take(token: str) -> BaseResponse:
    """Takes the rows in."""
    _job(token).take(desk(), then=door().wake)
    return redirect(url_for("importing.one", token=token))


@importing.get("/import/<token>/refused.csv")
def refused_rows(token: str) -> Response:
    """What to do about the refused rows, to be corrected in the file."""
    headers = {"Content-Disposition": 'attachment; filename="dong-can-sua.csv"'}
    return Response("\ufeff" + refused_csv(_job(token)), mimetype="text/csv", headers=headers)


@importing.errorhandler(BadSheet)
@importing.errorhandler(TooManyImports)
def not_taken(error: FieldSyncError) -> tuple[str, int]:
    """The form again, with what is wrong with the file."""
    return _give_page(error_words(error)), 422


@importing.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> tuple[str, int]:
    """The form again, for a file that was not even read."""
    if request.endpoint != UPLOAD or not g.get("signed_in"):
        return refused(error)
    return _give_page(error_words(_too_large())), 413


@importing.errorhandler(ImportUnderWay)
def under_way(error: ImportUnderWay) -> tuple[str, int]:
    """The page of the file again: nothing of what was asked was done."""
    token = str((request.view_args or {})["token"])
    return render_template("import_file.html", page=file_page(_job(token), notice=error_words(error))), 409


def _give_page(problem: str = "") -> str:
    return render_template("import.html", page=give_page(problem, error_words(_too_large())))


def _too_large() -> FileTooLarge:
    return FileTooLarge(limit=FILE_BYTES_MAX // 1024**2)


def _job(token: str) -> ImportJob:
    return door().imports.of(token, person().clerk.username)


def _source() -> Source:
    return Source.OPENING if request.form.get("source") == Source.OPENING else Source.IMPORT
