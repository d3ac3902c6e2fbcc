"""The letters of one page: supplement request, refusal, apology and stop notice.

Their sentences are those of the forms as deployed one-stop software prints them. The layouts of 2025 are not known
beyond number and title, so the sentences stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from desk_client.paper.forms import form_on
from desk_client.paper.sheet import (
    Addressee,
    Block,
    Fact,
    Facts,
    Heading,
    Highlight,
    Paragraph,
    Points,
    Sheet,
    Signature,
    composed,
    facts,
    reached_at,
)
from desk_client.paper.words import day_words, instant_words
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import PaperForm

HEAD_OF_UNIT = Signature(role="Thủ trưởng cơ quan, đơn vị", how="(Ký tên, đóng dấu)")


class StopGround(StrEnum):
    """Why the work on a dossier ended without a result."""

    STOPPED = "stopped"
    SENT_BACK = "sent_back"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """What a letter says.

    form             supplement_request, refusal, apology or stop_notice
    happened_on      local day of the event, which chooses the form in force
    code             "" for a refusal: what was not received has no code
    request          what was asked for: the summary, else the procedure's name
    reason           required by law for each of them (NĐ 61/2018 Đ.15, Đ.19)
    papers           of a supplement request: what to add
    until_on         of a supplement request, and of a stop because it was not met: the last day
    clock_restarts   whether the limit is counted again from the beginning (NĐ 61/2018 Đ.19(4)) or only held
    due_at           of an apology: the appointment that cannot be kept; new_due_on: the day in its place
    ground           of a stop notice
    contact          whom to ask, such as the clerk's name; phone_of_contact: under which number
    signer_name      full name of who signs, "" where it is not known yet
    """

    heading: Heading
    form: PaperForm
    happened_on: date
    submitter_name: str
    owner_name: str
    request: str
    reason: str
    code: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    received_at: datetime | None = None
    papers: tuple[str, ...] = ()
    until_on: date | None = None
    clock_restarts: bool = True
    due_at: datetime | None = None
    new_due_on: date | None = None
    ground: StopGround = StopGround.STOPPED
    contact: str = ""
    phone_of_contact: str = ""
    signer_name: str = ""


def notice_sheet(view: NoticeView) -> Sheet:
    """The letter by the form in force on the day of its event."""
    view = composed(view)
    blocks, signatures = LETTERS[view.form]
    return Sheet(
        heading=view.heading,
        form=form_on(view.form, view.happened_on),
        code=view.code,
        blocks=blocks(view),
        signatures=signatures(view),
    )


def _supplement_request(view: NoticeView) -> tuple[Block, ...]:
    return (
        _people(view),
        Paragraph("Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:"),
        Points(view.papers),
        facts(
            Fact("Lý do", view.reason),
            Fact("Nộp bổ sung chậm nhất", day_words(view.until_on) if view.until_on else "", is_strong=True),
        ),
        Paragraph(_clock_note(view)),
        _contact(view, "Trong quá trình hoàn thiện hồ sơ nếu có vướng mắc"),
    )


def _refusal(view: NoticeView) -> tuple[Block, ...]:
    return (
        _people(view),
        Paragraph(
            f"Qua xem xét, {view.heading.desk_name} thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể"
            " như sau:"
        ),
        facts(Fact("Lý do", view.reason, is_strong=True)),
        Paragraph("Xin thông báo để Ông/Bà được biết và thực hiện."),
        _contact(view, "Khi cần hướng dẫn"),
    )


def _apology(view: NoticeView) -> tuple[Block, ...]:
    received = f"{day_words(local_date(view.received_at))}, " if view.received_at else ""
    told = f"{received}{view.heading.desk_name} tiếp nhận hồ sơ của Ông/Bà/Tổ chức:"
    return (
        Addressee(view.owner_name),
        Paragraph(told[:1].upper() + told[1:]),
        facts(
            Fact("Nội dung yêu cầu giải quyết", view.request, is_strong=True),
            Fact("Thời gian hẹn trả kết quả", instant_words(view.due_at) if view.due_at else ""),
        ),
        Paragraph(
            "Tuy nhiên, đến nay hồ sơ chưa giải quyết xong để trả kết quả đúng thời gian ghi trong Giấy tiếp nhận hồ sơ"
            " và hẹn trả kết quả."
        ),
        facts(Fact("Lý do", view.reason)),
        Highlight("Hẹn lại ngày trả kết quả", day_words(view.new_due_on) if view.new_due_on else ""),
        Paragraph(
            f"{view.heading.unit_name} xin lỗi Ông/Bà/Tổ chức và mong nhận được sự thông cảm vì sự chậm trễ này./."
        ),
    )


def _stop_notice(view: NoticeView) -> tuple[Block, ...]:
    return (
        Addressee(view.owner_name),
        facts(
            Fact("Nội dung yêu cầu giải quyết", view.request, is_strong=True),
            Fact("Thời gian nhận hồ sơ", instant_words(view.received_at) if view.received_at else ""),
        ),
        Paragraph(_stopped(view)),
        facts(Fact("Lý do", view.reason)),
        Paragraph("Xin thông báo để Ông/Bà/Tổ chức được biết."),
        _contact(view, "Khi cần hướng dẫn"),
    )


def _stopped(view: NoticeView) -> str:
    unit = view.heading.unit_name
    if view.ground is StopGround.SENT_BACK:
        return f"{unit} thông báo dừng giải quyết và trả lại hồ sơ nêu trên."
    if view.ground is StopGround.EXPIRED:
        until = f" ({day_words(view.until_on)})" if view.until_on else ""
        return f"Hồ sơ không được bổ sung trong thời hạn đã thông báo{until}. {unit} thông báo dừng giải quyết hồ sơ."
    return f"{unit} thông báo dừng giải quyết hồ sơ nêu trên."


def _people(view: NoticeView) -> Facts:
    return facts(
        Fact("Tiếp nhận hồ sơ của" if view.code else "Hồ sơ của", view.submitter_name, is_strong=True),
        Fact("Chủ hồ sơ", view.owner_name, is_strong=True),
        Fact("Địa chỉ", view.address),
        reached_at(view.phone, view.email),
        Fact("Nội dung yêu cầu giải quyết", view.request, is_strong=True),
        Fact("Thời gian nhận hồ sơ", instant_words(view.received_at) if view.received_at else ""),
    )


def _clock_note(view: NoticeView) -> str:
    if view.clock_restarts:
        return (
            "Thời hạn giải quyết được tính lại từ đầu kể từ khi hồ sơ bổ sung đầy đủ; khi đó Ông/Bà nhận giấy hẹn mới."
        )
    return "Thời gian chờ bổ sung không tính vào thời hạn giải quyết; khi bổ sung đầy đủ, Ông/Bà nhận giấy hẹn mới."


def _contact(view: NoticeView, when: str) -> Paragraph:
    whom = view.contact or view.heading.desk_name
    phone = f", số điện thoại {view.phone_of_contact}," if view.phone_of_contact else ""
    return Paragraph(f"{when}, đề nghị Ông/Bà liên hệ với {whom}{phone} để được hướng dẫn./.")


def _of_guide(view: NoticeView) -> tuple[Signature, ...]:
    return (Signature(role="Người hướng dẫn", name=view.signer_name),)


def _of_both(view: NoticeView) -> tuple[Signature, ...]:
    return (
        Signature(role="Người nộp hồ sơ", name=view.submitter_name),
        Signature(role="Người tiếp nhận hồ sơ", name=view.signer_name),
    )


def _of_head(view: NoticeView) -> tuple[Signature, ...]:
    return (Signature(role=HEAD_OF_UNIT.role, how=HEAD_OF_UNIT.how, name=view.signer_name),)


LETTERS: dict[
    PaperForm,
    tuple[Callable[[NoticeView], tuple[Block, ...]], Callable[[NoticeView], tuple[Signature, ...]]],
] = {
    PaperForm.SUPPLEMENT_REQUEST: (_supplement_request, _of_guide),
    PaperForm.REFUSAL: (_refusal, _of_both),
    PaperForm.APOLOGY: (_apology, _of_head),
    PaperForm.STOP_NOTICE: (_stop_notice, _of_head),
}
"""What each letter says, and who signs it."""
