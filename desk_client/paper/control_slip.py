"""The control slip (phiếu kiểm soát quá trình): it travels with the dossier, and each hand that takes it signs."""

from dataclasses import dataclass
from datetime import date, datetime

from desk_client.paper.forms import form_on
from desk_client.paper.sheet import Column, Fact, Heading, Sheet, Table, composed, facts
from desk_client.paper.words import hour_and_day, instant_words
from sync_protocol.vocabulary import PaperForm

ROWS_MIN = 5
"""A slip has room for hand-overs to come, which are written by hand."""

ROW_MM = 21
"""A name of two lines and a signature fit into a row."""

COLUMNS = (
    Column("Bên giao (ký tên)", 31),
    Column("Bên nhận (ký tên)", 31),
    Column("Thời gian giao, nhận", 22),
    Column("Kết quả giải quyết", 20),
    Column("Ghi chú", 20),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """One hand-over: who gave the dossier to whom, when, whether early, on time or late, and what else there is."""

    giver: str
    taker: str
    handed_at: datetime
    result: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSlipView:
    """What a control slip says; opened_on is the local day of the first hand-over, which chooses the form in force."""

    heading: Heading
    code: str
    opened_on: date
    owner_name: str
    request: str
    received_at: datetime
    due_at: datetime | None
    competent_unit: str
    hand_overs: tuple[HandOver, ...]


def control_slip_sheet(view: ControlSlipView) -> Sheet:
    """The control slip by the form in force on the day it was opened; empty rows wait for the hand-overs to come."""
    view = composed(view)
    return Sheet(
        heading=view.heading,
        form=form_on(PaperForm.CONTROL_SLIP, view.opened_on),
        code=view.code,
        blocks=(
            facts(
                Fact("Chủ hồ sơ", view.owner_name, is_strong=True),
                Fact("Nội dung yêu cầu giải quyết", view.request, is_strong=True),
                Fact("Thời gian nhận hồ sơ", instant_words(view.received_at)),
                Fact("Thời gian trả kết quả", instant_words(view.due_at) if view.due_at else ""),
                Fact("Cơ quan giải quyết", view.competent_unit),
            ),
            Table(columns=COLUMNS, rows=_rows(view.hand_overs), row_mm=ROW_MM),
        ),
        signatures=(),
    )


def _rows(hand_overs: tuple[HandOver, ...]) -> tuple[tuple[str, ...], ...]:
    written = tuple(
        (each.giver, each.taker, hour_and_day(each.handed_at), each.result, each.note) for each in hand_overs
    )
    empty = ("",) * len(COLUMNS)
    return written + (empty,) * max(ROWS_MIN - len(written), 0)
