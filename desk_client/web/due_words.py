"""How a dossier stands to its appointment, in a few words and with the colour that they have everywhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk_client.web.formatting import number
from desk_client.web.speech import gettext
from sync_protocol.deadlines import DUE_SOON_WORKING_DAYS, DueState
from sync_protocol.dossiers import OPEN
from sync_protocol.errors import N_
from sync_protocol.vocabulary import DossierStage


class Tone(StrEnum):
    """How loudly something is said; the page gives each its colour and its sign."""

    CALM = "calm"
    DONE = "done"
    SOON = "soon"
    LATE = "late"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWords:
    """The words and their tone; "" where there is nothing to say."""

    text: str
    tone: Tone


FIXED = {
    DueState.NO_LIMIT: (N_("no time limit"), Tone.CALM),
    DueState.DUE_TODAY: (N_("due today"), Tone.SOON),
    DueState.EARLY: (N_("resolved early"), Tone.DONE),
    DueState.ON_TIME: (N_("resolved on time"), Tone.DONE),
    DueState.LATE: (N_("resolved late"), Tone.CALM),
    DueState.NOT_JUDGED: ("", Tone.CALM),
}

HELD = {
    DossierStage.AWAITING_SUPPLEMENT: N_("waiting for papers, the clock is held"),
    DossierStage.AWAITING_PAYMENT: N_("waiting for the payment, the clock is held"),
}


def due_words(state: DueState, stage: DossierStage, days_left: int | None) -> DueWords:
    """``còn 2 ngày làm việc``, ``quá hạn 1 ngày làm việc``, ``đang chờ bổ sung, tạm dừng tính hạn``."""
    if state is DueState.HELD:
        return DueWords(text=gettext(HELD[stage]), tone=Tone.HELD)
    if state in FIXED:
        text, tone = FIXED[state]
        return DueWords(text=gettext(text) if text else "", tone=tone)
    assert days_left is not None, "an open dossier with an appointment has days left"
    if state is DueState.OVERDUE:
        return DueWords(text=gettext("overdue by working days: %(days)s", days=number(-days_left)), tone=Tone.LATE)
    tone = Tone.SOON if state is DueState.DUE_SOON else Tone.CALM
    return DueWords(text=gettext("working days left: %(days)s", days=number(days_left)), tone=tone)


def running_words(stage: DossierStage, due_at: datetime | None, days_left: int | None) -> DueWords:
    """The same of a dossier in a list, which knows its days left only while they run, and whose stage stands beside."""
    if stage in HELD:
        return DueWords(text=gettext("the clock is held"), tone=Tone.HELD)
    if days_left is None:
        is_silent = due_at is not None or stage not in OPEN
        return due_words(DueState.NOT_JUDGED if is_silent else DueState.NO_LIMIT, stage, None)
    if days_left <= 0:
        return due_words(DueState.OVERDUE if days_left else DueState.DUE_TODAY, stage, days_left)
    state = DueState.DUE_SOON if days_left <= DUE_SOON_WORKING_DAYS else DueState.IN_TIME
    return due_words(state, stage, days_left)
