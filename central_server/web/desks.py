"""One desk in a period: its standing with the evidence, its days, its machines, and what arrived when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from central_server.services.devices import STATE_NAMES
from central_server.services.field_levels import field_figures
from central_server.services.late_entry import late_entry
from central_server.services.standing import DeskStory, desk_story
from central_server.storage.branches import Sign
from central_server.storage.units import DeskNode
from central_server.web.as_of import asked_as_of, shown_as_of
from central_server.web.day_strip import DayStrip, day_strip
from central_server.web.desk_rows import ruled_words
from central_server.web.flips import flip_section
from central_server.web.follow_section import Typed, follow_up_section
from central_server.web.formatting import local_time, number
from central_server.web.missing import MissingRow, missing_rows
from central_server.web.periods import PeriodShown, asked_period, shown_period
from central_server.web.present import central, language, signed_in
from central_server.web.speech import gettext
from central_server.web.words import VERDICT_NAMES, Told, course_of, declared_words, is_explained, known_unsent, tell
from sync_protocol.errors import N_
from sync_protocol.messages import Language
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode

desks = Blueprint("desks", __name__)


TWO_IN_USE = N_(
    "Machine %(slot)s: two copies of it are in use (noticed at %(at)s). Both are counted and waited for. "
    "Ask the desk which PC is the right one, and have the other one enrolled anew."
)
TWO_BRANCHES = N_(
    "Machine %(slot)s: another copy or an older state of it sent other entries under the same numbers (noticed at "
    "%(at)s). Both are kept, and each dossier counts once. Ask the desk whether two PCs use its data."
)
SIGN_TEXTS = {
    Sign.RESTORED: N_(
        "Machine %(slot)s: put back to an older state (noticed at %(at)s). What it had sent before stays here; it goes "
        "on with other dossier numbers. Ask the desk to compare with the paper register."
    ),
    Sign.COPIED: N_(
        "Machine %(slot)s: goes on from a copy of its data on another PC or in another folder (noticed at %(at)s). "
        "Nothing is counted twice. If the first one is still in use, have one of them enrolled anew."
    ),
    Sign.PARTED: TWO_BRANCHES,
    Sign.FOREIGN: TWO_BRANCHES,
    Sign.TWIN: TWO_IN_USE,
    Sign.TICKET: TWO_IN_USE,
}
"""What the page says of a machine that was restored or copied."""

LATE_EARLIER = N_("%(count)s dossiers of days before the period were entered in it.")
LATE_AFTER = N_("%(count)s dossiers of the period were entered after its end.")
LATE_BULK = N_("Entered at a stretch, from %(first)s to %(last)s: %(count)s dossiers of %(days)s days.")
LATE_WHY = N_(
    "Entering later is no fault: it may have been ordered, or the network was down. The desk has not said why."
)
"""What the page says of what was entered on a later day than received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePresent:
    """What is known of a machine now alone; `ahead` counts entries that it stated and that have not arrived."""

    app_version: str
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """A machine of the desk; `present` is not remembered of the past."""

    slot: int
    state: str
    enrolled_at: datetime
    heard_at: datetime | None
    covered_until: datetime | None
    present: MachinePresent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingRow:
    """An entry that waits for a person, or for this program to be updated."""

    entry: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRow:
    """What one machine of the desk declared of the period; `slot` is None where the desk has no other."""

    slot: int | None
    is_explained: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """A desk's page; `unsent` is None where nobody knows what its machines hold back."""

    period: PeriodShown
    desk: DeskNode
    told: Told
    unsent: int | None
    story: DeskStory
    strip: DayStrip
    machines: Sequence[MachineRow]
    declared: Sequence[DeclaredRow]
    differing: Sequence[DifferingRow]
    signs: Sequence[str]
    missing: Sequence[MissingRow]
    ruled: Sequence[str]
    late: Sequence[str]


@desks.get("/desks/<code>")
def show(code: str) -> str:
    """A desk's page, now or as it was known at the instant that the address names.

    Raises UnknownDesk, for one that the person may not see as for one that does not exist, and as the standings.
    """
    return shown_desk(code, asked_period(), as_of=asked_as_of())


def shown_desk(code: DeskCode, period: Period, typed: Typed | None = None, *, as_of: datetime | None = None) -> str:
    """A desk's page; `typed` is what a person wanted to note, and why it was refused. Raises UnknownDesk."""
    story = desk_story(central(), signed_in().person.scope, code, period, as_of=as_of)
    return render_template(
        "desk.html",
        page=_page(story, language()),
        follow_up=follow_up_section(story, typed),
        flips=flip_section(story),
        as_of=shown_as_of(story, "desks.show", code=code),
    )


def _page(story: DeskStory, language: Language) -> DeskPage:
    code = story.standing.desk.code
    # What single dossiers have become, and what is missing, nobody remembers of the past.
    figures = {} if story.is_past else field_figures(central(), story.period, [story.standing])
    present = {
        device.id.slot: MachinePresent(app_version=device.app_version, ahead=max(0, device.stated_head - device.head))
        for device in story.devices
    }
    return DeskPage(
        ruled=ruled_words(story.standing.terms, figures.get(code, ())),
        late=[] if story.is_past else _late_words(story),
        period=shown_period(story.period, story.now),
        desk=story.standing.desk,
        told=tell(story.standing.judgement, course_of(story), language),
        unsent=known_unsent(story.standing.judgement),
        story=story,
        strip=day_strip(story),
        machines=[
            MachineRow(
                slot=device.id.slot,
                state=gettext(STATE_NAMES[device.state]),
                enrolled_at=device.enrolled_at,
                heard_at=device.present.heard_at,
                covered_until=device.present.covered_until,
                present=present.get(device.id.slot),
            )
            for device in story.standing.devices
        ],
        declared=[
            DeclaredRow(
                slot=line.slot if len(story.standing.devices) > 1 else None,
                is_explained=is_explained(line.declared),
                words=declared_words(line),
            )
            for line in story.declared
        ],
        signs=[
            gettext(text, slot=slot, at=local_time(noticed_at))
            for (text, slot), noticed_at in {
                (SIGN_TEXTS[each.what], each.slot): each.noticed_at for each in story.signs
            }.items()
        ],
        missing=[] if story.is_past else missing_rows(code),
        differing=[
            DifferingRow(entry=str(each.entry), verdict=gettext(VERDICT_NAMES[each.verdict]), reason=each.reason)
            for each in story.differing
        ],
    )


def _late_words(story: DeskStory) -> list[str]:
    """What was entered late, with a word on whether the desk has explained the period; empty where nothing was."""
    late = late_entry(central(), story)
    words = [
        *([gettext(LATE_EARLIER, count=number(late.earlier))] if late.earlier else []),
        *([gettext(LATE_AFTER, count=number(late.after))] if late.after else []),
        *(
            gettext(
                LATE_BULK,
                first=local_time(each.first_at),
                last=local_time(each.last_at),
                count=number(each.dossiers),
                days=number(each.days),
            )
            for each in late.bulks
        ),
    ]
    is_open_why = words and not any(is_explained(line.declared) for line in story.declared)
    return [*words, gettext(LATE_WHY)] if is_open_why else words
