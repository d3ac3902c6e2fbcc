"""Dossiers to be read: those entered today, and one by itself with all that happened to it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, render_template, session

from desk_client.desk import Desk
from desk_client.services.listing import DossierLine, entered_on
from desk_client.services.viewing import DossierView, view_of
from desk_client.web.dossier_page import DossierPage, dossier_page
from desk_client.web.errors import error_words
from desk_client.web.present import desk, is_partial, person
from desk_client.web.speech import gettext
from desk_client.web.sync import partial, seen_mark
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.errors import FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.procedures import Procedure

TODAY_ROWS_MAX = 60
"""Dossiers of today that stand beside the form; the register and the search have all of them."""

dossiers = Blueprint("dossiers", __name__)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayRow:
    """A dossier of the list with the name of its procedure; `is_late_entry` where it was received on another day."""

    line: DossierLine
    procedure_name: str
    stage: str
    is_late_entry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayList:
    """What was entered today, newest first: how many, and the last TODAY_ROWS_MAX; `seen` names this content."""

    today: date
    count: int
    rows: list[TodayRow]
    seen: str


@dossiers.get("/today")
def today() -> Response:
    """The list of today, or 204 where the page shows it already."""
    shown = today_list(desk())
    return partial("_today.html", shown.seen, today=shown)


@dossiers.get("/dossiers/<dossier_id>")
def dossier(dossier_id: str) -> str:
    """One dossier; what was done to it just now is told once."""
    shown = _page(dossier_id, done=session.pop("done", None))
    return render_template("dossier.html", page=shown)


@dossiers.post("/dossiers/<dossier_id>/reveal")
def reveal(dossier_id: str) -> str:
    """The identity number in full, to whoever asks for it by name; that it was shown is noted, the number is not."""
    shown = _page(dossier_id, is_revealed=True)
    log.info("identity number of dossier %s shown to %s", shown.view.dossier.id, person().clerk.username)
    return render_template("_id_number.html" if is_partial() else "dossier.html", page=shown)


def refused_page(dossier_id: str, error: FieldSyncError) -> str:
    """The dossier as it stands, with what cannot be done and what can."""
    return render_template("dossier.html", page=_page(dossier_id, problem=error_words(error)))


def today_list(shown: Desk) -> TodayList:
    """What was entered today at a desk: by the clock, under the day by which the desk works."""
    on, working_on, procedures = local_date(shown.now()), local_date(shown.working_now()), shown.packs().procedures
    lines = entered_on(shown, on)
    rows = [_row(line, procedures, working_on) for line in lines[:TODAY_ROWS_MAX]]
    return TodayList(today=working_on, count=len(lines), rows=rows, seen=seen_mark((working_on, len(lines), rows)))


def _page(
    dossier_id: str, *, done: Mapping[str, str] | None = None, problem: str = "", is_revealed: bool = False
) -> DossierPage:
    view: DossierView = view_of(desk(), dossier_id, person().clerk)
    return dossier_page(view, done=done, problem=problem, is_revealed=is_revealed)


def _row(line: DossierLine, procedures: Mapping[str, Procedure], on: date) -> TodayRow:
    procedure = procedures.get(line.procedure_code)
    return TodayRow(
        line=line,
        procedure_name=procedure.name if procedure else line.procedure_code,
        stage=gettext(STAGE_WORDS[line.stage]),
        is_late_entry=local_date(line.received_at) != on,
    )
