"""Dossiers to be read: those entered today, and one by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template

from desk_client.desk import Desk
from desk_client.services.listing import DossierLine, entered_on, line_of
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, partial, seen_mark, status_line_of
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.instants import local_date
from sync_protocol.procedures import Procedure

dossiers = Blueprint("dossiers", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayRow:
    """A dossier of the list with the name of its procedure; `is_late_entry` where it was received on another day."""

    line: DossierLine
    procedure_name: str
    stage: str
    is_late_entry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayList:
    """What was entered today, newest first; `seen` names this content."""

    today: date
    rows: list[TodayRow]
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPage:
    """One dossier to be read."""

    status: StatusLine
    row: TodayRow


@dossiers.get("/today")
def today() -> Response:
    """The list of today, or 204 where the page shows it already."""
    shown = today_list(desk())
    return partial("_today.html", shown.seen, today=shown)


@dossiers.get("/dossiers/<path:dossier_id>")
def dossier(dossier_id: str) -> str:
    """One dossier."""
    line = line_of(desk(), dossier_id)
    if line is None:
        abort(404)
    row = _row(line, desk().packs().procedures, local_date(desk().now()))
    return render_template("dossier.html", page=DossierPage(status=status_line_of(desk()), row=row))


def today_list(shown: Desk) -> TodayList:
    """What was entered today at a desk."""
    on, procedures = local_date(shown.now()), shown.packs().procedures
    rows = [_row(line, procedures, on) for line in entered_on(shown, on)]
    return TodayList(today=on, rows=rows, seen=seen_mark((on, rows)))


def _row(line: DossierLine, procedures: Mapping[str, Procedure], on: date) -> TodayRow:
    procedure = procedures.get(line.procedure_code)
    return TodayRow(
        line=line,
        procedure_name=procedure.name if procedure else line.procedure_code,
        stage=gettext(STAGE_WORDS[line.stage]),
        is_late_entry=local_date(line.received_at) != on,
    )
