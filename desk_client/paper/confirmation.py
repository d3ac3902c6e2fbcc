"""Phiếu xác nhận tình hình nhập và gửi hồ sơ: what a desk states about a period of its own, on A4, to be signed."""

from dataclasses import dataclass
from datetime import date, datetime

from desk_client.paper.forms import Form
from desk_client.paper.sheet import (
    Block,
    Column,
    Fact,
    Heading,
    Highlight,
    PaperSize,
    Paragraph,
    Section,
    Sheet,
    Signature,
    Table,
    composed,
    facts,
    numbered,
)
from desk_client.paper.words import CAUSES, DECLARATIONS, count_words, hour_and_day, instant_words, span_words
from sync_protocol.vocabulary import Cause, Declaration

FORM = Form(title_lines=("Phiếu xác nhận tình hình", "nhập và gửi hồ sơ"))
"""A paper of this system, not of a circular."""

MACHINE_COLUMNS = (
    Column("STT", 13),
    Column("Máy", 67, is_centred=False),
    Column("Báo cáo tình trạng gần nhất", 60),
    Column("Hồ sơ chưa gửi", 40),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLine:
    """A machine of the desk: its last statement that is known here, and what it then held back; None is unknown."""

    name: str
    last_statement_at: datetime | None
    unsent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The named declaration of a period."""

    declaration: Declaration
    clerk_name: str
    declared_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationView:
    """What the desk states of a period; counts are dossiers received in it, voided ones left out.

    first_on, last_on  both inside the period
    arrived            at the centre as it last confirmed, arrived_at; None while it has not
    threshold          below which a desk is said to have entered few
    evidence           the sentence that the supervisor sees, in Vietnamese
    """

    heading: Heading
    first_on: date
    last_on: date
    machines: tuple[MachineLine, ...]
    entered: int
    arrived: int | None
    arrived_at: datetime | None
    threshold: int
    evidence: str
    declared: Declared | None = None
    cause: Cause | None = None
    note: str = ""
    paper_register_last: str = ""
    certification_book_last: str = ""
    clerk_name: str = ""
    head_name: str = ""


def confirmation_sheet(view: ConfirmationView) -> Sheet:
    """The confirmation as a sheet."""
    view = composed(view)
    return Sheet(
        heading=view.heading,
        form=FORM,
        size=PaperSize.A4,
        blocks=(*_period(view), *_counts(view), *_machines(view), *_declaration(view)),
        signatures=(
            Signature(role="Người lập", name=view.clerk_name),
            Signature(role="Trưởng Bộ phận Một cửa", name=view.head_name),
        ),
    )


def _period(view: ConfirmationView) -> tuple[Block, ...]:
    return (
        facts(
            Fact("Đơn vị", view.heading.unit_name, is_strong=True),
            Fact("Nơi tiếp nhận hồ sơ", view.heading.desk_name, is_strong=True),
            Fact("Kỳ báo cáo", span_words(view.first_on, view.last_on), is_strong=True),
        ),
    )


def _counts(view: ConfirmationView) -> tuple[Block, ...]:
    arrived = "Chưa có xác nhận của máy chủ" if view.arrived is None else f"{count_words(view.arrived)} hồ sơ"
    confirmed = f" (máy chủ xác nhận lúc {hour_and_day(view.arrived_at)})" if view.arrived_at else ""
    return (
        Section("Số hồ sơ tiếp nhận trong kỳ"),
        facts(
            Fact("Đã nhập tại máy", f"{count_words(view.entered)} hồ sơ", is_strong=True),
            Fact("Máy chủ đã nhận", arrived + confirmed, is_strong=True),
            Fact("Mức theo dõi", f"từ {count_words(view.threshold)} hồ sơ"),
        ),
        Paragraph(view.evidence),
    )


def _machines(view: ConfirmationView) -> tuple[Block, ...]:
    rows = tuple(
        (
            machine.name,
            hour_and_day(machine.last_statement_at) if machine.last_statement_at else "Chưa có",
            "Chưa rõ" if machine.unsent is None else count_words(machine.unsent),
        )
        for machine in view.machines
    )
    return (Section("Tình trạng gửi của từng máy"), Table(columns=MACHINE_COLUMNS, rows=numbered(rows)))


def _declaration(view: ConfirmationView) -> tuple[Block, ...]:
    return (
        Section("Xác nhận của Bộ phận Một cửa"),
        Highlight("Nội dung xác nhận", *_declared(view)),
        facts(
            Fact("Nguyên nhân", CAUSES[view.cause] if view.cause else ""),
            Fact("Ý kiến thêm", view.note),
            Fact("Số cuối cùng trong sổ giấy", view.paper_register_last),
            Fact("Số cuối cùng trong sổ chứng thực", view.certification_book_last),
        ),
    )


def _declared(view: ConfirmationView) -> tuple[str, str]:
    declared = view.declared
    if declared is None:
        return "Chưa xác nhận", ""
    return (
        DECLARATIONS[declared.declaration],
        f"{declared.clerk_name} xác nhận lúc {instant_words(declared.declared_at)}",
    )
