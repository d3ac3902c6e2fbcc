"""The standings page as a finished object: tiles, the two lists that are never mixed, and the tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from central_server.services.assessing import DeskStanding
from central_server.services.listing import Beside
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import Standings
from central_server.storage.declarations import Explained
from central_server.web.desk_rows import DeskRow, desk_row
from central_server.web.formatting import number
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.speech import gettext
from central_server.web.trends import has_fallen_in
from central_server.web.unit_lines import Grouped, Headings, UnitLine, headings, unit_lines
from central_server.web.words import BELOW, CAUSE_NAMES, Course, Group, course_of, group_of
from sync_protocol.messages import Language
from sync_protocol.vocabulary import Cause, DeskCode

EXPLAINING = (*BELOW, Group.UNKNOWN)
BAR_UNITS = 100
UNIT_CHARACTERS_MAX = 40

PAGED_FROM = 500
"""Where so many desks or more are shown, the list of all of them stands on pages of its own."""

LIST_ROWS_MAX = 150
"""So many desks of a list stand on the page of standings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure of the summary; it leads to the place where the desks behind it stand."""

    icon: str
    tone: str
    count: int
    label: str
    note: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChoice:
    """A supervising unit that the page can be narrowed to."""

    id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRows:
    """Desks of a list under the unit that supervises them."""

    name: str
    rows: Sequence[DeskRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeList:
    """A link to the list of all desks of one standing."""

    standing: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskList:
    """A list of desks with the sentence that says what it is; of a long one only its beginning stands on the page.

    count        all its desks, the quiet ones among them
    standings    the parts of the whole list that it is made of, as the list of desks names them
    quiet_count  desks that nobody has to call today, since they have promised or are acknowledged: they stand apart
    """

    id: str
    title: str
    lead: str
    empty: str
    count: int
    is_cut: bool
    standings: Sequence[WholeList]
    units: Sequence[UnitRows]
    quiet_count: int
    quiet: Sequence[UnitRows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHead:
    """What stands above a list, and in its place where it is empty."""

    title: str
    lead: str
    empty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCount:
    """How many of the desks that are asked for a cause have declared one."""

    name: str
    desks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of how many desks the figures are known to the end; `share` of 100 for the bar."""

    known: int
    desks: int
    is_whole: bool
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The standings page; `letter_unit` is the one unit that it shows, whose reminder letter it offers, "" for more."""

    period: PeriodShown
    is_open: bool
    unit_id: str
    unit_name: str
    letter_unit: str
    choices: Sequence[UnitChoice]
    words: Headings
    tiles: Sequence[Tile]
    coverage: Coverage
    lists: Sequence[DeskList]
    causes: Sequence[CauseCount]
    units: Sequence[UnitLine]
    total: UnitLine
    all_desks: Sequence[UnitRows]
    is_paged: bool


def board(told: Standings, unit_id: str, beside: Beside, flat: int, language: Language) -> Board:
    """The page of standings, narrowed to the desks that a unit supervises where `unit_id` is not empty.

    beside  of these desks; the periods before are all of a short trend, or for very many desks just one
    flat    the level that lists are published by
    """
    shown = supervised(told, unit_id)
    course = course_of(shown)
    grouped = [(each, group_of(each.judgement, course)) for each in shown.desks]
    # Nobody is compared while the period runs.
    past = beside.before[0] if beside.before and not course.is_open else None
    lines, total = unit_lines(grouped, past, flat)
    words = headings(shown, flat)
    is_paged = len(shown.desks) >= PAGED_FROM
    return Board(
        period=shown_period(shown.period, shown.now),
        is_open=course.is_open,
        unit_id=unit_id,
        unit_name=lines[0].name if unit_id and lines else "",
        letter_unit=lines[0].id if len(lines) == 1 and _is_reminded(total, course) else "",
        choices=unit_choices(told, unit_id),
        words=words,
        tiles=_tiles(words, total, course),
        coverage=_coverage(shown),
        lists=_lists(shown, grouped, beside, words, language),
        causes=_causes(grouped, beside.explained),
        units=lines,
        total=total,
        all_desks=[] if is_paged else _rows(shown, shown.desks, beside, language),
        is_paged=is_paged,
    )


def _is_reminded(total: UnitLine, course: Course) -> bool:
    """Whether a letter would have anybody to name."""
    return not course.is_open and bool(total.below.desks or total.unknown)


def supervised(told: Standings, unit_id: str) -> Standings:
    """Standings narrowed to the desks that a unit supervises, where one is named.

    Raises UnknownUnit for a unit that is not in the person's own list.
    """
    if not unit_id:
        return told
    narrowed = [each for each in told.desks if each.desk.district.id == unit_id]
    if not narrowed:
        raise UnknownUnit(unit=unit_id[:UNIT_CHARACTERS_MAX])
    return replace(told, desks=narrowed)


def unit_choices(told: Standings, unit_id: str) -> list[UnitChoice]:
    """The units that a page can be narrowed to."""
    units = {each.desk.district.id: each.desk.district.name for each in told.desks}
    return [UnitChoice(id=id_, name=name, is_chosen=id_ == unit_id) for id_, name in units.items()]


def _rows(told: Standings, desks: Sequence[DeskStanding], beside: Beside, language: Language) -> list[UnitRows]:
    """Desks of `told` under the units that supervise them."""
    course = course_of(told)
    return [
        UnitRows(name=unit.unit.name, rows=[desk_row(each, beside, course, language) for each in unit.desks])
        for unit in replace(told, desks=desks).by_unit()
    ]


def _tiles(words: Headings, total: UnitLine, course: Course) -> list[Tile]:
    tone = "open" if course.is_open else "proven"
    nobody = gettext("nobody is accused yet") if course.is_open else gettext("ask for the cause")
    return [
        Tile(icon="zero", tone=tone, count=total.zero.desks, label=words.zero, note=nobody, target="ask"),
        Tile(icon="few", tone=tone, count=total.few.desks, label=words.few, note=nobody, target="ask"),
        Tile(
            icon="sum",
            tone=tone,
            count=total.below.desks,
            label=words.below,
            note=gettext("both together"),
            target="ask",
        ),
        Tile(
            icon="silent",
            tone="unknown",
            count=total.unknown,
            label=words.unknown,
            note=gettext("no conclusion yet"),
            target="unknown",
        ),
        Tile(
            icon="met",
            tone="good",
            count=total.met,
            label=words.met,
            note=gettext("of %(desks)s desks", desks=number(total.desks)),
            target="all",
        ),
    ]


def _coverage(told: Standings) -> Coverage:
    known, desks = told.covered_count, len(told.desks)
    return Coverage(known=known, desks=desks, is_whole=known == desks, share=known * BAR_UNITS // desks if desks else 0)


def _lists(
    told: Standings, grouped: Sequence[Grouped], beside: Beside, words: Headings, language: Language
) -> list[DeskList]:
    """The lists that are never mixed; the last one only where a desk fell that nobody else asks about."""
    course = course_of(told)
    put_off = {code for code, state in beside.follow_ups.items() if state.is_put_off}

    def listed(id_: str, head: ListHead, desks: Sequence[DeskStanding], whole: Sequence[WholeList]) -> DeskList:
        quiet = [each for each in desks if each.desk.code in put_off]
        to_call = [each for each in desks if each.desk.code not in put_off]
        return DeskList(
            id=id_,
            title=head.title,
            lead=head.lead,
            empty=head.empty,
            count=len(desks),
            is_cut=max(len(quiet), len(to_call)) > LIST_ROWS_MAX,
            standings=whole,
            units=_rows(told, to_call[:LIST_ROWS_MAX], beside, language),
            quiet_count=len(quiet),
            quiet=_rows(told, quiet[:LIST_ROWS_MAX], beside, language),
        )

    fallen = [each for each, group in grouped if group is Group.MET and has_fallen_in(each, beside.before, course)]
    lists = [
        listed(
            "ask",
            _asked_head(course),
            [each for each, group in grouped if group in BELOW],
            [
                WholeList(standing=Group.ZERO.value, name=words.zero),
                WholeList(standing=Group.FEW.value, name=words.few),
            ],
        ),
        listed(
            "unknown",
            _unknown_head(),
            [each for each, group in grouped if group is Group.UNKNOWN],
            [WholeList(standing=Group.UNKNOWN.value, name=words.unknown)],
        ),
    ]
    return [*lists, listed("fallen", _fallen_head(), fallen, [])] if fallen else lists


def _causes(grouped: Sequence[Grouped], explained: Mapping[DeskCode, Explained]) -> list[CauseCount]:
    """The causes that desks below the level, or not known, have declared, and how many have not said one."""
    asked = [each.desk.code for each, group in grouped if group in EXPLAINING]
    said = explained.keys() & asked if explained else set()
    causes = Counter(explained[code].cause for code in said)
    causes[None] += len(asked) - len(said)
    named = [
        CauseCount(name=gettext(CAUSE_NAMES[cause]), desks=causes[cause])
        for cause in Cause
        if causes[cause] and cause in CAUSE_NAMES
    ]
    silent = [CauseCount(name=gettext("No cause told yet"), desks=causes[None])] if causes[None] else []
    return [*named, *silent] if named else []


def _asked_head(course: Course) -> ListHead:
    if course.is_open:
        title = gettext("Behind so far")
        lead = gettext("The period is still open: remind these desks, accuse none of them.")
    else:
        title = gettext("Ask for the cause")
        lead = gettext("Proven: these machines have stated to the end of the period that they hold nothing back.")
    return ListHead(title=title, lead=lead, empty=gettext("No desk is proven to be below the level."))


def _unknown_head() -> ListHead:
    return ListHead(
        title=gettext("Not enough evidence – no conclusion yet"),
        lead=gettext("Their dossiers may still be on their way. Do not count them as having entered nothing or few."),
        empty=gettext("Nothing is on its way: every desk is known."),
    )


def _fallen_head() -> ListHead:
    return ListHead(
        title=gettext("Met the level, but entered much less than before"),
        lead=gettext(
            "Less than half of their own mean of the three periods before. Not a fault: ask what has changed."
        ),
        empty="",
    )
