"""Lists as files: their columns in words, and the answer that brings the file."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, abort, request

from desk_client.services.exporting import separated, workbook
from desk_client.services.listing import DossierLine
from desk_client.web.formatting import local_day, local_time
from desk_client.web.present import desk, person
from desk_client.web.rows import Row
from desk_client.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL

Columns = tuple[tuple[str, int], ...]
"""Titles of columns with their widths in characters."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

DOSSIER_COLUMNS: Columns = (
    (N_("Code"), 26),
    (N_("Procedure"), 50),
    (N_("Owner"), 30),
    (N_("Submitter"), 30),
    (N_("Number of the paper"), 18),
    (N_("Received"), 18),
    (N_("Appointment"), 18),
    (N_("Stage"), 24),
    (N_("State of the appointment"), 30),
    (N_("Result ready since"), 18),
)

REGISTER_COLUMNS: Columns = (
    (N_("No."), 6),
    (N_("Code"), 26),
    (N_("Procedure"), 50),
    (N_("Sets"), 8),
    (N_("Owner"), 30),
    (N_("Address"), 40),
    (N_("Phone"), 14),
    (N_("Received"), 18),
    (N_("Appointment"), 18),
    (N_("Handed over at"), 18),
    (N_("Taken by"), 30),
    (N_("Area"), 24),
)
"""The columns of the register book as deployed one-stop software exports it (form 06, TT 01/2018)."""

log = logging.getLogger(__name__)


def exported(kind: str, title: str, columns: Columns, rows: Iterable[Sequence[str]]) -> Response:
    """The file, named by the day; that it was taken is noted, with how much and by whom, never what."""
    cells = list(rows)
    titled = tuple((gettext(words), width) for words, width in columns)
    match kind:
        case "xlsx":
            content, mimetype = workbook(title, titled, cells), XLSX
        case "csv":
            content, mimetype = separated(titled, cells), CSV
        case _:
            abort(404)
    log.info("%s rows of %s exported as %s by %s", len(cells), request.endpoint, kind, person().clerk.username)
    name = f"{request.endpoint}-{desk().working_now().astimezone(LOCAL):%Y%m%d-%H%M}.{kind}".replace(".export", "")
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def dossier_cells(row: Row) -> list[str]:
    """A dossier of a list; its identity number is masked."""
    line = row.line
    return [
        line.dossier_code,
        row.procedure_name,
        line.owner_name,
        line.submitter_name,
        line.masked_id_number,
        local_time(line.received_at),
        local_time(line.due_at) if line.due_at else "",
        row.stage,
        row.due.text,
        local_time(line.resolved_at) if line.resolved_at else "",
    ]


def register_cells(number: int, line: DossierLine, content: Any, procedure_name: str, area: str) -> list[str]:
    """A dossier of the register."""
    return [
        str(number),
        line.dossier_code,
        procedure_name,
        str(content.get("set_count", "")),
        line.owner_name,
        str(content.get("address_text", "")),
        str(content.get("phone", "")),
        local_time(line.received_at),
        local_time(line.due_at) if line.due_at else "",
        local_day(line.delivered_at) if line.delivered_at else "",
        str(content.get("delivered_to", "")),
        area,
    ]
