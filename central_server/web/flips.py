"""The changes of a desk's standing as rows of its page: from what to what, when, and what caused it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from central_server.services.devices import STATE_NAMES
from central_server.services.flips import Flip, FlipCause
from central_server.services.past import flips_of
from central_server.services.standing import DeskStory
from central_server.web.formatting import number
from central_server.web.present import central
from central_server.web.speech import gettext
from central_server.web.words import DECLARATION_NAMES, LOOKS, Word
from sync_protocol.errors import N_
from sync_protocol.vocabulary import Standing

ROWS_MAX = 40

OPEN_NAMES: Mapping[Standing, str] = {
    Standing.ZERO: N_("Nothing entered yet"),
    Standing.FEW: N_("Below the level so far"),
}
"""While a period is open, the words do not accuse."""

NAMES: Mapping[Standing, str] = {
    Standing.MET: N_("Met the level"),
    Standing.FEW: N_("Below the level (confirmed)"),
    Standing.ZERO: N_("No dossiers (confirmed)"),
    Standing.HELD: N_("Entered, not sent yet"),
    Standing.SILENT: N_("Not known – no connection"),
    Standing.NEVER_HEARD: N_("No contact in the period"),
    Standing.NO_DEVICE: N_("No machine in use yet"),
    Standing.ELSEWHERE: N_("No figures from other software yet"),
    Standing.UNDER_REVIEW: N_("Being verified"),
    Standing.EXEMPT: N_("Not judged in this period"),
}

CAUSES: Mapping[FlipCause, str] = {
    FlipCause.RULED: N_("The province ruled how it is judged"),
    FlipCause.STATE_CHANGED: N_("A machine of the desk: now %(state)s"),
    FlipCause.RELEASED: N_("%(count)s dossiers were decided about"),
    FlipCause.SET_ASIDE: N_("%(count)s dossiers were set aside"),
    FlipCause.DECLARED: N_("The desk declared: %(word)s"),
    FlipCause.STATED_UNSENT: N_("The machine stated %(count)s dossiers not sent"),
    FlipCause.ARRIVED: N_("%(count)s dossiers arrived"),
    FlipCause.TAKEN_AWAY: N_("%(count)s dossiers were voided or moved to another period"),
    FlipCause.CONTACT: N_("The machine was in contact"),
    FlipCause.PERIOD_ENDED: N_("The period ended"),
    FlipCause.NO_CONTACT: N_("No contact for more than a working day"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipRow:
    """A change of standing in the words of the page."""

    at: datetime
    before: Word
    after: Word
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipSection:
    """The changes of a desk's standing, newest first; only the last ROWS_MAX of `count` are there."""

    rows: Sequence[FlipRow]
    count: int


def flip_section(story: DeskStory) -> FlipSection:
    """The changes of a desk's standing in the period of its story."""
    found = flips_of(central(), story)
    return FlipSection(rows=[_row(flip, story) for flip in found[: -ROWS_MAX - 1 : -1]], count=len(found))


def _row(flip: Flip, story: DeskStory) -> FlipRow:
    is_open = flip.at < story.period.ends_at
    return FlipRow(
        at=flip.at,
        before=_word(flip.before, is_open=is_open or flip.at == story.period.ends_at),
        after=_word(flip.after, is_open=is_open),
        cause=gettext(
            CAUSES[flip.cause],
            count=number(flip.count),
            state=gettext(STATE_NAMES[flip.state]) if flip.state else "",
            word=gettext(DECLARATION_NAMES[flip.word]) if flip.word else "",
        ),
    )


def _word(standing: Standing, *, is_open: bool) -> Word:
    icon, tone = LOOKS[standing]
    is_soft = is_open and standing in OPEN_NAMES
    text = OPEN_NAMES[standing] if is_soft else NAMES[standing]
    return Word(icon=icon, tone="open" if is_soft else tone, text=gettext(text))
