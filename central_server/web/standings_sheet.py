"""The standings of desks as a file for a spreadsheet: what a supervisor prints, sorts further, or sends on."""

from collections.abc import Sequence

from central_server.paper.spreadsheets import Column, Sheet, Value, workbook
from central_server.services.assessing import DeskStanding
from central_server.services.listing import Beside
from central_server.services.standing import Standings
from central_server.services.trends import Past
from central_server.web.desk_rows import desk_row
from central_server.web.formatting import local_time, number, period_text
from central_server.web.speech import gettext
from central_server.web.words import CAUSE_NAMES, Course, course_of
from sync_protocol.messages import Language
from sync_protocol.periods import Period

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_name(period: Period) -> str:
    """The name of the file; letters that every machine takes."""
    return f"tinh-hinh-nhap-lieu_{period.first_on:%Y%m%d}-{period.last_on:%Y%m%d}.xlsx"


def standings_sheet(
    told: Standings,
    desks: Sequence[DeskStanding],
    beside: Beside,
    language: Language,
) -> bytes:
    """The file; `desks` are those of `told` that were asked for, in the order that was asked for."""
    course = course_of(told)
    return workbook(
        Sheet(
            name=gettext("Standings"),
            title=gettext("Entry standings, period %(period)s", period=period_text(told.period)),
            notes=[
                gettext("As known at %(at)s", at=local_time(told.now)),
                gettext(
                    "Fully known: %(known)s of %(desks)s desks. Where not all are, the figures are provisional.",
                    known=number(told.covered_count),
                    desks=number(len(told.desks)),
                ),
            ],
            columns=_columns(beside.before),
            rows=(_row(place, each, course, beside, language) for place, each in enumerate(desks, start=1)),
        )
    )


def _columns(before: Sequence[Past]) -> list[Column]:
    return [
        Column(head=gettext("No."), width=5),
        Column(head=gettext("Unit"), width=22),
        Column(head=gettext("Desk"), width=34),
        Column(head=gettext("Code"), width=12),
        Column(head=gettext("Telephone"), width=13),
        Column(head=gettext("Standing"), width=30),
        Column(head=gettext("Arrived"), width=9),
        Column(head=gettext("Not sent"), width=9),
        Column(head=gettext("Entered in all"), width=9),
        Column(head=gettext("Level"), width=8),
        Column(head=gettext("Entered in the period for earlier days"), width=11),
        Column(head=gettext("Proven to the end of the period"), width=12),
        Column(head=gettext("Known until"), width=17),
        Column(head=gettext("Last contact"), width=17),
        Column(head=gettext("Last entry"), width=17),
        Column(head=gettext("Evidence"), width=48),
        Column(head=gettext("Next step"), width=34),
        Column(head=gettext("Follow-up"), width=34),
        Column(head=gettext("Cause told by the desk"), width=22),
        Column(head=gettext("Paper register up to number"), width=12),
        Column(head=gettext("Book of certifications up to number"), width=12),
        *(
            Column(head=gettext("Arrived, period to %(day)s", day=f"{past.period.last_on:%d/%m/%Y}"), width=11)
            for past in reversed(before)
        ),
        Column(head=gettext("Remark"), width=32),
    ]


def _row(place: int, each: DeskStanding, course: Course, beside: Beside, language: Language) -> list[Value]:
    row, explained = desk_row(each, beside, course, language), beside.explained.get(each.desk.code)
    return [
        place,
        row.district,
        each.desk.name,
        row.code,
        row.phone,
        row.told.word.text,
        row.arrived,
        row.unsent,
        row.entered,
        row.threshold,
        row.late,
        gettext("proven") if row.is_proven else gettext("not proven yet"),
        row.known_until,
        row.heard_at,
        row.recorded_at,
        row.told.evidence,
        row.told.next_step,
        row.follow_up.text if row.follow_up else None,
        gettext(CAUSE_NAMES[explained.cause]) if explained and explained.cause else None,
        explained.paper_register_last if explained else None,
        explained.certification_book_last if explained else None,
        *(past.arrived.get(row.code, 0) for past in reversed(beside.before)),
        "; ".join(row.remarks),
    ]
