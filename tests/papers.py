"""Papers of invented people, a small application that shows them as the desk's page does, and eyes that read them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

import pypdfium2
import zxingcpp
from flask import Flask, render_template
from flask_babel import Babel
from jinja2 import StrictUndefined

from desk_client.paper.confirmation import ConfirmationView, Declared, MachineLine
from desk_client.paper.control_slip import ControlSlipView, HandOver
from desk_client.paper.notices import NoticeView
from desk_client.paper.sheet import Heading, PaperPage, Sheet
from desk_client.paper.slip import SlipDossier, SlipPaper, SlipView
from desk_client.web.guard import HEADERS
from sync_protocol.calendars import TimeLimit
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Cause, Channel, Declaration, DeliveryMethod, LimitUnit, PaperForm

POINTS_PER_MM = 72 / 25.4
DOTS_PER_POINT = 3
"""Pictures are taken with 216 dots an inch, as a cheap scanner takes them."""

CODE = "H62.11.01-211004-0001"
RECEIVED_AT = datetime(2021, 10, 4, 8, 15, tzinfo=LOCAL)
DUE_AT = datetime(2021, 10, 7, 17, 0, tzinfo=LOCAL)

HEADING = Heading(
    unit_name="Ủy ban nhân dân phường Tích Sơn",
    desk_name="Bộ phận Tiếp nhận và Trả kết quả",
    place="Tích Sơn",
    printed_on=date(2021, 10, 4),
)

DOSSIER = SlipDossier(
    code=CODE,
    procedure_name="Đăng ký khai sinh",
    summary="Đăng ký khai sinh cho con Nguyễn Hoàng Bảo Ngọc",
    papers=(
        SlipPaper(name="Tờ khai đăng ký khai sinh", originals=1),
        SlipPaper(name="Giấy chứng sinh", originals=1),
        SlipPaper(name="Giấy chứng nhận kết hôn của cha, mẹ (nếu có)", certified_copies=1),
        SlipPaper(name="Giấy xác nhận nơi cư trú của người yêu cầu", photocopies=2),
    ),
    set_count=1,
    limit=TimeLimit(value=Decimal(3), unit=LimitUnit.WORKING_DAY),
    due_at=DUE_AT,
)

SLIP = SlipView(
    heading=HEADING,
    code=CODE,
    dossiers=(DOSSIER,),
    receiving_unit="Bộ phận Tiếp nhận và Trả kết quả phường Tích Sơn",
    submitter_name="Nguyễn Hoàng Dũng",
    channel=Channel.DIRECT,
    owner_name="Nguyễn Hoàng Bảo Ngọc",
    address="Số 12, ngõ 5, đường Lam Sơn, phường Tích Sơn, thành phố Vĩnh Yên",
    phone="0987000111",
    email="dung.nh@example.vn",
    received_at=RECEIVED_AT,
    delivery_method=DeliveryMethod.COUNTER,
    clerk_name="Trần Thị Thu Hường",
    hotline="0987000555",
)

SUPPLEMENT_REQUEST = NoticeView(
    heading=HEADING,
    form=PaperForm.SUPPLEMENT_REQUEST,
    happened_on=date(2021, 10, 5),
    code=CODE,
    submitter_name="Nguyễn Hoàng Dũng",
    owner_name="Nguyễn Hoàng Bảo Ngọc",
    address=SLIP.address,
    phone="0987000111",
    email="dung.nh@example.vn",
    request="Đăng ký khai sinh",
    received_at=RECEIVED_AT,
    reason="Giấy chứng sinh chưa có dấu của cơ sở y tế",
    papers=("Giấy chứng sinh có dấu của cơ sở y tế", "Bản sao giấy chứng nhận kết hôn của cha, mẹ"),
    until_on=date(2021, 10, 20),
    contact="bà Trần Thị Thu Hường",
    phone_of_contact="0987000555",
    signer_name="Trần Thị Thu Hường",
)
REFUSAL = replace(
    SUPPLEMENT_REQUEST,
    form=PaperForm.REFUSAL,
    code="",
    papers=(),
    until_on=None,
    reason="Hồ sơ thuộc thẩm quyền giải quyết của xã Thanh Trù, nơi cư trú của mẹ",
)
APOLOGY = replace(
    SUPPLEMENT_REQUEST,
    form=PaperForm.APOLOGY,
    papers=(),
    until_on=None,
    reason="Cần xác minh nơi cư trú của cha, mẹ với xã Thanh Trù",
    due_at=DUE_AT,
    new_due_on=date(2021, 10, 12),
    signer_name="Phạm Quốc Khánh",
)
STOP_NOTICE = replace(
    SUPPLEMENT_REQUEST,
    form=PaperForm.STOP_NOTICE,
    papers=(),
    reason="Không nộp giấy chứng sinh có dấu của cơ sở y tế",
    signer_name="Phạm Quốc Khánh",
)

CONTROL_SLIP = ControlSlipView(
    heading=HEADING,
    code=CODE,
    opened_on=date(2021, 10, 4),
    owner_name="Nguyễn Hoàng Bảo Ngọc",
    request="Đăng ký khai sinh",
    received_at=RECEIVED_AT,
    due_at=DUE_AT,
    competent_unit="Ủy ban nhân dân phường Tích Sơn",
    hand_overs=(
        HandOver(
            giver="Trần Thị Thu Hường – Bộ phận Một cửa",
            taker="Lê Văn Tịnh – Tư pháp, hộ tịch",
            handed_at=datetime(2021, 10, 4, 9, 30, tzinfo=LOCAL),
        ),
        HandOver(
            giver="Lê Văn Tịnh – Tư pháp, hộ tịch",
            taker="Trần Thị Thu Hường – Bộ phận Một cửa",
            handed_at=datetime(2021, 10, 6, 15, 5, tzinfo=LOCAL),
            result="Trước hạn",
            note="Kèm giấy khai sinh",
        ),
    ),
)

CONFIRMATION = ConfirmationView(
    heading=replace(HEADING, printed_on=date(2021, 10, 21)),
    first_on=date(2021, 9, 21),
    last_on=date(2021, 10, 20),
    machines=(
        MachineLine(
            name="Máy 1 – quầy tiếp nhận", last_statement_at=datetime(2021, 10, 21, 7, 42, tzinfo=LOCAL), unsent=0
        ),
        MachineLine(
            name="Máy 2 – quầy trả kết quả", last_statement_at=datetime(2021, 10, 18, 16, 40, tzinfo=LOCAL), unsent=3
        ),
    ),
    entered=32,
    arrived=29,
    arrived_at=datetime(2021, 10, 21, 7, 42, tzinfo=LOCAL),
    threshold=50,
    evidence="Đã nhập 32 hồ sơ, trong đó 29 hồ sơ đã đến máy chủ; 3 hồ sơ còn ở Máy 2 từ 16:40 ngày 18/10/2021.",
    declared=Declared(
        declaration=Declaration.COMPLETE,
        clerk_name="Trần Thị Thu Hường",
        declared_at=datetime(2021, 10, 21, 8, 5, tzinfo=LOCAL),
    ),
    cause=Cause.NO_NETWORK,
    note="Máy 2 đứt mạng từ chiều 18/10 do mưa lớn, đã báo sửa.",
    paper_register_last="412",
    certification_book_last="1875",
    clerk_name="Trần Thị Thu Hường",
    head_name="Phạm Quốc Khánh",
)


def paper_app(sheets: Mapping[str, Sheet]) -> Flask:
    """Shows each sheet under its name, with the templates, the files and the headers of the desk's own pages."""
    folder = files("desk_client.web")
    app = Flask(__name__, template_folder=str(folder / "templates"), static_folder=str(folder / "static"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    catalogues = str(files("desk_client") / "locale")
    Babel(app, default_locale="vi", default_translation_directories=catalogues)
    app.context_processor(lambda: {"language": "vi"})

    @app.get("/<name>")
    def paper(name: str) -> str:
        page = PaperPage(sheet=sheets[name], pdf_url=f"/{name}.pdf", back_url="/")
        return render_template("paper_sheet.html", page=page)

    app.after_request(lambda response: (response.headers.update(HEADERS), response)[1])
    return app


def shown(sheet: Sheet) -> str:
    """The page of a sheet."""
    return paper_app({"sheet": sheet}).test_client().get("/sheet").text


def page_texts(pdf: bytes) -> list[str]:
    """What stands on each page, as a reader copies it out, without any white space: lines may end anywhere."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [_squeezed(page.get_textpage().get_text_range()) for page in document]


def says(pdf: bytes, text: str) -> bool:
    """Whether a text stands somewhere on the paper, on one page or running over to the next."""
    return _squeezed(text) in "".join(page_texts(pdf))


def sizes_mm(pdf: bytes) -> set[tuple[int, int]]:
    """Sizes of the pages."""
    with pypdfium2.PdfDocument(pdf) as document:
        sizes = [page.get_size() for page in document]
    return {(round(width / POINTS_PER_MM), round(height / POINTS_PER_MM)) for width, height in sizes}


def symbols(pdf: bytes) -> list[tuple[str, int]]:
    """What a scanner reads from a picture of the first page, and how wide each symbol is, in mm without its border."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=DOTS_PER_POINT).to_pil()
    found = zxingcpp.read_barcodes(picture)
    dots_per_mm = DOTS_PER_POINT * POINTS_PER_MM
    return [(each.text, round((each.position.top_right.x - each.position.top_left.x) / dots_per_mm)) for each in found]


def _squeezed(text: str) -> str:
    # The reader marks a hyphen at the end of a line with a letter of its own.
    return "".join(text.replace("\ufffe", "-").split())
