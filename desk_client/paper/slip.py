"""The slip (giấy tiếp nhận hồ sơ và hẹn trả kết quả), form 01: what the citizen leaves the desk with.

Its lines are those of deployed one-stop software, less the identity number: the paper lies about on counters, and
nobody needs the number to hand a result over (it stands in the dossier).
"""

from dataclasses import dataclass
from datetime import datetime

from desk_client.paper.forms import form_on
from desk_client.paper.sheet import (
    Block,
    Column,
    Fact,
    Heading,
    Highlight,
    Paragraph,
    Section,
    Sheet,
    Signature,
    Table,
    composed,
    facts,
    numbered,
    reached_at,
)
from desk_client.paper.words import (
    CHANNELS,
    DELIVERY_METHODS,
    NO_LIMIT,
    copies_words,
    instant_words,
    limit_words,
)
from sync_protocol.calendars import TimeLimit
from sync_protocol.instants import local_date
from sync_protocol.vocabulary import Channel, DeliveryMethod, PaperForm

NOT_YET_KNOWN = "Báo sau, khi cơ quan giải quyết nhận được hồ sơ"
OUT_OF_AREA = (
    "Hồ sơ được tiếp nhận không phụ thuộc địa giới hành chính. Thời hạn giải quyết tính từ khi cơ quan giải quyết"
    " nhận được hồ sơ."
)
PAPER_COLUMNS = (
    Column("STT", 8),
    Column("Thành phần hồ sơ nộp gồm", 61, is_centred=False),
    Column("Bản chính", 15),
    Column("Bản sao chứng thực", 20),
    Column("Bản chụp", 15),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPaper:
    """A paper of a dossier, and in how many copies of each kind it was handed in."""

    name: str
    originals: int = 0
    certified_copies: int = 0
    photocopies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipDossier:
    """One dossier on a slip.

    summary         what is asked for, "" where the procedure's name says it
    limit           the legal one, None for a procedure without
    due_at          the appointment, None without a limit or while the limit does not run yet
    competent_unit  who decides, "" for the desk's own unit
    owner_name      "" for the owner that the slip names
    """

    code: str
    procedure_name: str
    set_count: int
    summary: str = ""
    papers: tuple[SlipPaper, ...] = ()
    limit: TimeLimit | None = None
    due_at: datetime | None = None
    competent_unit: str = ""
    is_out_of_area: bool = False
    owner_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipView:
    """What a slip says; instants are aware, texts as they were typed.

    code            under which the slip was printed: that of its first dossier
    dossiers        at least one
    receiving_unit  the desk in ordinary case, such as ``Bộ phận Một cửa phường Tích Sơn``
    hotline         telephone of the desk, "" if it has none
    look_up_note    how this province lets people ask after a dossier, "" for the desk's telephone alone
    """

    heading: Heading
    code: str
    dossiers: tuple[SlipDossier, ...]
    receiving_unit: str
    submitter_name: str
    channel: Channel
    owner_name: str
    address: str
    phone: str
    email: str
    received_at: datetime
    delivery_method: DeliveryMethod
    clerk_name: str
    hotline: str = ""
    look_up_note: str = ""


def slip_sheet(view: SlipView) -> Sheet:
    """The slip by the form in force on the day of reception."""
    assert view.dossiers, "a slip is about a dossier"
    view = composed(view)
    return Sheet(
        heading=view.heading,
        form=form_on(PaperForm.RECEIPT, local_date(view.received_at)),
        code=view.code,
        blocks=(_people(view), *_dossiers(view), Paragraph(_advice(view), is_note=True)),
        signatures=(
            Signature(role="Người nộp hồ sơ", name=view.submitter_name),
            Signature(role="Người tiếp nhận hồ sơ", name=view.clerk_name),
        ),
    )


def _people(view: SlipView) -> Block:
    return facts(
        Fact("Đơn vị tiếp nhận", view.receiving_unit),
        Fact("Tiếp nhận hồ sơ của", f"{view.submitter_name} ({CHANNELS[view.channel]})", is_strong=True),
        Fact("Chủ hồ sơ", view.owner_name, is_strong=True),
        Fact("Địa chỉ", view.address),
        reached_at(view.phone, view.email),
        Fact("Thời gian nhận hồ sơ", instant_words(view.received_at)),
    )


def _dossiers(view: SlipView) -> tuple[Block, ...]:
    collected = DELIVERY_METHODS[view.delivery_method]
    if len(view.dossiers) == 1:
        (dossier,) = view.dossiers
        promise = Highlight("Thời gian trả kết quả", _appointment(dossier), f"Đăng ký nhận kết quả: {collected}")
        return (*_dossier(dossier), promise)
    blocks: list[Block] = []
    for number, dossier in enumerate(view.dossiers, start=1):
        blocks.append(Section(f"Hồ sơ {number}/{len(view.dossiers)}: {dossier.code}"))
        blocks.extend(_dossier(dossier))
        blocks.append(facts(Fact("Thời gian trả kết quả", _appointment(dossier), is_strong=True)))
    return (*blocks, facts(Fact("Đăng ký nhận kết quả", collected, is_strong=True)))


def _dossier(dossier: SlipDossier) -> tuple[Block, ...]:
    papers = (Table(columns=PAPER_COLUMNS, rows=_paper_rows(dossier.papers)),) if dossier.papers else ()
    note = (Paragraph(OUT_OF_AREA, is_note=True),) if dossier.is_out_of_area else ()
    return (
        facts(
            Fact("Chủ hồ sơ", dossier.owner_name, is_strong=True),
            Fact("Nội dung yêu cầu giải quyết", dossier.procedure_name, is_strong=True),
            Fact("Trích yếu", dossier.summary),
            Fact("Cơ quan giải quyết", dossier.competent_unit),
        ),
        *papers,
        facts(
            Fact("Số lượng hồ sơ", f"{copies_words(dossier.set_count)} bộ"),
            Fact("Thời hạn theo quy định", limit_words(dossier.limit)),
        ),
        *note,
    )


def _paper_rows(papers: tuple[SlipPaper, ...]) -> tuple[tuple[str, ...], ...]:
    return numbered(
        tuple(
            (paper.name, _copies(paper.originals), _copies(paper.certified_copies), _copies(paper.photocopies))
            for paper in papers
        )
    )


def _copies(count: int) -> str:
    return copies_words(count) if count else "–"


def _appointment(dossier: SlipDossier) -> str:
    if dossier.due_at:
        return instant_words(dossier.due_at)
    return NOT_YET_KNOWN if dossier.limit else NO_LIMIT


def _advice(view: SlipView) -> str:
    hotline = f", điện thoại {view.hotline}" if view.hotline else ""
    own = f"Khi cần hỏi về hồ sơ, đề nghị báo mã hồ sơ trên giấy này cho {view.receiving_unit}{hotline}."
    return f"{own} {view.look_up_note}".strip()
