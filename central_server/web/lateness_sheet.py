"""Lateness as files for a spreadsheet: the figures of desks, and the dossiers of a list."""

from collections.abc import Sequence

from central_server.paper.spreadsheets import Column, Sheet, Value, workbook
from central_server.services.lateness import DeskLateness, LateDossier, LateKind, Lateness
from central_server.web.formatting import day_text, local_time, percent, period_text
from central_server.web.lateness_page import LIST_NAMES, RATES_NOTE
from central_server.web.speech import gettext
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.periods import Period


def sheet_name(period: Period, what: str = "") -> str:
    """The name of the file; letters that every machine takes."""
    days = f"{period.first_on:%Y%m%d}-{period.last_on:%Y%m%d}"
    return "_".join(filter(None, ("dung-han-tre-han", what.replace("_", "-"), days))) + ".xlsx"


def lateness_sheet(told: Lateness) -> bytes:
    """The figures of desks, a row a desk."""
    return workbook(
        Sheet(
            name=gettext("On time and late"),
            title=gettext("Dossiers on time and late, period %(period)s", period=period_text(told.period)),
            notes=[*_as_of(told), gettext(RATES_NOTE)],
            columns=[
                Column(head=gettext("No."), width=5),
                Column(head=gettext("Unit"), width=22),
                Column(head=gettext("Desk"), width=34),
                Column(head=gettext("Code"), width=12),
                Column(head=gettext("In process, in time"), width=10),
                Column(head=gettext("of these waiting for the citizen"), width=10),
                Column(head=gettext("Due, result not known"), width=12),
                Column(head=gettext("Overdue, no result"), width=12),
                Column(head=gettext("Resolved in time"), width=12),
                Column(head=gettext("Resolved late"), width=12),
                Column(head=gettext("Base of the rates"), width=11),
                Column(head=gettext("Rate in time"), width=11),
                Column(head=gettext("Rate late"), width=11),
                Column(head=gettext("Known until"), width=17),
            ],
            rows=(_desk_row(place, each) for place, each in enumerate(told.desks, start=1)),
        )
    )


def late_list_sheet(told: Lateness, which: LateKind, dossiers: Sequence[LateDossier]) -> bytes:
    """The dossiers of a list, those that have waited longest first."""
    return workbook(
        Sheet(
            name=gettext(LIST_NAMES[which]),
            title=f"{gettext(LIST_NAMES[which])}, {period_text(told.period)}",
            notes=_as_of(told),
            columns=[
                Column(head=gettext("No."), width=5),
                Column(head=gettext("Unit"), width=22),
                Column(head=gettext("Desk"), width=34),
                Column(head=gettext("Dossier"), width=26),
                Column(head=gettext("Procedure"), width=12),
                Column(head=gettext("Name of the procedure"), width=48),
                Column(head=gettext("Received on"), width=12),
                Column(head=gettext("Appointment"), width=12),
                Column(head=gettext("Result on"), width=12),
                Column(head=gettext("Stage"), width=26),
                Column(head=gettext("Working days late"), width=11),
            ],
            rows=(_dossier_row(place, each, which) for place, each in enumerate(dossiers, start=1)),
        )
    )


def _as_of(told: Lateness) -> list[str]:
    return [
        gettext("As known at %(at)s", at=local_time(told.now)),
        gettext("looked at as of the end of %(day)s", day=day_text(told.on)),
    ]


def _desk_row(place: int, each: DeskLateness) -> list[Value]:
    counts = each.counts
    in_time = counts.resolved_early + counts.resolved_on_time
    return [
        place,
        each.desk.district.name,
        each.desk.name,
        each.desk.code,
        counts.in_time + counts.awaiting,
        counts.awaiting,
        counts.due_unknown,
        counts.overdue,
        in_time,
        counts.resolved_late,
        counts.due,
        percent(in_time, counts.due),
        percent(counts.resolved_late + counts.overdue, counts.due),
        each.known_until,
    ]


def _dossier_row(place: int, each: LateDossier, which: LateKind) -> list[Value]:
    return [
        place,
        each.desk.district.name,
        each.desk.name,
        each.dossier_code,
        each.procedure_code,
        each.procedure_name,
        day_text(each.received_on),
        day_text(each.due_on),
        day_text(each.ended_on) if each.ended_on else None,
        gettext(STAGE_WORDS[each.stage]),
        None if which is LateKind.DUE_UNKNOWN else each.days,
    ]
