"""The words for a desk's standing, exactly as the contract has them; while a period is open they do not accuse."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from central_server.services.standing import DeskStory, Standings
from central_server.storage.declarations import DeclaredLine
from central_server.web.formatting import DASH, local_time, number, short_day
from central_server.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.events import Declared
from sync_protocol.instants import local_date
from sync_protocol.messages import Language, sentence
from sync_protocol.standings import Judgement
from sync_protocol.vocabulary import Cause, Declaration, EventKind, Role, Standing, VerdictKind


class Group(StrEnum):
    """Under which heading of the standings a desk falls."""

    ZERO = "zero"
    FEW = "few"
    UNKNOWN = "unknown"
    MET = "met"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a period has come: whether it is open, and the share of its working days that have passed."""

    is_open: bool
    pace: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A standing as it is shown: an icon with a word, and the colour that goes with them."""

    icon: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A judgement in the words of the page: the standing, the evidence for it, and who acts next."""

    group: Group
    word: Word
    evidence: str
    next_step: str


ROLE_NAMES = {
    Role.PROVINCE: N_("Province office"),
    Role.AUDITOR: N_("Auditor"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.HEAD: N_("Desk head"),
    Role.CLERK: N_("Clerk"),
}

BELOW = (Group.ZERO, Group.FEW)
"""The headings of those below the level, who are asked for the cause."""

GROUPS = {Standing.ZERO: Group.ZERO, Standing.FEW: Group.FEW, Standing.MET: Group.MET, Standing.EXEMPT: Group.EXEMPT}
"""All others are unknown: nobody can say yet whether such a desk entered enough."""

LOOKS = {
    Standing.MET: ("met", "good"),
    Standing.FEW: ("few", "proven"),
    Standing.ZERO: ("zero", "proven"),
    Standing.HELD: ("held", "waiting"),
    Standing.SILENT: ("silent", "unknown"),
    Standing.NEVER_HEARD: ("never_heard", "unknown"),
    Standing.NO_DEVICE: ("no_device", "unknown"),
    Standing.ELSEWHERE: ("elsewhere", "unknown"),
    Standing.UNDER_REVIEW: ("under_review", "waiting"),
    Standing.EXEMPT: ("exempt", "plain"),
}

NAMES = {
    Standing.MET: N_("Reached the level (%(threshold)s or more)"),
    Standing.FEW: N_("Entered fewer than %(threshold)s (confirmed)"),
    Standing.ZERO: N_("No dossiers (confirmed)"),
    Standing.HELD: N_("Entered, not sent yet"),
    Standing.SILENT: N_("Not known – no connection since %(day)s"),
    Standing.NEVER_HEARD: N_("No contact in the period"),
    Standing.NO_DEVICE: N_("No machine in use yet"),
    Standing.ELSEWHERE: N_("No figures from other software yet"),
    Standing.UNDER_REVIEW: N_("Being verified"),
    Standing.EXEMPT: N_("Not judged in this period"),
}


CAUSE_NAMES = {
    Cause.NO_NETWORK: N_("No network"),
    Cause.MACHINE_BROKEN: N_("The machine was broken"),
    Cause.STAFF: N_("Too few staff"),
    Cause.NOTHING_AROSE: N_("Nothing arose"),
    Cause.OTHER_SOFTWARE: N_("Entered in other software"),
    Cause.OTHER: N_("Another cause"),
}

DECLARATION_NAMES = {
    Declaration.COMPLETE: N_("All dossiers of the period are entered"),
    Declaration.NIL: N_("No dossier arose in the period"),
}

VERDICT_NAMES = {
    VerdictKind.QUARANTINED: N_("Set aside"),
    VerdictKind.FUTURE: N_("Waits for a newer version"),
    VerdictKind.CONFLICT: N_("Edited differently on two machines"),
}
"""The verdicts that wait for a person, or for this program to be updated."""


KIND_NAMES: dict[str, str] = {
    EventKind.OPEN_EPOCH: N_("Beginning of a journal"),
    EventKind.ADOPT_PACKS: N_("Lists taken over"),
    EventKind.DECLARE: N_("Confirmation of a period"),
    EventKind.ANSWER: N_("The desk's answer"),
    EventKind.REGISTER: N_("Filed online"),
    EventKind.RECEIVE: N_("Reception"),
    EventKind.REFUSE_AT_DESK: N_("Not accepted"),
    EventKind.FORWARD: N_("Forwarded"),
    EventKind.REQUEST_SUPPLEMENT: N_("Missing papers asked for"),
    EventKind.SUPPLEMENT_RECEIVED: N_("Missing papers received"),
    EventKind.SUPPLEMENT_EXPIRED: N_("Waiting for papers ended"),
    EventKind.REQUEST_PAYMENT: N_("Payment asked for"),
    EventKind.PAYMENT_DONE: N_("Payment noted"),
    EventKind.EXTEND: N_("Appointment moved with an apology"),
    EventKind.RESOLVE: N_("Result noted"),
    EventKind.DELIVER: N_("Result handed over"),
    EventKind.WITHDRAW: N_("Withdrawn by the applicant"),
    EventKind.SEND_BACK: N_("Sent back unprocessed"),
    EventKind.STOP: N_("Stopped"),
    EventKind.CORRECT: N_("Corrected"),
    EventKind.VOID: N_("Taken out of every count"),
    EventKind.RATE: N_("Rated by the citizen"),
    EventKind.PRINT: N_("Printed"),
}
"""What an entry says, by its kind; the same words as at the desk."""


def course_of(told: Standings | DeskStory) -> Course:
    """How far the period of these figures has come."""
    return Course(is_open=told.is_open, pace=told.pace)


def tell(judgement: Judgement, course: Course, language: Language) -> Told:
    """A judgement in the words of the page."""
    is_soft = course.is_open and judgement.standing in (Standing.ZERO, Standing.FEW)
    return Told(
        group=group_of(judgement, course),
        word=_open_word(judgement, course) if is_soft else _word(judgement),
        evidence=sentence(judgement.evidence, language),
        next_step=_open_step(judgement, course) if is_soft else sentence(judgement.next_step, language),
    )


def group_of(judgement: Judgement, course: Course) -> Group:
    """The heading under which a desk falls; whoever keeps pace with an open period counts with those who met it."""
    group = GROUPS.get(judgement.standing, Group.UNKNOWN)
    if course.is_open and group in BELOW and not _is_behind(judgement, course):
        return Group.MET
    return group


def known_unsent(judgement: Judgement) -> int | None:
    """What the desk's machines hold back; None where they have not stated so far, since 0 would be a claim."""
    return judgement.unsent if judgement.unsent or judgement.is_covered else None


def declared_words(line: DeclaredLine) -> str:
    """What a desk declared of a period and how it explained that, then who did so and when."""
    said = gettext(DECLARATION_NAMES[line.declared.declaration])
    cause = _cause_words(line.declared)
    books = book_words(line.declared.paper_register_last, line.declared.certification_book_last)
    return "; ".join(filter(None, (f"{said}. {cause}" if cause else said, books, _signed_words(line))))


def is_explained(declared: Declared) -> bool:
    """Whether a desk said more than the word that closes a period."""
    return bool(declared.cause or declared.note or declared.paper_register_last or declared.certification_book_last)


def book_words(register: str, certifications: str) -> str:
    """How far the desk's paper books have come, which a supervisor may compare with what has arrived."""
    words = (
        gettext("paper register up to number %(number)s", number=register) if register else "",
        gettext("book of certifications up to number %(number)s", number=certifications) if certifications else "",
    )
    return ", ".join(filter(None, words))


def _cause_words(declared: Declared) -> str:
    is_told_already = declared.declaration is Declaration.NIL and declared.cause is Cause.NOTHING_AROSE
    cause = gettext(CAUSE_NAMES[declared.cause]) if declared.cause and not is_told_already else ""
    return f" {DASH} ".join(filter(None, (cause, f"«{declared.note}»" if declared.note else "")))


def _signed_words(line: DeclaredLine) -> str:
    """Who declared it and when; while only a statement has told the word, when that came."""
    if not line.clerk:
        return gettext("known since %(at)s", at=local_time(line.stated_at))
    return gettext("clerk %(clerk)s, %(at)s", clerk=line.clerk, at=local_time(line.declared_at))


def _is_behind(judgement: Judgement, course: Course) -> bool:
    return judgement.entered < judgement.threshold * course.pace


def _word(judgement: Judgement) -> Word:
    icon, tone = LOOKS[judgement.standing]
    threshold, day = number(judgement.threshold), _known_until(judgement)
    return Word(icon=icon, tone=tone, text=gettext(NAMES[judgement.standing], threshold=threshold, day=day))


def _open_word(judgement: Judgement, course: Course) -> Word:
    if judgement.entered == 0:
        return Word(icon="zero", tone="open", text=gettext("Nothing entered yet"))
    if _is_behind(judgement, course):
        return Word(icon="few", tone="open", text=gettext("Behind the pace"))
    return Word(icon="met", tone="good", text=gettext("On pace"))


def _open_step(judgement: Judgement, course: Course) -> str:
    if _is_behind(judgement, course):
        return gettext("Supervisor: remind the desk; the period is still open.")
    return gettext("Nothing to do.")


def _known_until(judgement: Judgement) -> str:
    heard_at = judgement.evidence.values.get("heard_at")
    known_until = judgement.covered_until or (heard_at if isinstance(heard_at, datetime) else None)
    return short_day(local_date(known_until)) if known_until else DASH
