"""The papers of a dossier: each form as a sheet, made of what is stored and of what happened, and its prints."""

from dataclasses import replace
from typing import Any

from desk_client.desk import Desk
from desk_client.paper.control_slip import ControlSlipView, HandOver, control_slip_sheet
from desk_client.paper.notices import NoticeView, StopGround, notice_sheet
from desk_client.paper.sheet import Heading, Reprint, Sheet
from desk_client.paper.slip import SlipDossier, SlipPaper, SlipView, slip_sheet
from desk_client.services.heading import heading_of
from desk_client.services.history import HistoryLine, history, prints_of
from desk_client.services.lifecycle import dossier_of, record_print
from desk_client.services.signing_in import head_name, name_of
from desk_client.services.viewing import PAPER_OF, forms_of, holder_of
from desk_client.storage import dossiers
from desk_client.storage.database import reading
from desk_client.storage.dossiers import Stored
from sync_protocol.calendars import TimeLimit
from sync_protocol.deadlines import DueState, state_of
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Extended, Forwarded, SupplementExpired
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.procedures import Procedure, WaitPolicy, limit_among
from sync_protocol.vocabulary import DeliveryMethod, EventKind, PaperForm

GROUNDS = {
    EventKind.STOP: StopGround.STOPPED,
    EventKind.SEND_BACK: StopGround.SENT_BACK,
    EventKind.SUPPLEMENT_EXPIRED: StopGround.EXPIRED,
}
PAPERS_PARTED_BY = ";"
"""What stands between the papers of a supplement request, which an entry holds in one line."""

NOT_BROUGHT = "Không nộp bổ sung hồ sơ trong thời hạn đã thông báo"
RESULTS = {DueState.EARLY: "Trước hạn", DueState.ON_TIME: "Đúng hạn", DueState.LATE: "Trễ hạn"}


class NoSuchPaper(FieldSyncError):
    """A form that the dossier does not have, or a print that was never made."""

    code = "no_such_paper"
    text = N_("There is no such paper of this dossier. Nothing was printed or changed; go back to the dossier.")


def sheet_of(desk: Desk, ref: str, form: PaperForm, copy: int | None = None) -> Sheet:
    """A form as it was printed, the last print unless another is asked for; raises NoSuchPaper, UnknownDossier."""
    stored = holder_of(desk, dossier_of(desk, ref), form)
    lines = history(desk, stored.dossier.id)
    prints = prints_of(lines, form)
    if form not in forms_of(stored.dossier, lines) or not 0 <= (copy or 0) <= len(prints):
        raise NoSuchPaper
    return _sheet(desk, stored, lines, form, _heading(desk, prints, copy or len(prints)))


def prints_so_far(desk: Desk, ref: str, form: PaperForm) -> int:
    """How often a form was printed; raises UnknownDossier."""
    stored = holder_of(desk, dossier_of(desk, ref), form)
    return len(prints_of(history(desk, stored.dossier.id), form))


def print_paper(desk: Desk, ref: str, form: PaperForm, *, clerk: str) -> int:
    """Notes that a form is printed; gives which print it is, 1 for the first. Raises NoSuchPaper, UnknownDossier."""
    stored = holder_of(desk, dossier_of(desk, ref), form)
    if form not in forms_of(stored.dossier, history(desk, stored.dossier.id)):
        raise NoSuchPaper
    return record_print(desk, stored.dossier.id, form, clerk=clerk)


def _heading(desk: Desk, prints: list[HistoryLine], copy: int) -> Heading:
    """The head of a print: the day is that of the first one, and every later one is marked."""
    heading = heading_of(desk)
    if not prints:
        return heading
    reprint = Reprint(number=copy, at=prints[copy - 1].happened_at) if copy > 1 else None
    return replace(heading, printed_on=local_date(prints[0].happened_at), reprint=reprint)


def _sheet(desk: Desk, stored: Stored, lines: list[HistoryLine], form: PaperForm, heading: Heading) -> Sheet:
    match form:
        case PaperForm.RECEIPT:
            return slip_sheet(_slip(desk, stored, heading))
        case PaperForm.CONTROL_SLIP:
            return control_slip_sheet(_control_slip(desk, stored, lines, heading))
        case _:
            line = next(each for each in reversed(lines) if PAPER_OF.get(each.kind) is form and each.has_effect)
            return notice_sheet(_notice(desk, stored, line, heading))


def _slip(desk: Desk, stored: Stored, heading: Heading) -> SlipView:
    packs, dossier = desk.packs(), stored.dossier
    with reading(desk.database):
        together = dossiers.of_slip(dossier.slip_code) or [stored]
    owner_name = stored.text("owner_name")
    return SlipView(
        heading=heading,
        code=dossier.slip_code,
        dossiers=tuple(_slip_dossier(packs, each, owner_name) for each in together),
        receiving_unit=packs.desk.name,
        submitter_name=stored.text("submitter_name"),
        channel=dossier.channel,
        owner_name=owner_name,
        address=stored.text("address_text"),
        phone=stored.text("phone"),
        email=stored.text("email"),
        received_at=dossier.received_at,
        delivery_method=DeliveryMethod(stored.text("delivery_method")),
        clerk_name=name_of(desk, dossier.received_by),
        hotline=packs.desk.phone,
    )


def _slip_dossier(packs: Packs, stored: Stored, owner_name: str) -> SlipDossier:
    dossier, procedure = stored.dossier, _version(packs, stored)
    name = procedure.name if procedure else dossier.procedure_code
    summary, owner = stored.text("summary"), stored.text("owner_name")
    return SlipDossier(
        code=dossier.dossier_code,
        procedure_name=name,
        set_count=int(stored.content.get("set_count", 1)),
        summary="" if summary == name else summary,
        papers=tuple(SlipPaper(**each) for each in stored.content.get("components", ())),
        limit=_legal_limit(packs, stored),
        due_at=stored.due_at,
        competent_unit=stored.text("competent_unit"),
        is_out_of_area=dossier.out_of_area,
        owner_name="" if owner == owner_name else owner,
    )


def _notice(desk: Desk, stored: Stored, line: HistoryLine, heading: Heading) -> NoticeView:
    packs, dossier, form = desk.packs(), stored.dossier, PAPER_OF[line.kind]
    is_of_head = form in (PaperForm.APOLOGY, PaperForm.STOP_NOTICE)
    rules = packs.desk.rules.on(local_date(line.happened_at))
    return NoticeView(
        heading=heading,
        form=form,
        happened_on=local_date(line.happened_at),
        code=dossier.dossier_code,
        submitter_name=stored.text("submitter_name"),
        owner_name=stored.text("owner_name"),
        address=stored.text("address_text"),
        phone=stored.text("phone"),
        email=stored.text("email"),
        request=stored.text("summary") or _request(packs, stored),
        received_at=dossier.received_at if dossier.dossier_code else None,
        clock_restarts=rules.supplement_policy is WaitPolicy.RESTART,
        contact=name_of(desk, line.clerk),
        phone_of_contact=packs.desk.phone,
        signer_name=head_name(desk) if is_of_head else name_of(desk, line.clerk),
        **_said(line),
    )


def _said(line: HistoryLine) -> dict[str, Any]:
    """What the event itself gives to its letter."""
    payload: Any = line.payload
    match line.kind:
        case EventKind.REQUEST_SUPPLEMENT:
            papers = tuple(filter(None, (part.strip() for part in payload.papers.split(PAPERS_PARTED_BY))))
            return {"reason": payload.reason, "papers": papers, "until_on": payload.until_on}
        case EventKind.EXTEND:
            assert isinstance(payload, Extended)
            due_at = next((change.before for change in line.changes if change.field == "due_at"), None)
            return {"reason": payload.reason, "due_at": due_at, "new_due_on": payload.due_on}
        case EventKind.SUPPLEMENT_EXPIRED:
            assert isinstance(payload, SupplementExpired)
            reason = payload.reason or NOT_BROUGHT
            return {"reason": reason, "until_on": payload.expired_on, "ground": GROUNDS[line.kind]}
        case EventKind.STOP | EventKind.SEND_BACK:
            return {"reason": payload.reason, "ground": GROUNDS[line.kind]}
        case _:
            return {"reason": payload.reason}


def _control_slip(desk: Desk, stored: Stored, lines: list[HistoryLine], heading: Heading) -> ControlSlipView:
    packs, dossier = desk.packs(), stored.dossier
    hand_overs = _hand_overs(desk, stored, lines)
    first_at = hand_overs[0].handed_at if hand_overs else dossier.received_at
    return ControlSlipView(
        heading=heading,
        code=dossier.dossier_code,
        opened_on=local_date(first_at),
        owner_name=stored.text("owner_name"),
        request=stored.text("summary") or _request(packs, stored),
        received_at=dossier.received_at,
        due_at=stored.due_at,
        competent_unit=stored.text("competent_unit"),
        hand_overs=hand_overs,
    )


def _hand_overs(desk: Desk, stored: Stored, lines: list[HistoryLine]) -> tuple[HandOver, ...]:
    """From the desk to officers and agencies, and with the result back to the desk."""
    holder = ""
    hand_overs: list[HandOver] = []
    for line in (each for each in lines if each.has_effect):
        clerk = name_of(desk, line.clerk)
        if isinstance(line.payload, Forwarded):
            said = line.payload
            taker = " – ".join(filter(None, (said.case_officer, said.to_unit)))
            hand_overs.append(HandOver(giver=holder or clerk, taker=taker, handed_at=line.happened_at, note=said.note))
            holder = taker
        elif line.kind is EventKind.RESOLVE and holder:
            hand_overs.append(
                HandOver(giver=holder, taker=clerk, handed_at=line.happened_at, result=_in_time(desk, stored))
            )
    return tuple(hand_overs)


def _in_time(desk: Desk, stored: Stored) -> str:
    """Whether the result came early, on time or late; "" where nothing was promised."""
    dossier = stored.dossier
    state = state_of(
        dossier.stage,
        due_at=stored.due_at,
        resolved_at=dossier.resolved_at,
        now=desk.working_now(),
        calendar=desk.packs().calendar,
    )
    return RESULTS.get(state, "")


def _version(packs: Packs, stored: Stored) -> Procedure | None:
    procedure = packs.procedures.get(stored.dossier.procedure_code)
    return (procedure.version_on(stored.dossier.received_on) or procedure) if procedure else None


def _request(packs: Packs, stored: Stored) -> str:
    version = _version(packs, stored)
    return version.name if version else stored.dossier.procedure_code


def _legal_limit(packs: Packs, stored: Stored) -> TimeLimit | None:
    """The limit by law; where only the one that the unit has promised is known, that one."""
    dossier = stored.dossier
    own = limit_among(packs.desk.limits.get(dossier.procedure_code, ()), dossier.received_on, dossier.channel)
    procedure = packs.procedures.get(dossier.procedure_code)
    limit = procedure.limit_on(dossier.received_on, dossier.channel) if procedure else None
    stated = [each for each in (limit, own) if each]
    by_law = next((each.statutory for each in stated if each.statutory), None)
    return by_law or next((each.appointment for each in (own, limit) if each), None)
