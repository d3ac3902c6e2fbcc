"""A desk as a row: the same figures, words and follow-up on every list of desks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from central_server.services.assessing import DeskStanding
from central_server.services.field_levels import FieldFigure
from central_server.services.listing import Beside
from central_server.services.terms import Terms
from central_server.storage.declarations import Explained
from central_server.storage.last_seen import NEVER
from central_server.web.follow_section import follow_up_word
from central_server.web.formatting import day_text, number
from central_server.web.speech import gettext
from central_server.web.trends import Trend, trend, trend_remarks
from central_server.web.words import CAUSE_NAMES, Course, Told, Word, book_words, known_unsent, tell
from sync_protocol.messages import Language
from sync_protocol.vocabulary import DeskCode

COMMON_NAME = "Bộ phận Một cửa "
"""What nearly every desk's name begins with; in a list of desks it only hides the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A desk in a list.

    unsent       None where nobody knows what its machines hold back
    is_proven    whether its figure is known to the period's end
    late         dossiers that it entered in the period for days before it, None where that was not asked
    cause        what the desk told as its cause, and how far its paper books have come; empty where it did not
    remarks      how often it was flagged, whether it has fallen, and what is ruled of it alone
    trend        None where there is nothing to draw
    follow_up    where the follow-up stands, None where nothing was noted
    """

    code: str
    name: str
    district: str
    phone: str
    told: Told
    arrived: int
    unsent: int | None
    entered: int
    threshold: int
    is_proven: bool
    known_until: datetime | None
    heard_at: datetime | None
    recorded_at: datetime | None
    late: int | None
    cause: str
    follow_up: Word | None
    trend: Trend | None
    remarks: Sequence[str]


def desk_row(standing: DeskStanding, beside: Beside, course: Course, language: Language) -> DeskRow:
    """The row of a desk."""
    judgement, desk = standing.judgement, standing.desk
    seen, state = beside.last_seen.get(desk.code, NEVER), beside.follow_ups.get(desk.code)
    return DeskRow(
        code=desk.code,
        name=desk.name.removeprefix(COMMON_NAME),
        district=desk.district.name,
        phone=desk.phone,
        told=tell(judgement, course, language),
        arrived=judgement.arrived,
        unsent=known_unsent(judgement),
        entered=judgement.entered,
        threshold=judgement.threshold,
        is_proven=judgement.flag_proven,
        known_until=judgement.covered_until,
        heard_at=seen.heard_at,
        recorded_at=seen.recorded_at,
        late=None if beside.late is None else beside.late.get(desk.code, 0),
        cause=_cause_words(beside.explained, desk.code),
        follow_up=follow_up_word(state) if state and state.was_noted else None,
        trend=trend(standing, beside.before),
        remarks=[
            *trend_remarks(standing, beside.before, course),
            *ruled_words(standing.terms, beside.fields.get(desk.code, ())),
        ],
    )


def ruled_words(terms: Terms, figures: Sequence[FieldFigure]) -> list[str]:
    """What is ruled of a desk alone: the days that its level is for, and its figures of single fields."""
    told = terms.existence
    of_days = (
        [
            gettext(
                "Level %(level)s for %(days)s of %(of_days)s days: in operation since %(begun)s",
                level=number(terms.threshold),
                days=number(told.days),
                of_days=number(told.of_days),
                begun=day_text(told.begun_on),
            )
        ]
        if told and not terms.is_unspoken
        else []
    )
    of_fields = (
        gettext(
            "Field %(field)s: %(arrived)s arrived, level %(level)s",
            field=each.field,
            arrived=number(each.arrived),
            level=number(each.threshold),
        )
        for each in figures
    )
    return [*of_days, *of_fields]


def _cause_words(explained: Mapping[DeskCode, Explained], code: DeskCode) -> str:
    """What a desk told of a period in a few words: its cause, and how far its paper books have come."""
    told = explained.get(code)
    if told is None:
        return ""
    cause = gettext(CAUSE_NAMES[told.cause]) if told.cause else ""
    return "; ".join(filter(None, (cause, book_words(told.paper_register_last, told.certification_book_last))))
