"""Which number and title a form bears on a day: the numbers move with the circulars, the meanings stay."""

from dataclasses import dataclass
from datetime import date

from sync_protocol.vocabulary import PaperForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as one circular has it.

    title_lines  the title in the halves that it is printed in, in ordinary case
    number       such as ``01``; "" where the circulars of that day have no such form
    circular     such as ``TT 01/2018/TT-VPCP``, "" without a number
    """

    title_lines: tuple[str, ...]
    number: str = ""
    circular: str = ""

    @property
    def title(self) -> str:
        """The title in one line."""
        return " ".join(self.title_lines)

    @property
    def label(self) -> str:
        """What is printed small at the head, such as ``Mẫu số 01 – TT 01/2018/TT-VPCP``; "" without a number."""
        return f"Mẫu số {self.number} – {self.circular}" if self.number else ""


RECEIPT = ("Giấy tiếp nhận hồ sơ", "và hẹn trả kết quả")
SUPPLEMENT_REQUEST = ("Phiếu yêu cầu bổ sung,", "hoàn thiện hồ sơ")
REFUSAL = ("Phiếu từ chối tiếp nhận", "giải quyết hồ sơ")
APOLOGY_2018 = ("Phiếu xin lỗi và hẹn lại", "ngày trả kết quả")
APOLOGY_2025 = ("Văn bản xin lỗi", "và đề nghị gia hạn")
STOP_NOTICE = ("Thông báo", "dừng giải quyết hồ sơ")
CONTROL_SLIP = ("Phiếu kiểm soát quá trình", "giải quyết hồ sơ")
REGISTER_BOOK = ("Sổ theo dõi hồ sơ",)


def _of(circular: str, titles: dict[PaperForm, tuple[str, tuple[str, ...]]]) -> dict[PaperForm, Form]:
    return {
        meaning: Form(title_lines=lines, number=number, circular=circular if number else "")
        for meaning, (number, lines) in titles.items()
    }


EDITIONS: tuple[tuple[date, dict[PaperForm, Form]], ...] = (
    (
        date(2019, 1, 6),
        _of(
            "TT 01/2018/TT-VPCP",
            {
                PaperForm.RECEIPT: ("01", RECEIPT),
                PaperForm.SUPPLEMENT_REQUEST: ("02", SUPPLEMENT_REQUEST),
                PaperForm.REFUSAL: ("03", REFUSAL),
                PaperForm.APOLOGY: ("04", APOLOGY_2018),
                PaperForm.CONTROL_SLIP: ("05", CONTROL_SLIP),
                PaperForm.REGISTER_BOOK: ("06", REGISTER_BOOK),
                PaperForm.STOP_NOTICE: ("", STOP_NOTICE),
            },
        ),
    ),
    (
        date(2025, 9, 15),
        _of(
            "TT 03/2025/TT-VPCP",
            {
                PaperForm.RECEIPT: ("01", RECEIPT),
                PaperForm.SUPPLEMENT_REQUEST: ("02", SUPPLEMENT_REQUEST),
                PaperForm.REFUSAL: ("03", REFUSAL),
                PaperForm.APOLOGY: ("04", APOLOGY_2025),
                PaperForm.STOP_NOTICE: ("05", STOP_NOTICE),
                PaperForm.CONTROL_SLIP: ("06", CONTROL_SLIP),
                PaperForm.REGISTER_BOOK: ("07", REGISTER_BOOK),
            },
        ),
    ),
)
"""The forms in force from a day on, oldest first. Sources: TT 01/2018 Đ.9; TT 03/2025 as lists of its forms have it.

Since 5 August 2026 the Ministry of Justice sets the forms (NĐ 309/2026); until its forms are known the last ones stay.
"""


def form_on(meaning: PaperForm, day: date) -> Form:
    """The form in force on a local day; before the first circular that is known, the form of that one."""
    in_force = [forms for since, forms in EDITIONS if since <= day]
    return (in_force or [EDITIONS[0][1]])[-1][meaning]
