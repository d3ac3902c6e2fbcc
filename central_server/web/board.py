"""The standings page as a finished object: tiles, the two lists that are never mixed, and the tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import DeskStanding, Standings, UnitStandings
from central_server.services.trends import Past
from central_server.storage.declarations import Explained
from central_server.web.formatting import number, percent
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.speech import gettext
from central_server.web.trends import Trend, trend
from central_server.web.words import CAUSE_NAMES, Course, Group, Told, course_of, group_of, known_unsent, tell
from sync_protocol.messages import Language
from sync_protocol.vocabulary import Cause, DeskCode

ASKED = (Group.ZERO, Group.FEW)
BAR_UNITS = 100
UNIT_CHARACTERS_MAX = 40

PAGED_FROM = 500
"""Where so many desks or more are shown, the list of all of them stands on pages of its own."""

LIST_ROWS_MAX = 150
"""So many desks of a list stand on the page of standings."""
COMMON_NAME = "Bộ phận Một cửa "
"""What nearly every desk's name begins with; in a list of desks it only hides the rest."""


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
class DeskRow:
    """A desk in a list; `unsent` is None where nobody knows what its machines hold back."""

    code: str
    name: str
    phone: str
    told: Told
    arrived: int
    unsent: int | None
    trend: Trend


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

    standings  the parts of the whole list that it is made of, as the list of desks names them
    """

    id: str
    title: str
    lead: str
    empty: str
    count: int
    is_cut: bool
    standings: Sequence[WholeList]
    units: Sequence[UnitRows]


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
class UnitLine:
    """A supervising unit in figures; `id` is empty for the total.

    share        of its desks below the level, as text
    change       desks below the level more than in the period before, None where the period is still open
    change_word  whether that is better or worse, empty where nobody can say
    """

    id: str
    name: str
    desks: int
    zero: int
    few: int
    below: int
    unknown: int
    met: int
    arrived: int
    unsent: int
    share: str
    change: int | None
    change_word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWords:
    """The headings of the figures, which are softer while the period is open."""

    zero: str
    few: str
    below: str
    unknown: str
    met: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of how many desks the figures are known to the end; `share` of 100 for the bar."""

    known: int
    desks: int
    is_whole: bool
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The standings page."""

    period: PeriodShown
    is_open: bool
    unit_id: str
    unit_name: str
    choices: Sequence[UnitChoice]
    words: BoardWords
    tiles: Sequence[Tile]
    coverage: Coverage
    lists: Sequence[DeskList]
    causes: Sequence[CauseCount]
    units: Sequence[UnitLine]
    total: UnitLine
    all_desks: Sequence[UnitRows]
    is_paged: bool


def board(
    told: Standings,
    unit_id: str,
    before: Sequence[Past],
    explained: Mapping[DeskCode, Explained],
    language: Language,
) -> Board:
    """The page of standings, narrowed to the desks that a unit supervises where `unit_id` is not empty.

    before  the periods before for these desks, the nearest first: all of a short trend, or for very many desks just one
    """
    shown = supervised(told, unit_id)
    course, groups = course_of(shown), shown.by_unit()
    lines = [_line(unit, course, before) for unit in groups]
    total = _total(lines)
    below = max((each.judgement.threshold for each in shown.desks), default=1) - 1
    words = _words(course, below)
    is_paged = len(shown.desks) >= PAGED_FROM
    return Board(
        period=shown_period(shown.period, shown.now),
        is_open=course.is_open,
        unit_id=unit_id,
        unit_name=groups[0].unit.name if unit_id and groups else "",
        choices=unit_choices(told, unit_id),
        words=words,
        tiles=_tiles(words, total, course),
        coverage=_coverage(shown),
        lists=_lists(shown, before, words, language),
        causes=_causes(shown, course, explained),
        units=lines,
        total=total,
        all_desks=[] if is_paged else [_rows(unit, course, before, language) for unit in groups],
        is_paged=is_paged,
    )


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
    units = (each.unit for each in told.by_unit())
    return [UnitChoice(id=unit.id, name=unit.name, is_chosen=unit.id == unit_id) for unit in units]


def _rows(unit: UnitStandings, course: Course, before: Sequence[Past], language: Language) -> UnitRows:
    return UnitRows(name=unit.unit.name, rows=[_row(each, course, before, language) for each in unit.desks])


def _row(standing: DeskStanding, course: Course, before: Sequence[Past], language: Language) -> DeskRow:
    judgement = standing.judgement
    return DeskRow(
        code=standing.desk.code,
        name=standing.desk.name.removeprefix(COMMON_NAME),
        phone=standing.desk.phone,
        told=tell(judgement, course, language),
        arrived=judgement.arrived,
        unsent=known_unsent(judgement),
        trend=trend(standing, before, course),
    )


def _line(unit: UnitStandings, course: Course, before: Sequence[Past]) -> UnitLine:
    groups = Counter(group_of(each.judgement, course) for each in unit.desks)
    below = groups[Group.ZERO] + groups[Group.FEW]
    change = _change(unit, below, before) if before and not course.is_open else None
    return UnitLine(
        id=unit.unit.id,
        name=unit.unit.name,
        desks=len(unit.desks),
        zero=groups[Group.ZERO],
        few=groups[Group.FEW],
        below=below,
        unknown=groups[Group.UNKNOWN],
        met=groups[Group.MET],
        arrived=unit.arrived,
        unsent=unit.unsent,
        share=percent(below, len(unit.desks)),
        change=change,
        change_word=_change_word(change, groups[Group.UNKNOWN]),
    )


def _change(unit: UnitStandings, below: int, before: Sequence[Past]) -> int:
    return below - sum(before[0].is_flagged(each.desk.code) for each in unit.desks)


def _change_word(change: int | None, unknown: int) -> str:
    """Fewer proven desks are no good news while others are not known."""
    if not change or (change < 0 and unknown):
        return ""
    return gettext("worse") if change > 0 else gettext("better")


def _total(lines: Sequence[UnitLine]) -> UnitLine:
    changes = [line.change for line in lines if line.change is not None]
    change = sum(changes) if len(changes) == len(lines) else None
    return UnitLine(
        id="",
        name=gettext("Total"),
        desks=sum(line.desks for line in lines),
        zero=sum(line.zero for line in lines),
        few=sum(line.few for line in lines),
        below=sum(line.below for line in lines),
        unknown=sum(line.unknown for line in lines),
        met=sum(line.met for line in lines),
        arrived=sum(line.arrived for line in lines),
        unsent=sum(line.unsent for line in lines),
        share=percent(sum(line.below for line in lines), sum(line.desks for line in lines)),
        change=change,
        change_word=_change_word(change, sum(line.unknown for line in lines)),
    )


def _words(course: Course, below: int) -> BoardWords:
    if course.is_open:
        return BoardWords(
            zero=gettext("Nothing entered yet"),
            few=gettext("Behind the pace"),
            below=gettext("Not yet at pace in all"),
            unknown=gettext("Not known / on its way"),
            met=gettext("Reached or on pace"),
        )
    return BoardWords(
        zero=gettext("No dossiers (confirmed)"),
        few=gettext("Entered fewer than %(threshold)s (confirmed)", threshold=number(below + 1)),
        below=gettext("0–%(below)s in all", below=number(below)),
        unknown=gettext("Not known / on its way"),
        met=gettext("Met the level"),
    )


def _tiles(words: BoardWords, total: UnitLine, course: Course) -> list[Tile]:
    tone = "open" if course.is_open else "proven"
    nobody = gettext("nobody is accused yet") if course.is_open else gettext("ask for the cause")
    return [
        Tile(icon="zero", tone=tone, count=total.zero, label=words.zero, note=nobody, target="ask"),
        Tile(icon="few", tone=tone, count=total.few, label=words.few, note=nobody, target="ask"),
        Tile(icon="sum", tone=tone, count=total.below, label=words.below, note=gettext("both together"), target="ask"),
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
    desks = len(told.desks)
    return Coverage(
        known=told.covered_count,
        desks=desks,
        is_whole=told.covered_count == desks,
        share=told.covered_count * BAR_UNITS // desks if desks else 0,
    )


def _lists(told: Standings, before: Sequence[Past], words: BoardWords, language: Language) -> list[DeskList]:
    """The lists that are never mixed; the last one only where a desk fell that nobody else asks about."""
    course = course_of(told)
    grouped = [(each, group_of(each.judgement, course)) for each in told.desks]

    def listed(id_: str, head: ListHead, desks: Sequence[DeskStanding], whole: Sequence[WholeList]) -> DeskList:
        units = replace(told, desks=desks[:LIST_ROWS_MAX]).by_unit()
        return DeskList(
            id=id_,
            title=head.title,
            lead=head.lead,
            empty=head.empty,
            count=len(desks),
            is_cut=len(desks) > LIST_ROWS_MAX,
            standings=whole,
            units=[_rows(unit, course, before, language) for unit in units],
        )

    fallen = [each for each, group in grouped if group is Group.MET and trend(each, before, course).has_fallen]
    lists = [
        listed(
            "ask",
            _asked_head(course),
            [each for each, group in grouped if group in ASKED],
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


def _causes(told: Standings, course: Course, explained: Mapping[DeskCode, Explained]) -> list[CauseCount]:
    """The causes that desks below the level, or not known, have declared, and how many have not said one."""
    asked = [each.desk.code for each in told.desks if group_of(each.judgement, course) in (*ASKED, Group.UNKNOWN)]
    causes = Counter(explained[code].cause if code in explained else None for code in asked)
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
